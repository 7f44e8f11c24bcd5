import Foundation

/// A command's words on one line: what would end a word is written as `%20` and the like.
enum ControlWords {
    private static let plain = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=@+")

    static func line(_ words: [String]) -> String {
        words.map { $0.addingPercentEncoding(withAllowedCharacters: plain) ?? "" }.joined(separator: " ")
    }

    static func read(_ line: String) -> [String] {
        line.split(separator: " ").map { $0.removingPercentEncoding ?? String($0) }
    }
}
