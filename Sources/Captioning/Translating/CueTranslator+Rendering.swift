import Logging
package import Media
import Shows
import Translation

// One cue in another language: what it says now, whatever it said when it came in the queue.

extension CueTranslator {
    enum Outcome: Sendable {
        case done
        /// It is to be tried again.
        case again
        /// Nothing here can translate it, ever.
        case never
        /// Nobody wants the track any more.
        case over
    }

    /// A cue and what was made of it, at one moment.
    private struct Glimpse: Sendable {
        var source: CueSource
        var standing: RenderedTrack.Standing
        var glossary: Glossary
    }

    func render(_ id: Int, for track: TranslatedTrack) async -> Outcome {
        let (show, language) = (track.name.show, track.name.language)
        do {
            guard let glimpse = try await onDisk({ [self] in try glimpse(id, track) }) else { return .over }
            let (source, standing) = (glimpse.source, glimpse.standing)
            guard let cue = source.cue else {
                return try await renew(standing.ids, [], source, track) ? .done : .again
            }
            if standing.isPersons {
                let isKept = try await onDisk { [hall] in
                    try hall.store.keepCues(of: source, in: show, language)
                }
                return isKept ? .done : .again
            }
            let shortcoming = shortcoming(track.from, language)
            guard let (text, origin) = await rendering(of: cue, track, glimpse.glossary) else {
                if desk.hasGivenUp(
                    whole(cue, track), from: track.from, to: language, glossary: glimpse.glossary)
                {
                    hall.report(
                        TrackState(
                            .failed, why: "what came back for a caption is no translation: it is left out",
                            cost: cost(of: show)), on: show, language)
                    return .never
                }
                hall.report(
                    TrackState(
                        shortcoming == nil ? .failed : .running, why: shortcoming ?? trouble(cue, track),
                        cost: cost(of: show)), on: show, language)
                return shortcoming == nil ? .again : .never
            }
            let drafts = CueTranslator.pages(text, of: cue, in: language).map { page in
                CueDraft(
                    start: page.start, end: page.end, text: page.text, speaker: cue.speaker, origin: origin,
                    isScript: cue.isScript)
            }
            guard try await renew(standing.ids, drafts, source, track) else { return .again }
            hall.report(
                TrackState(
                    .running, engine: origin.engine, why: shortcoming, cost: cost(of: show)), on: show,
                language)
            return .done
        } catch {
            logger.error(
                "a translated caption is not kept",
                metadata: ["show": "\(show)", "language": "\(language)", "error": "\(error)"])
            hall.report(
                TrackState(.failed, why: "the caption cannot be written to the disk"), on: show, language)
            return .again
        }
    }

    /// Nil where the track is made no more, or otherwise. Blocks for the store.
    private func glimpse(_ id: Int, _ track: TranslatedTrack) throws -> Glimpse? {
        let name = track.name
        guard let show = hall.captioned(name.show), let plan = show.plan(of: name.language),
            show.source(of: plan)?.language == track.from, hall.isWanted(name.show, name.language)
        else { return nil }
        let cue = try hall.store.cue(id, of: name.show, track.from)
        return Glimpse(
            source: CueSource(language: track.from, id: id, cue: cue), standing: track.standing(of: id),
            glossary: glossary(name.show))
    }

    private func renew(_ old: [Int], _ drafts: [CueDraft], _ source: CueSource, _ track: TranslatedTrack)
        async throws -> Bool
    {
        let name = track.name
        return try await onDisk { [hall] in
            try hall.renew(old, with: drafts, of: source, on: name.show, name.language)
        }
    }

    /// Nil where nothing can translate it just now.
    private func rendering(of cue: Cue, _ track: TranslatedTrack, _ glossary: Glossary) async
        -> (CueText, Cue.Origin)?
    {
        let (from, to) = (track.from, track.name.language)
        if from.isReadable(by: to) {
            return (cue.text, Cue.Origin(.translation, from: from, hops: 0, cue: cue.id))
        }
        guard let rendering = await render(whole(cue, track), track, glossary) else { return nil }
        let text = CueText(rendering.text)
        // Whoever answers a sentence with a book has not translated it.
        guard !text.isEmpty, rendering.text.unicodeScalars.count <= CueText.longest else { return nil }
        return (
            text,
            Cue.Origin(
                .translation, engine: rendering.engine.rawValue, from: from, hops: rendering.hops,
                cue: cue.id)
        )
    }

    /// Lines come about anew.
    private func whole(_ cue: Cue, _ track: TranslatedTrack) -> String {
        cue.text.lines.joined(separator: ReadingRules(for: track.from).isUnspaced ? "" : " ")
    }

    /// Where no engine knows the way, sentence by sentence: the phrasebook knows sentences, not speeches.
    private func render(_ text: String, _ track: TranslatedTrack, _ glossary: Glossary) async -> Rendering? {
        let (from, to, show) = (track.from, track.name.language, track.name.show)
        let whole = await desk.translate(text, from: from, to: to, glossary: glossary, show: show)
        if whole != nil || desk.speaks(from: from, to: to) { return whole }
        let sentences = ClauseCutter(rules: ReadingRules(for: from)).sentences(text)
        guard sentences.count > 1 else { return nil }
        var parts: [String] = []
        for sentence in sentences {
            guard let part = desk.atOnce(sentence, from: from, to: to, glossary: glossary) else { return nil }
            parts.append(part.text)
        }
        let blank = ReadingRules(for: to).isUnspaced ? "" : " "
        return Rendering(text: parts.joined(separator: blank), engine: .phrasebook)
    }

    /// What is too long to be read at a time in pieces, each with its share of the cue's time.
    package static func pages(_ text: CueText, of cue: Cue, in language: LanguageTag)
        -> [(text: CueText, start: Int64, end: Int64)]
    {
        let pages = ClauseCutter(rules: ReadingRules(for: language))
            .pages(text, from: cue.start, to: cue.end)
        // Of a moment there is nothing to share.
        return pages.allSatisfy { $0.start < $0.end } ? pages : [(text, cue.start, cue.end)]
    }

    // MARK: How it does

    /// What cannot be done for this pair of languages, whatever else works.
    func shortcoming(_ from: LanguageTag, _ to: LanguageTag) -> String? {
        guard !from.isReadable(by: to), !desk.speaks(from: from, to: to) else { return nil }
        return "no engine of this server translates from \(from) to \(to): only what the phrasebook knows is "
            + "translated; name a service under translation.remotes, or write the track yourself"
    }

    private func trouble(_ cue: Cue, _ track: TranslatedTrack) -> String {
        if let cost = cost(of: track.name.show), cost.spent + cue.text.text.count > cost.cap {
            return "as much as may be has been sent to paid services today: raise "
                + "translation.paidCharactersPerShow, or go on tomorrow"
        }
        return "no engine answers in time; it is tried again"
    }

    func cost(of show: ShowID) -> TrackState.Cost? {
        desk.spending(on: show).map { TrackState.Cost(.characters, spent: $0.spent, cap: $0.cap) }
    }
}
