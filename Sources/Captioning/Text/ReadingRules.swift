package import Media

/// How much of a language is read at a time: line length, lines, and speed. Widths count letters; in the writing systems of
/// East Asia a full-width sign is one and a Latin letter half.
package struct ReadingRules: Sendable, Hashable {
    /// The widest line.
    package var lineWidth: Double
    package var lines = 2
    /// Width that is read in a second.
    package var speed: Double
    /// Nobody reads what is shown for less, and more than that makes readers begin again.
    package var shortest = MediaTime(milliseconds: 900)
    package var longest = MediaTime(milliseconds: 7000)
    /// Lines break between any two signs, not at blanks.
    package var isUnspaced = false
    /// Signs are counted as the writing systems of East Asia do.
    package var isWide = false

    package init(lineWidth: Double, speed: Double, isUnspaced: Bool = false, isWide: Bool = false) {
        (self.lineWidth, self.speed, self.isUnspaced, self.isWide) = (lineWidth, speed, isUnspaced, isWide)
    }

    /// The usual figures of subtitling houses, for adults.
    package init(for language: LanguageTag) {
        switch language.primary {
        case "zh", "yue": self.init(lineWidth: 16, speed: 9, isUnspaced: true, isWide: true)
        case "ja": self.init(lineWidth: 16, speed: 7, isUnspaced: true, isWide: true)
        // Korean has blanks, and full-width signs.
        case "ko": self.init(lineWidth: 16, speed: 12, isWide: true)
        case "th", "lo", "km", "my": self.init(lineWidth: 35, speed: 17, isUnspaced: true)
        default: self.init(lineWidth: 42, speed: 20)
        }
    }

    /// What fits at a time.
    package var pageWidth: Double { lineWidth * Double(lines) }

    package func width(_ text: some StringProtocol) -> Double {
        text.reduce(0) { $0 + width($1) }
    }

    func width(_ sign: Character) -> Double {
        guard isWide else { return 1 }
        return sign.unicodeScalars.contains { $0.value >= 0x1100 && !(0x2000...0x206F).contains($0.value) }
            ? 1 : 0.5
    }

    /// How long somebody needs for it.
    package func readingTime(_ text: some StringProtocol) -> MediaTime {
        min(longest, max(shortest, MediaTime(seconds: width(text) / speed)))
    }

    /// The text on lines that are not too wide, as even as they can be; lines that somebody has set stay where they fit.
    package func wrapped(_ text: CueText) -> CueText {
        guard text.lines.contains(where: { width($0) > lineWidth }) else { return text }
        let whole = text.lines.joined(separator: isUnspaced ? "" : " ")
        var pieces: [Substring] = [whole[...]]
        let count = max(1, Int((width(whole) / lineWidth).rounded(.up)))
        var even = width(whole) / Double(count)
        // A word too wide for its line makes the others wider.
        for _ in 0..<4 {
            pieces = lines(of: whole, upTo: even)
            if pieces.count <= count { break }
            even = min(lineWidth, even * 1.15)
        }
        // Far too much for its time: nothing of it is lost.
        guard pieces.count <= CueText.mostLines else { return text }
        return CueText(pieces.map(\.trimmed).joined(separator: "\n"))
    }

    private func lines(of text: String, upTo limit: Double) -> [Substring] {
        var lines: [Substring] = []
        var rest = text[...]
        while width(rest) > limit, !rest.isEmpty {
            let cut = ClauseCutter(rules: self).lineEnd(in: rest, upTo: limit)
            lines.append(rest[..<cut])
            rest = rest[cut...]
            while let first = rest.first, first.isBlank { rest.removeFirst() }
        }
        if !rest.isEmpty { lines.append(rest) }
        return lines
    }
}
