import Foundation
import Media

/// A mode of Apertium: the programs that translate from one language to another.
struct ApertiumMode: Sendable, Hashable {
    var from: LanguageTag
    var to: LanguageTag
    /// Each a program and its arguments, set to answer at once when a text ends with a null byte.
    var programs: [[String]]

    /// Of a `.mode` file; nil where it is not for one of our languages, or holds what a mode does not.
    init?(name: String, text: String) {
        let parts = name.split(separator: "-").map(String.init)
        guard parts.count == 2, let from = ApertiumMode.language(parts[0]),
            let to = ApertiumMode.language(parts[1]),
            from != to, !ApertiumMode.hanging.contains([from.text, to.text])
        else { return nil }
        var programs: [[String]] = []
        for piece in text.split(separator: "|") {
            guard var words = ApertiumMode.words(of: piece), let program = words.first,
                program.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
            else { return nil }
            words.insert("-z", at: 1)
            programs.append(words)
        }
        guard !programs.isEmpty else { return nil }
        self.from = from
        self.to = to
        self.programs = programs
    }

    /// All of a folder, the best of each pair: Brazilian Portuguese before European, which most viewers write.
    static func all(in folder: String) -> [ApertiumMode] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var modes: [LanguagePair: ApertiumMode] = [:]
        for name in names.sorted() where name.hasSuffix(".mode") {
            let stem = String(name.dropLast(5))
            guard let text = try? String(contentsOfFile: folder + "/" + name, encoding: .utf8),
                text.utf8.count < 65_536, let mode = ApertiumMode(name: stem, text: text)
            else { continue }
            let pair = LanguagePair(from: mode.from, to: mode.to)
            if modes[pair] == nil || stem.hasSuffix("_BR") { modes[pair] = mode }
        }
        return modes.values.sorted { ($0.from.text, $0.to.text) < ($1.from.text, $1.to.text) }
    }

    /// Pairs whose programs never answer before their input ends.
    private static let hanging: Set<[String]> = [["id", "ms"], ["ms", "id"]]

    private static let languages = [
        "eng": "en", "en": "en", "spa": "es", "es": "es", "por": "pt", "pt": "pt", "pt_BR": "pt", "fra": "fr",
        "fr": "fr", "ita": "it", "it": "it", "cat": "ca", "ca": "ca", "glg": "gl", "gl": "gl", "rus": "ru",
        "ru": "ru", "ukr": "uk", "uk": "uk", "deu": "de", "de": "de", "ind": "id", "id": "id", "zlm": "ms",
        "ms": "ms",
    ]

    private static func language(_ name: String) -> LanguageTag? {
        languages[name].map(LanguageTag.known)
    }

    /// Words as a shell reads them: parted by spaces, or within single quotes. `$1` asks for a text without marks of words
    /// that are not known; other variables are empty.
    private static func words(of text: Substring) -> [String]? {
        var words: [String] = []
        var rest = text.drop(while: \.isWhitespace)
        while let first = rest.first {
            if first == "'" {
                let inner = rest.dropFirst()
                guard let end = inner.firstIndex(of: "'") else { return nil }
                words.append(String(inner[..<end]))
                rest = inner[inner.index(after: end)...]
            } else {
                let word = rest.prefix { !$0.isWhitespace && $0 != "'" }
                guard !word.contains(where: { "\"\\;&<>`(){}*?".contains($0) }) else { return nil }
                if word == "$1" {
                    words.append("-n")
                } else if !word.hasPrefix("$") {
                    words.append(String(word))
                }
                rest = rest[word.endIndex...]
            }
            rest = rest.drop(while: \.isWhitespace)
        }
        return words
    }
}

/// Texts as Apertium's programs hand them on: what means something to them is escaped.
enum ApertiumText {
    /// With what lets the programs know that the sentence ends.
    static func request(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            // A null byte is the end.
            guard byte != 0 else { continue }
            if special.contains(byte) { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        return bytes + Array("[][\n]".utf8) + [0]
    }

    static func text(of answer: [UInt8]) -> String {
        var bytes: [UInt8] = []
        var isEscaped = false
        var depth = 0
        for byte in answer {
            if isEscaped {
                isEscaped = false
                if depth == 0 { bytes.append(byte) }
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "[") {
                depth += 1
            } else if byte == UInt8(ascii: "]") {
                depth = max(0, depth - 1)
            } else if depth == 0 {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let special = Set("\\[]{}^$/<>@".utf8)
}
