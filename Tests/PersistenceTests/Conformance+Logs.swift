import Foundation
import Media
import People
import ShowTimeline
import Shows
import Testing

extension Conformance {
    static var logs: [String: Proof] {
        [
            "timelines count for themselves, without gaps": { own in
                let (a, b) = (try own.show("a"), try own.show("b"))
                let first = try own.store.lastSequence(of: a.id)
                func event(_ show: ShowID, _ text: String) -> TimelineDraft {
                    TimelineDraft(
                        show: show, showTime: own.later(1), shopTime: own.later(2), kind: .note,
                        payload: ["text": .text(text)], actor: .streamKey(show))
                }
                let gone = try #require(ShowID("gone"))
                let stored = try own.store.append([
                    event(a.id, "1"), event(gone, "x"), event(b.id, "2"), event(a.id, "3"),
                ])
                #expect(stored.map(\.payload["text"]) == ["1", "2", "3"])
                let read = try own.store.events(of: a.id, after: first, limit: 10)
                #expect(read.map(\.sequence) == [first + 1, first + 2])
                #expect(read == stored.filter { $0.show == a.id } && Set(stored.map(\.id)).count == 3)
                #expect(read[0].showTime == own.later(1) && read[0].actor == .streamKey(a.id))
                #expect(try own.store.events(of: a.id, after: 0, limit: 1).map(\.sequence) == [1])
                #expect(try own.store.lastSequence(of: gone) == 0)
                #expect(try own.store.append([]).isEmpty)
            },
            "the audit log is newest first, page by page": { own in
                let ada = try own.person("ada")
                for number in 0..<5 {
                    try own.store.note(
                        "settings.reload", subject: "server", details: ["number": .int(number)],
                        by: .person(ada.id), at: own.later(Double(number)))
                }
                var (query, numbers) = (AuditQuery(subject: "server", limit: 2), [JSONValue?]())
                repeat {
                    let page = try own.store.audit(query)
                    numbers += page.items.map { $0.details["number"] }
                    query.cursor = page.next
                } while query.cursor != nil
                #expect(numbers == [4, 3, 2, 1, 0])
                let entry = try #require(try own.store.audit(AuditQuery(person: ada.id)).items.first)
                #expect(
                    entry.actor == .person(ada.id) && entry.actorName == "Ada" && entry.at == own.later(4))
                #expect(
                    try own.store.audit(AuditQuery(action: "person.")).items.map(\.action) == [
                        "person.create"
                    ])
                #expect(try own.store.tidy(auditBefore: own.later(3), at: own.now) == 4)
                #expect(try own.store.audit(AuditQuery()).items.count == 2)
            },
            "a claim makes one thing, once": { own in
                let claim = IdempotencyClaim(scope: "p:POST /shows", key: "k1", digest: "d1")
                #expect(try own.store.earlier(claim, at: own.now) == nil)
                func make(_ claim: IdempotencyClaim, at now: Date) throws -> Show {
                    try own.store.createShow(
                        own.draft(), id: nil, isScheduled: false, once: claim, by: .commandLine, at: now)
                }
                let show = try make(claim, at: own.now)
                #expect(throws: DomainFault.repeated(subject: show.id.text)) { try make(claim, at: own.now) }
                let pending = try #require(try own.store.earlier(claim, at: own.now))
                #expect(pending.subject == show.id.text && pending.answer == nil)
                let answer = StoredAnswer(status: 201, headers: ["etag": "\"r1\""], body: "{}")
                try own.store.keep(answer, for: claim, at: own.now)
                #expect(try own.store.earlier(claim, at: own.now)?.answer == answer)
                let other = IdempotencyClaim(scope: claim.scope, key: claim.key, digest: "d2")
                #expect(throws: DomainFault.claimed) { try own.store.earlier(other, at: own.now) }
                #expect(throws: DomainFault.claimed) { try make(other, at: own.now) }
                #expect(try own.store.showCounts() == [.draft: 1])
                // What was refused claims nothing.
                let bad = IdempotencyClaim(scope: claim.scope, key: "k2", digest: "d1")
                own.conflicts("evening") {
                    _ = try own.store.createShow(
                        own.draft(), id: show.id, isScheduled: false, once: bad, by: .commandLine, at: own.now
                    )
                }
                #expect(try own.store.earlier(bad, at: own.now) == nil)
                // After a day it is free again.
                let tomorrow = own.later(IdempotencyClaim.lifetime + 1)
                #expect(try own.store.earlier(claim, at: tomorrow) == nil)
                #expect(try make(claim, at: tomorrow).id != show.id)
            },
            "what has run out is tidied away": { own in
                let ada = try own.person("ada", isOperator: true)
                let (session, _) = Session.begin(person: ada.id, userAgent: nil, at: own.now)
                try own.store.beginSession(session)
                _ = try own.store.tidy(auditBefore: own.now, at: own.later(Session.idleLifetime + 1))
                #expect(try own.store.session(session.id, at: own.now) == nil)
            },
        ]
    }
}
