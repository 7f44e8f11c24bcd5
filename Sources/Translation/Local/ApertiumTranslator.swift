package import Media

/// Apertium's pairs on this machine. A pair's programs are started when it is first asked, and stay.
package final class ApertiumTranslator: PairTranslator {
    private let lines: [LanguagePair: ProgramLine]

    package let name = EngineName.apertium
    package let manner = TranslatorManner()
    package let steps: [TranslationStep]

    /// Where Debian puts the modes.
    package static let folder = "/usr/share/apertium/modes"

    /// Nil where no pair of our languages is installed. `patience`: programs that take longer for an answer hang.
    package init?(folder: String = ApertiumTranslator.folder, patience: Duration = .seconds(5)) {
        let modes = ApertiumMode.all(in: folder)
        guard !modes.isEmpty else { return nil }
        var lines: [LanguagePair: ProgramLine] = [:]
        for mode in modes {
            lines[LanguagePair(from: mode.from, to: mode.to)] = ProgramLine(
                .init(programs: mode.programs, terminator: 0, patience: patience), engine: .apertium,
                deadline: .milliseconds(1500))
        }
        self.lines = lines
        steps = modes.map {
            TranslationStep(from: $0.from, to: $0.to, cost: ApertiumTranslator.cost($0.from, $0.to))
        }
    }

    /// From what was read of its sentences: between Romance languages they are good, from English poor.
    private static func cost(_ from: LanguageTag, _ to: LanguageTag) -> Double {
        if from == .english { return 3 }
        // Into English it is better by itself than through Portuguese.
        if to == .english { return 2 }
        return [from.text, to.text].sorted() == ["es", "pt"] ? 1.2 : 1.5
    }

    package func translate(
        _ texts: [String], from: LanguageTag, to: LanguageTag
    ) async throws -> [Rendering] {
        guard let line = lines[LanguagePair(from: from.tongue, to: to.tongue)] else {
            throw TranslationFault.unspoken
        }
        var renderings: [Rendering] = []
        for text in texts {
            let answer = ApertiumText.text(of: try await line.exchange(ApertiumText.request(text)))
            // A word that it leaves out leaves its space.
            let words = answer.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            renderings.append(Rendering(text: words, engine: .apertium))
        }
        return renderings
    }

    package func stop() { for line in lines.values { line.stop() } }
}
