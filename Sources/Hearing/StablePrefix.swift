/// What of a line that is still being heard will probably stay: the words that were the same the last time. Pure.
package struct StablePrefix: Sendable {
    private var line: Int?
    private var before: [Substring] = []
    /// What was told of this line never becomes less.
    private var told: [Substring] = []

    package init() {}

    /// What may be shown of a partial; nil where it is nothing new.
    package mutating func take(_ text: String, of id: Int) -> String? {
        if line != id { (line, before, told) = (id, [], []) }
        let words = text.split(whereSeparator: \.isWhitespace)
        var common = 0
        while common < min(words.count, before.count), words[common] == before[common] { common += 1 }
        before = words
        let shown = Array(words.prefix(common))
        // Words that were shown and are other ones now are mended by the final.
        guard shown.count > told.count else { return nil }
        told = shown
        return shown.joined(separator: " ")
    }

    /// The line is over.
    package mutating func finish(_ id: Int) {
        if line == id { (line, before, told) = (nil, [], []) }
    }
}
