import Foundation
import HTTPTypes
import People
import Shows

/// The stream keys of a show. A key's secret is told once, when it is made.
struct KeyRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        [
            APIRoute(.get, "/shows/{show}/keys", .inShow(.readKeys)) { call in
                try .json(ListDocument("keys", backstage.shows.keys(of: call.show().id)))
            },
            APIRoute(.post, "/shows/{show}/keys", .inShow(.rotateKeys), content: .object, answer: make),
            APIRoute(.delete, "/shows/{show}/keys/{key}", .inShow(.rotateKeys), answer: revoke),
            APIRoute(.post, "/shows/{show}/keys/{key}/rotate", .inShow(.rotateKeys), answer: rotate),
        ]
    }

    private struct Made: Encodable {
        let record: StreamKeyRecord
        let secret: String

        private enum Keys: String, CodingKey { case secret }

        func encode(to encoder: any Encoder) throws {
            try record.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(secret, forKey: .secret)
        }
    }

    @Sendable private func make(_ call: APICall) throws -> APIAnswer {
        let draft = try JSONContent.value(
            StreamKeyDraft.self, fields: StreamKeyDraft.fields, from: JSONContent.object(call.content))
        let secret = StreamKeyRecord.makeSecret()
        let record = try backstage.shows.createKey(
            draft, secret: secret, of: call.show().id, by: call.actor(), at: call.now)
        return try told(record, secret)
    }

    @Sendable private func revoke(_ call: APICall) throws -> APIAnswer {
        let show = try call.show().id
        let key = try call.parameter("key", StreamKeyID.self, "stream key")
        _ = try backstage.shows.revokeKey(key, of: show, by: call.actor(), at: call.now)
        backstage.visitors.forget()
        return .nothing
    }

    @Sendable private func rotate(_ call: APICall) throws -> APIAnswer {
        let key = try call.parameter("key", StreamKeyID.self, "stream key")
        let secret = StreamKeyRecord.makeSecret()
        let record = try backstage.shows.rotateKey(
            key, secret: secret, of: call.show().id, by: call.actor(), at: call.now)
        return try told(record, secret)
    }

    private func told(_ record: StreamKeyRecord, _ secret: String) throws -> APIAnswer {
        backstage.visitors.forget()
        return try .json(
            Made(record: record, secret: secret), status: .created,
            location: "\(RouteTable.place)/shows/\(record.show)/keys/\(record.id)")
    }
}
