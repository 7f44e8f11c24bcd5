import Captioning
import Foundation
import Media
import People
import Shows

/// A caption, as the API tells it.
struct CueDocument: Encodable {
    let cue: Cue
    /// For those who work on the show.
    let isWhole: Bool

    private enum Keys: String, CodingKey {
        case id, start, end, startSeconds, endSeconds, text, speaker, source, engine, from, hops, editor,
            revision
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(cue.id, forKey: .id)
        if cue.isScript {
            try container.encode(Double(cue.start) / 1000, forKey: .startSeconds)
            try container.encode(Double(cue.end) / 1000, forKey: .endSeconds)
        } else {
            try container.encode(Date(unixMilliseconds: cue.start), forKey: .start)
            try container.encode(Date(unixMilliseconds: cue.end), forKey: .end)
        }
        try container.encode(cue.text.text, forKey: .text)
        try container.encodeIfPresent(cue.speaker, forKey: .speaker)
        try container.encode(cue.origin.kind, forKey: .source)
        try container.encodeIfPresent(cue.origin.engine, forKey: .engine)
        try container.encodeIfPresent(cue.origin.from, forKey: .from)
        try container.encodeIfPresent(cue.origin.hops, forKey: .hops)
        if isWhole { try container.encodeIfPresent(cue.editor, forKey: .editor) }
        try container.encode(cue.revision, forKey: .revision)
    }
}

/// What is being said and is not final, as readers are told of it.
struct PartialDocument: Encodable {
    /// There is one of them in a language at most.
    static let id = "p"

    let partial: CaptionPartial

    private enum Keys: String, CodingKey { case id, start, end, text, speaker, source, engine, final }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(PartialDocument.id, forKey: .id)
        try container.encode(Date(unixMilliseconds: partial.start), forKey: .start)
        try container.encodeIfPresent(partial.end.map { Date(unixMilliseconds: $0) }, forKey: .end)
        try container.encode(partial.text.text, forKey: .text)
        try container.encodeIfPresent(partial.speaker, forKey: .speaker)
        try container.encode(partial.origin.kind, forKey: .source)
        try container.encodeIfPresent(partial.origin.engine, forKey: .engine)
        try container.encode(false, forKey: .final)
    }
}

/// A caption, as somebody sends it. Without a start it is said now; without an end it stays for as long as it takes to be
/// read.
struct CueContent: Decodable {
    var start: Date?
    var end: Date?
    var text: String
    var speaker: String?
    /// The recogniser or translator that it comes from.
    var engine: String?

    static let fields: Set<String> = ["start", "end", "text", "speaker", "engine"]
    private static let span = 1...60_000

    /// What becomes of it: more than one where it is too long to be read at a time. Adds to `faults` what is wrong.
    /// `name` is what its sender calls it.
    func drafts(
        _ plan: CaptionPlan, at now: Date, _ place: String, _ faults: inout [FieldFault],
        name: String? = nil
    ) -> [CueDraft] {
        let clean = CueText(text)
        if clean.isEmpty || text.unicodeScalars.count > CueText.longest {
            faults.append(FieldFault("\(place)text", "1 to \(CueText.longest) characters are needed"))
        }
        let rules = ReadingRules(for: plan.language)
        let from = start?.unixMilliseconds ?? now.unixMilliseconds
        let cutter = ClauseCutter(rules: rules)
        let length = cutter.pages(clean).reduce(Int64(0)) { $0 + rules.readingTime($1.text).milliseconds }
        let to = end?.unixMilliseconds ?? from + length
        if !(946_684_800_000...4_102_444_800_000).contains(from) {
            faults.append(FieldFault("\(place)start", "an instant from 2000 to 2100 is needed"))
        } else if end != nil, !CueContent.span.contains(Int(clamping: to - from)) {
            faults.append(FieldFault("\(place)end", "it must be after the start, by at most a minute"))
        }
        let speaker = CueContent.name(speaker, "\(place)speaker", &faults)
        let engine = CueContent.name(engine, "\(place)engine", &faults)
        guard faults.isEmpty else { return [] }
        // Files come in by themselves; what is sent to such a track was typed.
        let origin = Cue.Origin(plan.source == .upload ? .person : plan.source, engine: engine, name: name)
        return cutter.pages(clean, from: from, to: to).map { page in
            CueDraft(start: page.start, end: page.end, text: page.text, speaker: speaker, origin: origin)
        }
    }

    /// Who speaks, or what heard it, fit to be shown.
    static func name(_ raw: String?, _ field: String, _ faults: inout [FieldFault]) -> String? {
        guard let raw else { return nil }
        if let name = CueText.name(raw), !raw.contains(where: \.isControl) { return name }
        faults.append(FieldFault(field, "1 to \(CueText.longestName) characters in one line are needed"))
        return nil
    }
}

/// What is to be other of a caption.
struct CueChangeContent: Decodable {
    var start: Date?
    var end: Date?
    var text: String?
    var speaker: String?

    static let fields: Set<String> = ["start", "end", "text", "speaker"]

    func change() throws -> CueChange {
        var faults: [FieldFault] = []
        let clean = text.map { CueText($0) }
        if let text, clean?.isEmpty == true || text.unicodeScalars.count > CueText.longest {
            faults.append(FieldFault("text", "1 to \(CueText.longest) characters are needed"))
        }
        let speaker = speaker == "" ? "" : CueContent.name(speaker, "speaker", &faults)
        guard faults.isEmpty else { throw DomainFault.invalid(faults) }
        return CueChange(
            start: start?.unixMilliseconds, end: end?.unixMilliseconds, text: clean, speaker: speaker)
    }
}
