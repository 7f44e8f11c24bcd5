import Foundation
import Media

/// A text as an engine may have it: what has to survive is marked, and found again in the answer.
///
/// Pictures and mentions at either end are not shown to the engine at all. Numbers may be left in the open; then the
/// answer has to hold each of them as it was written.
struct MaskedText: Sendable {
    /// What the engine gets.
    let body: String
    /// Whether numbers stand in the open, so that masking them would make a difference.
    let hasNumbers: Bool

    private let lead: String
    private let tail: String
    /// What stands in the answer in each mask's place.
    private let kept: [String]
    private let numbers: [String]
    private let masks: TranslatorManner.Masks

    /// Nil where the text itself looks like a mask, or has more than there are masks.
    init?(
        _ text: String, glossary: Glossary, to language: LanguageTag, masks: TranslatorManner.Masks,
        areNumbersMasked: Bool
    ) {
        let characters = Array(text)
        var spans = ProtectedSpan.find(in: characters, glossary: glossary)
        var start = 0
        var end = characters.count
        while let first = spans.first, first.isOutside, characters.isBlank(start..<first.range.lowerBound) {
            start = characters.endOfBlank(from: first.range.upperBound)
            spans.removeFirst()
        }
        while let last = spans.last, last.isOutside, last.range.lowerBound >= start,
            characters.isBlank(last.range.upperBound..<end)
        {
            end = characters.startOfBlank(before: last.range.lowerBound)
            spans.removeLast()
        }
        end = max(start, end)
        self.masks = masks
        lead = String(characters[..<start])
        tail = String(characters[end...])

        var body = ""
        var kept: [String] = []
        var numbers: [String] = []
        var place = start
        func lay(_ range: Range<Int>) {
            let piece = String(characters[range])
            body += masks == .tags ? MaskedText.escaped(piece) : piece
        }
        for span in spans {
            let written = String(characters[span.range])
            var rendering = written
            if case .term(let number) = span.kind {
                // A term without a rendering here is the engine's to translate.
                guard let fixed = glossary.terms[number].rendering(of: written, in: language) else {
                    continue
                }
                rendering = fixed
            }
            if span.kind == .number, !areNumbersMasked,
                !written.contains(where: { $0.isCurrencySymbol || $0.isLetter })
            {
                numbers.append(MaskedText.digits(of: written))
                continue
            }
            lay(place..<span.range.lowerBound)
            body += MaskedText.mask(kept.count, written, masks)
            kept.append(rendering)
            place = span.range.upperBound
        }
        lay(place..<end)
        guard kept.count <= MaskedText.most else { return nil }
        if masks == .words, !kept.isEmpty, text.lowercased().contains(MaskedText.stem) { return nil }
        self.body = body
        self.kept = kept
        self.numbers = numbers
        hasNumbers = !numbers.isEmpty
    }

    /// The whole text again, of the engine's answer; nil where something that has to survive did not, or where the answer
    /// is no line of text.
    func restored(from answer: String) -> String? {
        let answer = answer.trimmed
        guard !answer.isEmpty, answer.utf8.count <= 400 + body.utf8.count * 6, !answer.hasHiddenControls
        else {
            return nil
        }
        let pieces = masks == .tags ? MaskedText.tagged(answer) : MaskedText.worded(answer)
        guard let pieces else { return nil }
        var seen = Set<Int>()
        var text = ""
        var open = ""
        for piece in pieces {
            switch piece {
            case .text(let part):
                text += part
                open += part + " "
            case .mask(let number):
                guard kept.indices.contains(number), seen.insert(number).inserted else { return nil }
                text += kept[number]
                open += " "
            }
        }
        guard seen.count == kept.count, MaskedText.holds(numbers, open) else { return nil }
        // Nor one that was made up.
        guard !open.lowercased().contains(MaskedText.stem) || body.lowercased().contains(MaskedText.stem)
        else {
            return nil
        }
        let whole = lead + text + tail
        // Given back as it came: no translation.
        return text.lowercased() == String(body).lowercased() && kept.isEmpty ? nil : whole
    }

    // MARK: Masks

    private enum Piece {
        case text(String)
        case mask(Int)
    }

    private static let most = 26
    /// No word of any language begins so.
    private static let stem = "zqx"

