/// Leaves of bad words their first letter. Pure.
enum ProfanityMask {
    /// Words in a bad expression.
    private static let mostWords = 3

    static func masked(_ words: [SpokenWord], _ isBad: (String) -> Bool) -> [SpokenWord] {
        var words = words
        var place = 0
        while place < words.count {
            let most = min(mostWords, words.count - place)
            let count = (1...most).first { count in
                isBad(
                    words[place..<place + count].map { String(BareWord($0.text).word) }.joined(separator: " ")
                )
            }
            for index in place..<place + (count ?? 0) { words[index].text = masked(words[index].text) }
            place += count ?? 1
        }
        return words
    }

    private static func masked(_ text: String) -> String {
        let bare = BareWord(text)
        let hidden = String(repeating: "*", count: max(0, bare.word.count - 1))
        return "\(bare.before)\(bare.word.prefix(1))\(hidden)\(bare.after)"
    }
}
