import Captioning
import Foundation
import HTTPTypes
import Media
import NIOCore
import Packaging
import People
import Shows

/// A show's captions: who watches reads them, who hosts or interprets writes them.
struct CaptionRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    private static let track = "/shows/{show}/captions/{language}"

    var routes: [APIRoute] {
        let write = APIRoute.Access.inShow(.writeCaptions)
        return [
            APIRoute(.get, "/shows/{show}/captions", .everybody, answer: tracks).shared,
            APIRoute(.get, "\(CaptionRoutes.track)/cues", .everybody, answer: read).shared,
            APIRoute(.post, "\(CaptionRoutes.track)/cues", write, content: .object, answer: add),
            APIRoute(.patch, "\(CaptionRoutes.track)/cues/{cue}", write, content: .patch, answer: edit),
            APIRoute(.delete, "\(CaptionRoutes.track)/cues/{cue}", write, answer: remove),
            APIRoute(.get, "\(CaptionRoutes.track)/file", write, answer: download),
            APIRoute(.put, "\(CaptionRoutes.track)/file", write, content: .captions, answer: upload),
            APIRoute(.post, "\(CaptionRoutes.track)/start", .inShow(.editShow)) { try want(true, $0) },
            APIRoute(.post, "\(CaptionRoutes.track)/stop", .inShow(.editShow)) { try want(false, $0) },
        ]
    }

    // MARK: Reading

    private struct Track: Encodable {
        let language: LanguageTag
        let name: String
        let source: CaptionSource
        let isMachineMade: Bool
        let rendition: String
        let cues: Int
        /// Of a translation.
        let from: LanguageTag?
        /// For those who work on the show.
        let state: TrackStateDocument?
    }

    @Sendable private func tracks(_ call: APICall) throws -> APIAnswer {
        let show = try call.show()
        let facts = try backstage.captions.hall.store.captionTracks(of: show.id)
        let tracks = (show.captions ?? []).map { plan in
            track(plan, show, cues: facts[plan.language]?.cues ?? 0, call)
        }
        return try .json(ListDocument("captions", tracks), cache: cache(call)).varying
    }

    private func track(_ plan: CaptionPlan, _ show: Show, cues: Int, _ call: APICall) -> Track {
        Track(
            language: plan.language, name: plan.title, source: plan.source,
            isMachineMade: plan.source.isMachine, rendition: CaptionDesk.rendition(plan.language).text,
            cues: cues, from: CaptionedShow(show).source(of: plan)?.language,
            state: call.may(.readHidden)
                ? TrackStateDocument(
                    source: plan.source, state: backstage.captions.hall.state(of: show.id, plan, at: call.now)
                )
                : nil)
    }

    /// Starts or stops what makes the track.
    private func want(_ isWanted: Bool, _ call: APICall) throws -> APIAnswer {
        let (plan, show) = (try plan(call), try call.show())
        guard plan.source.isMachine else {
            throw DomainFault.conflict(
                "only machines are started and stopped: the source of this track is none")
        }
        let hall = backstage.captions.hall
        try hall.want(isWanted, on: show.id, plan.language, by: call.actor(), at: call.now)
        let facts = try hall.store.captionTracks(of: show.id)
        return try .json(track(plan, show, cues: facts[plan.language]?.cues ?? 0, call))
    }

    @Sendable private func read(_ call: APICall) throws -> APIAnswer {
        let show = try call.show()
        let isWhole = call.may(.readHidden)
        // What is shown to holders of a token only is not told here to everybody.
        try backstage.chat.admit(call, backstage.chat.pass(call))
        let plan = try plan(call)
        var reader = QueryReader(call)
        var query = CueQuery(limit: reader.limit(200, atMost: 1000) + 1)
        query.from = reader.instant("from")?.unixMilliseconds
        query.to = reader.instant("to")?.unixMilliseconds
        query.after = reader.value("cursor", "what 'next' of the page before says") { text in
            let parts = text.split(separator: ".").compactMap { Int64($0) }
            return parts.count == 2 ? (start: parts[0], id: Int(clamping: parts[1])) : nil
        }
        try reader.check()
        var cues = try backstage.captions.hall.store.cues(of: show.id, plan.language, query)
        var next: String?
        if cues.count == query.limit {
            cues.removeLast()
            next = cues.last.map { "\($0.start).\($0.id)" }
        }
        // What is to come is nobody's business but of those who work on it.
        if !isWhole { cues.removeAll { $0.isScript } }
        return try .json(
            ListDocument("cues", cues.map { CueDocument(cue: $0, isWhole: isWhole) }, next: next),
            cache: show.visibility == .token ? "no-store" : cache(call)
        ).varying
    }

    private func cache(_ call: APICall) -> String { call.visitor.isAnonymous ? "max-age=1" : "no-store" }

    // MARK: Writing

    @Sendable private func add(_ call: APICall) throws -> APIAnswer {
        let plan = try ownPlan(call)
        let members = try JSONContent.object(call.content)
        let actor = try call.actor()
        let name = try backstage.claim(call, "caption").map { CaptionBureau.name($0.key, of: actor) }
        var faults: [FieldFault] = []
        var drafts: [CueDraft] = []
        if members["cues"] != nil {
            struct Many: Decodable { var cues: [CueContent] }
            let many = try JSONContent.value(Many.self, fields: ["cues"], from: members).cues
            if !(1...200).contains(many.count) {
                faults.append(FieldFault("cues", "1 to 200 at a time are taken"))
            }
            for (index, one) in many.prefix(200).enumerated() {
                drafts += one.drafts(plan, at: call.now, "cues.\(index).", &faults, name: name)
            }
        } else {
            drafts = try JSONContent.value(CueContent.self, fields: CueContent.fields, from: members)
                .drafts(plan, at: call.now, "", &faults, name: name)
        }
        guard faults.isEmpty else { throw DomainFault.invalid(faults) }
        if try call.show().isPractised {
            return try .json(ListDocument("cues", [CueDocument]()), status: .accepted)
        }
        let cues = try backstage.captions.add(
            drafts, to: call.show().id, plan.language, by: actor, at: call.now)
        return try .json(
            ListDocument("cues", cues.map { CueDocument(cue: $0, isWhole: true) }), status: .created)
    }

    @Sendable private func edit(_ call: APICall) throws -> APIAnswer {
        let plan = try ownPlan(call)
        let id = try cueID(call)
        let change = try JSONContent.value(
            CueChangeContent.self, fields: CueChangeContent.fields, from: JSONContent.object(call.content)
        ).change()
        var wanted: Int?
        if case .revisions(let revisions) = RevisionTag.wish(call.arrival.headers) {
            wanted = revisions.first ?? 0
        }
        let cue = try backstage.captions.hall.edit(
            id, of: call.show().id, plan.language, change, ifRevision: wanted, by: call.actor(), at: call.now)
        return try .json(CueDocument(cue: cue, isWhole: true), revision: cue.revision)
    }

    @Sendable private func remove(_ call: APICall) throws -> APIAnswer {
        let plan = try ownPlan(call)
        try backstage.captions.hall.remove(
            cueID(call), of: call.show().id, plan.language, by: call.actor(), at: call.now)
        return .nothing
    }

    private func cueID(_ call: APICall) throws -> Int {
        guard let id = call.arrival.parameters["cue"].flatMap({ Int($0) }), id > 0 else {
            throw ProblemDocument(status: .notFound, detail: "there is no such caption")
        }
        return id
    }

    /// The track that the address names.
    private func plan(_ call: APICall) throws -> CaptionPlan {
        let language = call.arrival.parameters["language"].flatMap { LanguageTag($0) }
        guard let plan = try (call.show().captions ?? []).first(where: { $0.language == language }) else {
            throw ProblemDocument(
                status: .notFound,
                detail: "the show has no captions in this language: 'captions' of the show tells which it has"
            )
        }
        return plan
    }

    /// The same, for whoever may write it.
    private func ownPlan(_ call: APICall) throws -> CaptionPlan {
        let plan = try plan(call)
        try backstage.captions.admit(call.identity, to: plan, of: call.show().id, backstage.people)
        return plan
    }

    // MARK: Files

    /// Times count from the beginning of the recording, without its outages, as in the film that can be downloaded; where
    /// there is none, from the moment the show went live.
    @Sendable private func download(_ call: APICall) throws -> APIAnswer {
        let plan = try ownPlan(call)
        let show = try call.show()
        var reader = QueryReader(call)
        let names = CaptionForm.allCases.map(\.rawValue).joined(separator: ", ")
        let form = reader.value("format", "one of \(names)") { CaptionForm(rawValue: $0) } ?? .vtt
        try reader.check()
        let cues = try backstage.captions.hall.store.cues(
            of: show.id, plan.language, CueQuery(limit: CaptionFile.mostCues))
        let clock = backstage.captions.recording(show.id).map(RecordedClock.init)
        let zero = show.liveSince?.unixMilliseconds ?? cues.first { !$0.isScript }?.start ?? 0
        let rules = ReadingRules(for: plan.language)
        let placed = cues.compactMap { cue -> VTTCue? in
            var (start, end) = (cue.start, cue.end)
            if !cue.isScript {
                if let clock {
                    guard let from = clock.position(of: cue.start) else { return nil }
                    (start, end) = (from, clock.position(of: cue.end) ?? from + cue.end - cue.start)
                } else {
                    (start, end) = (cue.start - zero, cue.end - zero)
                }
            }
            guard end > 0 else { return nil }
            return VTTCue(
                start: MediaTime(milliseconds: start), end: MediaTime(milliseconds: end),
                speaker: cue.speaker, text: rules.wrapped(cue.text))
        }
        let file = "\(show.id)-\(plan.language).\(form.rawValue)"
        return APIAnswer(
            status: .ok,
            headers: [
                .contentType: form.contentType, .contentDisposition: "attachment; filename=\"\(file)\"",
            ], body: form.text(placed))
    }

    private struct Uploaded: Encodable {
        let cues: Int
        /// Lines whose times could not be used.
        let badLines: [Int]
        /// The times count from the moment at which the show goes on air.
        let isScript: Bool
    }

    /// `zero` is the instant of the show clock from which the file's times count. Without it: of a recording its beginning,
    /// outages left out; of a show that is live the moment it went live; else the moment at which it will.
    @Sendable private func upload(_ call: APICall) throws -> APIAnswer {
        let plan = try ownPlan(call)
        let show = try call.show()
        var reader = QueryReader(call)
        let zero = reader.instant("zero")?.unixMilliseconds
        try reader.check()
        let file: CaptionFile
        do {
            file = try CaptionFile(call.content.readableBytesView)
        } catch {
            throw DomainFault.invalid([FieldFault("content", error.description)])
        }
        let clock = zero == nil ? backstage.captions.recording(show.id).map(RecordedClock.init) : nil
        let began = zero ?? show.liveSince?.unixMilliseconds
        let isScript = clock == nil && began == nil
        let cutter = ClauseCutter(rules: ReadingRules(for: plan.language))
        let drafts = file.cues.flatMap { cue -> [CueDraft] in
            var (start, end) = (cue.start.milliseconds, cue.end.milliseconds)
            if let clock {
                guard let from = clock.date(at: start) else { return [] }
                (start, end) = (from, from + end - start)
            } else if let began {
                (start, end) = (start + began, end + began)
            }
            // What somebody has set is kept, unless nobody could read it.
            let isReadable = cutter.rules.width(cue.text.text) <= cutter.rules.pageWidth * 1.5
            let pages = isReadable ? [(cue.text, start, end)] : cutter.pages(cue.text, from: start, to: end)
            return pages.map { text, start, end in
                CueDraft(
                    start: start, end: end, text: text, speaker: cue.speaker, origin: .init(.upload),
                    isScript: isScript)
            }
        }
        let cues = try backstage.captions.hall.replace(
            drafts, of: show.id, plan.language, by: call.actor(), at: call.now)
        return try .json(Uploaded(cues: cues.count, badLines: file.badLines, isScript: isScript))
    }
}
