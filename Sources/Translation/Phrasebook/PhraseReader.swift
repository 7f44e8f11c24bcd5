import Media

/// Finds the templates that a message says in one language.
struct PhraseReader {
    let book: PhraseLanguage
    let glossary: Glossary
    let partsAtMost: Int

    /// A stretch of the message between enders or pictures.
    private struct Piece {
        var characters: ArraySlice<Character>
        var isQuestion: Bool
        var trail: String
    }

    func meaning(of text: [Character]) -> Phrasebook.Meaning? {
        let spans = ProtectedSpan.find(in: text, glossary: .empty)
        // An address is never a phrase's.
        guard !spans.contains(where: { $0.kind == .address }) else { return nil }
        let (lead, pieces) = cut(text, spans)
        guard !pieces.isEmpty else { return nil }
        // Commas and full stops within a sentence are often not meant, and greetings and politeness before it are no more
        // than that: what keeps the most is tried first.
        let whole = whole(of: pieces, text)
        let fine = pieces.flatMap(cutAtCommas)
        for hasFillers in [false, true] {
            let attempts = hasFillers ? [pieces, fine, whole] : [pieces, whole, fine]
            for attempt in attempts where (1...partsAtMost).contains(attempt.count) {
                let parts = attempt.compactMap { part($0, hasFillers: hasFillers) }
                if parts.count == attempt.count { return Phrasebook.Meaning(lead: lead, parts: parts) }
            }
        }
        return nil
    }

    // MARK: Cutting

    private func cut(_ text: [Character], _ spans: [ProtectedSpan]) -> (lead: String, [Piece]) {
        var lead = ""
        var pieces: [Piece] = []
        var start = 0
        let outside = spans.filter { $0.kind == .picture || $0.kind == .mention || $0.kind == .tag }
        func close(_ end: Int, _ trail: String, isQuestion: Bool) {
            let stretch = text[start..<end]
            if stretch.contains(where: \.isWordPart) {
                pieces.append(Piece(characters: stretch, isQuestion: isQuestion, trail: trail))
            } else if pieces.isEmpty {
                lead += trail
            } else {
                pieces[pieces.count - 1].trail += trail
                if isQuestion { pieces[pieces.count - 1].isQuestion = true }
            }
        }
        var place = 0
        var next = outside[...]
        while place < text.count {
            if let span = next.first, span.range.lowerBound == place {
                // With the white space around it.
                var from = place
                while from > start, text[from - 1].isWhitespace { from -= 1 }
                var to = span.range.upperBound
                while to < text.count, text[to].isWhitespace { to += 1 }
                let marks = text[start..<from].last.map { "?？؟".contains($0) } ?? false
                close(from, String(text[from..<to]), isQuestion: marks)
                start = to
                place = to
                next = next.dropFirst()
                continue
            }
            let isEnder =
                "!?。！？؟…;；\n".contains(text[place])
                || (text[place] == "." && (place + 1 == text.count || text[place + 1].isWhitespace))
            place += 1
            guard isEnder else { continue }
            var isQuestion = "?？؟".contains(text[place - 1])
            while place < text.count, "!?。！？؟….".contains(text[place]) {
                isQuestion = isQuestion || "?？؟".contains(text[place])
                place += 1
            }
            close(place, "", isQuestion: isQuestion)
            start = place
        }
        close(text.count, "", isQuestion: false)
        return (lead, pieces)
    }

    /// All of it as one, where nothing but its end has a picture behind.
    private func whole(of pieces: [Piece], _ text: [Character]) -> [Piece] {
        guard let first = pieces.first, let last = pieces.last,
            pieces.dropLast().allSatisfy({ $0.trail.isEmpty })
        else { return [] }
        return [
            Piece(
                characters: text[first.characters.startIndex..<last.characters.endIndex],
                isQuestion: pieces.contains(where: \.isQuestion), trail: last.trail)
        ]
    }

    private func cutAtCommas(_ piece: Piece) -> [Piece] {
        let text = piece.characters
        var pieces: [Piece] = []
        var start = text.startIndex
        for place in text.indices where ",，、،".contains(text[place]) {
            let isInNumber = place + 1 < text.endIndex && text[place + 1].isDecimal && text[place] == ","
            guard !isInNumber, text[start..<place].contains(where: \.isWordPart) else { continue }
            pieces.append(Piece(characters: text[start..<place], isQuestion: piece.isQuestion, trail: ""))
            start = place + 1
        }
        pieces.append(
            Piece(characters: text[start...], isQuestion: piece.isQuestion, trail: piece.trail))
        return pieces
    }

    // MARK: Matching

    /// `hasFillers`: with words before and behind that say nothing.
    private func part(_ piece: Piece, hasFillers: Bool) -> Phrasebook.Meaning.Part? {
        let tokens = PhraseText.tokens(of: piece.characters)
        guard (1...40).contains(tokens.count) else { return nil }
        for range in hasFillers ? bare(tokens) : [tokens.indices] {
            if let (template, values) = template(for: tokens[range], isQuestion: piece.isQuestion) {
                return Phrasebook.Meaning.Part(template: template, values: values, trail: piece.trail)
            }
        }
        return nil
    }

    /// The whole, and then with more and more fillers taken from its ends.
    private func bare(_ tokens: [PhraseToken]) -> [Range<Int>] {
        var starts = [0]
        while starts.count < 4, let last = starts.last,
            let end = book.fillers.matches(tokens[last...]).first?.end, end < tokens.count
        {
            starts.append(end)
        }
        var ends = [tokens.count]
        while ends.count < 4, let last = ends.last, let start = fillerStart(tokens, before: last), start > 0 {
            ends.append(start)
        }
        var ranges: [Range<Int>] = []
        for total in 0..<(starts.count + ends.count - 1) {
            for lead in starts.indices where total >= lead && total - lead < ends.count {
                let end = ends[total - lead]
                if starts[lead] < end { ranges.append(starts[lead]..<end) }
            }
        }
        return ranges
    }

    private func fillerStart(_ tokens: [PhraseToken], before end: Int) -> Int? {
        for length in stride(from: min(6, end), through: 1, by: -1) {
            let slice = tokens[(end - length)..<end]
            if book.fillers.matches(slice).contains(where: { $0.end == end }) { return end - length }
        }
        return nil
    }

    private func template(
        for tokens: ArraySlice<PhraseToken>, isQuestion: Bool
    ) -> (String, [String: SlotValue])? {
        let reader = SlotReader(language: book, glossary: glossary)
        var best: (id: String, values: [String: SlotValue], rank: Int)?
        let words = Set(tokens.map(\.text)).union([""])
        for word in words {
            for place in book.shelf[word] ?? [] {
                guard let template = book.templates[place.template] else { continue }
                // What is asked can only be a question; what is not marked as one may still be.
                if isQuestion, !template.isQuestion, !template.isNeutral { continue }
                guard let values = place.pattern.match(tokens, read: reader.read) else { continue }
                // The words themselves before slots that happen to fit; statements before questions without a mark.
                let rank = values.count * 4 + (template.isQuestion && !isQuestion ? 1 : 0)
                if let found = best, (found.rank, found.id) <= (rank, template.id) { continue }
                best = (template.id, values, rank)
            }
        }
        return best.map { ($0.id, $0.values) }
    }
}
