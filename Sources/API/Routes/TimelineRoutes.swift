import Foundation
import HTTPTypes
import People
import ShowTimeline
import Shows

/// What happened in a show, and what people note of it.
struct TimelineRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        [
            APIRoute(.get, "/shows/{show}/timeline", .inShow(.readTimeline), answer: read),
            APIRoute(.post, "/shows/{show}/timeline", .inShow(.noteTimeline), content: .object, answer: note),
        ]
    }

    private struct Document: Encodable {
        let events: [TimelineEvent]
        /// The newest that there is, whether or not it is among them.
        let last: Int
    }

    @Sendable private func read(_ call: APICall) throws -> APIAnswer {
        var reader = QueryReader(call)
        let after = reader.whole("after", 0...Int(Int32.max)) ?? 0
        let limit = reader.limit(100, atMost: 500)
        try reader.check()
        let show = try call.show().id
        let events = try backstage.timeline.events(of: show, after: after, limit: limit)
        let last = try max(backstage.timeline.lastSequence(of: show), events.last?.sequence ?? 0)
        return try .json(Document(events: events, last: last))
    }

    @Sendable private func note(_ call: APICall) throws -> APIAnswer {
        let note = try JSONContent.value(
            TimelineNote.self, fields: TimelineNote.fields, from: JSONContent.object(call.content))
        let faults = note.validate()
        guard faults.isEmpty else { throw DomainFault.invalid(faults) }
        let stored = try backstage.timeline.append([
            TimelineDraft(
                show: call.show().id, showTime: note.showTime, shopTime: call.now, kind: note.kind,
                payload: note.payload, actor: call.actor())
        ])
        // Deleted at this very moment.
        guard let event = stored.first else { throw Refusal.noShow }
        return try .json(event, status: .created)
    }
}
