import Foundation

/// Words that an operator does not want in chats, by language. Pure.
///
/// A file of the folder is a list: `any.txt` is for every message, `es.txt` for messages in Spanish and for those whose
/// language nobody can tell. A line is a word or several; `?` before it has a moderator look first; `#` begins a remark.
/// Words of scripts with spaces match whole words only, those of others wherever they stand.
package struct WordLists: Sendable {
    package enum Verdict: Int, Hashable, Sendable, Comparable {
        case hold, refuse
        package static func < (a: Verdict, b: Verdict) -> Bool { a.rawValue < b.rawValue }
    }

    private struct Entry: Sendable {
        var verdict: Verdict
        /// Nil: every language.
        var language: String?
        /// One list of runs a word; a single one that is looked for anywhere where `isAnywhere`.
        var words: [[FoldedText.Run]]
    }

    package static let fileLimit = 1 << 20
    private static let wordsAtMost = 20_000
    private static let anyName = "any"

    private var whole: [[UInt32]: [Entry]] = [:]
    private var anywhere: [UInt32: [Entry]] = [:]
    package private(set) var count = 0

    package init() {}

    /// Lists by the language's name (`any`, `es`); each a text with a word a line.
    package init(_ lists: [String: String]) {
        for (name, text) in lists {
            for line in text.split(whereSeparator: \.isNewline) { add(line, of: name) }
        }
    }

    /// The `.txt` files of a folder. Throws `WordListFault` where one cannot be read. Waits for the disk.
    package init(folder: String) throws {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw WordListFault("the folder '\(folder)' of word lists cannot be read")
        }
        var lists: [String: String] = [:]
        for name in names.sorted() where name.hasSuffix(".txt") {
            let path = "\(folder)/\(name)"
            guard let data = FileManager.default.contents(atPath: path), data.count <= WordLists.fileLimit,
                let text = String(data: data, encoding: .utf8)
            else {
                throw WordListFault(
                    "the word list '\(path)' must be UTF-8 text of at most \(WordLists.fileLimit >> 20) MiB")
            }
            lists[String(name.dropLast(4))] = text
        }
        self.init(lists)
        guard count <= WordLists.wordsAtMost else {
            throw WordListFault(
                "the word lists in '\(folder)' have \(count) words: at most \(WordLists.wordsAtMost) are possible"
            )
        }
    }

    private mutating func add(_ line: Substring, of name: String) {
        var text = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
        let verdict: Verdict = text.hasPrefix("?") ? .hold : .refuse
        if verdict == .hold { text.removeFirst() }
        let folded = FoldedText(text)
        let flat = folded.flat
        guard !flat.isEmpty else { return }
        let language = name == WordLists.anyName ? nil : name.split(separator: "-").first.map(String.init)
        count += 1
        if flat.contains(where: { WordLists.isWithoutSpaces($0.scalar) }) {
            anywhere[flat[0].scalar, default: []].append(
                Entry(verdict: verdict, language: language, words: [flat]))
        } else {
            // As it stands: a list says what it means.
            let words = folded.words.compactMap(\.first)
            whole[words[0].map(\.scalar), default: []].append(
                Entry(verdict: verdict, language: language, words: words))
        }
    }

    /// Han, kana, Hangul, Thai, Lao, Khmer, Burmese.
    private static func isWithoutSpaces(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x3040...0x30FF,
            0x3100...0x318F, 0x3400...0x9FFF, 0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF,
            0x20000...0x3FFFF:
            true
        default: false
        }
    }

    /// What is to be done with a message in this language (nil: nobody can tell); nil: nothing.
    package func verdict(on text: FoldedText, language: String?) -> Verdict? {
        guard count > 0 else { return nil }
        var worst: Verdict?
        func note(_ entry: Entry) {
            guard entry.language == nil || language == nil || entry.language == language else { return }
            worst = max(worst ?? entry.verdict, entry.verdict)
        }
        let words = text.words
        for (place, readings) in words.enumerated() {
            for reading in readings {
                for entry in whole[reading.map(\.scalar)] ?? []
                where WordLists.matches(entry.words, words[place...], first: reading) {
                    note(entry)
                }
            }
        }
        guard !anywhere.isEmpty else { return worst }
        let flat = text.flat
        for place in flat.indices {
            for entry in anywhere[flat[place].scalar] ?? []
            where WordLists.stands(entry.words[0], in: flat[place...]) {
                note(entry)
            }
        }
        return worst
    }

    /// As often as the list has it, or three times and more: nobody means that.
    private static func matches(_ run: FoldedText.Run, _ wanted: FoldedText.Run) -> Bool {
        run.scalar == wanted.scalar
            && (run.count == wanted.count || (run.count >= 3 && run.count >= wanted.count))
    }

    private static func matches(
        _ wanted: [[FoldedText.Run]], _ words: ArraySlice<[[FoldedText.Run]]>, first: [FoldedText.Run]
    ) -> Bool {
        func isWord(_ reading: [FoldedText.Run], _ wanted: [FoldedText.Run]) -> Bool {
            reading.count == wanted.count && zip(reading, wanted).allSatisfy { matches($0, $1) }
        }
        guard words.count >= wanted.count, isWord(first, wanted[0]) else { return false }
        return zip(words.dropFirst(), wanted.dropFirst()).allSatisfy { readings, wanted in
            readings.contains { isWord($0, wanted) }
        }
    }

    /// At the beginning of `text`; its first and last characters may go on beyond the word.
    private static func stands(_ wanted: [FoldedText.Run], in text: ArraySlice<FoldedText.Run>) -> Bool {
        guard text.count >= wanted.count else { return false }
        for (place, (run, own)) in zip(text, wanted).enumerated() {
            let isEnd = place == 0 || place == wanted.count - 1
            guard run.scalar == own.scalar, isEnd ? run.count >= own.count : matches(run, own) else {
                return false
            }
        }
        return true
    }
}

/// Why word lists cannot be used.
package struct WordListFault: Error, CustomStringConvertible, Hashable {
    package let description: String
    init(_ description: String) { self.description = description }
}
