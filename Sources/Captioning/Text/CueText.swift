/// What a caption says, fit to be shown anywhere: lines of plain text, whoever sent it.
///
/// Gone are control characters, what turns the direction of what follows (of bidirectional text the marks stay, the
/// overrides and embeddings go), noncharacters, empty lines, blanks at the ends of lines, and marks that are piled up on a
/// letter.
package struct CueText: Hashable, Sendable, CustomStringConvertible {
    /// Longer ones are cut (Unicode scalars); longer names are none.
    package static let longest = 1000
    package static let longestName = 80
    package static let mostLines = 8
    /// More marks on one letter than any language writes.
    private static let mostMarks = 6

    /// Without a line end at the end; empty where there is nothing to show.
    package let text: String

    package init(_ raw: some StringProtocol) {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var (marks, count) = (CueText.mostMarks, 0)
        var isAfterReturn = false
        func end() {
            // Blanks within a line are one.
            let words = String(line).split(whereSeparator: \.isBlank)
            if !words.isEmpty { lines.append(words.joined(separator: " ")) }
            line = String.UnicodeScalarView()
            // At the beginning of a line there is no letter for a mark.
            marks = CueText.mostMarks
        }
        for scalar in raw.unicodeScalars {
            guard count < CueText.longest, lines.count < CueText.mostLines else { break }
            defer { isAfterReturn = scalar == "\r" }
            switch scalar {
            case "\n" where isAfterReturn: continue
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{0B}", "\u{0C}":
                end()
                continue
            default: break
            }
            guard CueText.isShown(scalar) else { continue }
            if scalar.properties.generalCategory.isMark {
                marks += 1
                if marks > CueText.mostMarks { continue }
            } else {
                marks = 0
            }
            line.append(scalar == "\t" ? " " : scalar)
            count += 1
        }
        if lines.count < CueText.mostLines { end() }
        text = lines.joined(separator: "\n")
    }

    /// Who speaks, or what heard it, as clean as that, in one line; nil where that is nothing or too long.
    package static func name(_ raw: some StringProtocol) -> String? {
        guard raw.unicodeScalars.count <= longestName else { return nil }
        let name = CueText(raw).lines.joined(separator: " ")
        return name.isEmpty ? nil : name
    }

    package var isEmpty: Bool { text.isEmpty }
    package var description: String { text }
    package var lines: [Substring] { text.split(separator: "\n") }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: true
        case 0..<0x20, 0x7F..<0xA0: false
        // Embeddings, overrides and isolates; a byte order mark; notes for annotations.
        case 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: false
        // Language tags and other invisible letters, by which text is smuggled.
        case 0xE0000...0xE0FFF: false
        case 0xFDD0...0xFDEF: false
        default: scalar.value & 0xFFFE != 0xFFFE
        }
    }
}

extension Character {
    /// A blank that a line may end at; a no-break space is none.
    var isBlank: Bool { isWhitespace && self != "\u{A0}" && self != "\u{202F}" }
}

extension Unicode.GeneralCategory {
    fileprivate var isMark: Bool {
        switch self {
        case .nonspacingMark, .enclosingMark: true
        default: false
        }
    }
}