    private static func mask(_ number: Int, _ written: String, _ masks: TranslatorManner.Masks) -> String {
        switch masks {
        case .words:
            let letter = UnicodeScalar(UInt8(ascii: "a") + UInt8(truncatingIfNeeded: number % most))
            return "Zqx" + String(Character(letter))
        case .tags: return "<m i=\"\(number)\">\(escaped(written))</m>"
        }
    }

    /// Nil where a mask was changed.
    private static func worded(_ answer: String) -> [Piece]? {
        var pieces: [Piece] = []
        var open = ""
        let characters = Array(answer)
        var place = 0
        while place < characters.count {
            guard place + 2 < characters.count,
                String(characters[place..<place + 3]).lowercased() == stem
            else {
                open.append(characters[place])
                place += 1
                continue
            }
            guard place + 3 < characters.count,
                let letter = characters[place + 3].lowercased().first?.asciiValue,
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter),
                place == 0 || !characters[place - 1].isPartOfWord,
                place + 4 == characters.count || !characters[place + 4].isPartOfWord
            else { return nil }
            pieces += [.text(open), .mask(Int(letter - UInt8(ascii: "a")))]
            open = ""
            place += 4
        }
        return pieces + [.text(open)]
    }

    /// Nil where the tags are not as they were.
    private static func tagged(_ answer: String) -> [Piece]? {
        var pieces: [Piece] = []
        var rest = answer[...]
        while let start = rest.firstIndex(of: "<") {
            guard let open = unescaped(rest[..<start]) else { return nil }
            pieces.append(.text(open))
            rest = rest[start...]
            guard rest.hasPrefix("<m i=\""), let quote = rest.dropFirst(6).firstIndex(of: "\""),
                let number = Int(rest[rest.index(rest.startIndex, offsetBy: 6)..<quote])
            else { return nil }
            rest = rest[rest.index(after: quote)...]
            if rest.hasPrefix("/>") {
                rest = rest.dropFirst(2)
            } else {
                guard rest.hasPrefix(">"), let close = rest.range(of: "</m>"),
                    !rest[rest.index(after: rest.startIndex)..<close.lowerBound].contains("<")
                else { return nil }
                rest = rest[close.upperBound...]
            }
            pieces.append(.mask(number))
        }
        guard let open = unescaped(rest) else { return nil }
        return pieces + [.text(open)]
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static func unescaped(_ text: Substring) -> String? {
        guard !text.contains(">") else { return nil }
        return String(text).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing(
            "&quot;", with: "\""
        )
        .replacing("&apos;", with: "'").replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    }

    // MARK: Numbers

    /// A number with its percent sign, however they are set.
    private static func digits(of number: String) -> String { String(number.filter { !$0.isWhitespace }) }

    /// Whether each of the numbers stands in the text, as often as it has to, and not as a part of another one.
    private static func holds(_ numbers: [String], _ text: String) -> Bool {
        guard !numbers.isEmpty else { return true }
        var found: [String: Int] = [:]
        let characters = Array(text)
        for span in ProtectedSpan.find(in: characters, glossary: .empty) where span.kind == .number {
            found[digits(of: String(characters[span.range])), default: 0] += 1
        }
        for number in numbers {
            guard let count = found[number], count > 0 else { return false }
            found[number] = count - 1
        }
        return true
    }
}

extension ProtectedSpan {
    /// What stands around a sentence rather than in it.
    fileprivate var isOutside: Bool { kind == .picture || kind == .mention || kind == .tag }
}

extension [Character] {
    fileprivate func isBlank(_ range: Range<Int>) -> Bool { self[range].allSatisfy(\.isWhitespace) }

    fileprivate func endOfBlank(from place: Int) -> Int {
        var place = place
        while place < count, self[place].isWhitespace { place += 1 }
        return place
    }

    fileprivate func startOfBlank(before place: Int) -> Int {
        var place = place
        while place > 0, self[place - 1].isWhitespace { place -= 1 }
        return place
    }
}

extension Character {
    /// Of a word that is written with spaces around: next to it a mask is not the one that was set.
    fileprivate var isPartOfWord: Bool { isWordPart && !isWrittenWithoutSpaces }
}

extension String {
    /// Without white space at its ends, and with single spaces for line ends.
    var trimmed: String {
        let line = split(whereSeparator: \.isNewline).joined(separator: " ")
        guard let first = line.firstIndex(where: { !$0.isWhitespace }),
            let last = line.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(line[first...last])
    }

    /// Controls, and marks that turn the direction of what follows.
    var hasHiddenControls: Bool {
        unicodeScalars.contains { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }
}
