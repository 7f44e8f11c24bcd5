import Foundation
import HTTPTypes
import NIOCore
package import People
package import ShowTimeline
package import Shows

/// What all routes work with.
package struct Backstage: Sendable {
    package let people: any PeopleStore
    package let shows: any ShowStore
    package let timeline: any TimelineStore
    package let claims: any IdempotencyStore
    package let stage: any Stage
    package let visitors: Visitors
    package let sameOrigin: SameOrigin
    package let hooks: HookBureau
    package let covers: CoverShelf
    package let viewers: ViewerDesk
    package let chat: ChatHouse
    package let captions: CaptionBureau
    package let logins: LoginDesk
    package let workbench: Workbench

    package init(
        people: any PeopleStore, shows: any ShowStore, timeline: any TimelineStore,
        claims: any IdempotencyStore, stage: any Stage, visitors: Visitors,
        sameOrigin: SameOrigin = SameOrigin(), hooks: HookBureau, covers: CoverShelf,
        viewers: [any ViewerRecords] = [],
        chat: ChatHouse, captions: CaptionBureau, logins: LoginDesk = LoginDesk(),
        workbench: Workbench = Workbench()
    ) {
        self.people = people
        self.shows = shows
        self.timeline = timeline
        self.claims = claims
        self.stage = stage
        self.visitors = visitors
        self.sameOrigin = sameOrigin
        self.hooks = hooks
        self.covers = covers
        self.viewers = ViewerDesk(viewers, people: people)
        self.chat = chat
        self.captions = captions
        self.logins = logins
        self.workbench = workbench
    }

    /// All the routes of the API.
    package var table: RouteTable {
        let shows = shows
        let routes =
            SessionRoutes(self).routes + ShowRoutes(self).routes + StageRoutes(self).routes
            + CoverRoutes(self).routes + KeyRoutes(self).routes + TimelineRoutes(self).routes
            + MemberRoutes(self).routes + PeopleRoutes(self).routes + TokenRoutes(self).routes
            + ViewerRoutes(self).routes + BeatRoutes(self).routes + HookRoutes(self).routes
            + HouseRoutes(self).routes + ChatRoutes(self).routes + ModerationRoutes(self).routes
            + GlossaryRoutes(self).routes + CaptionRoutes(self).routes
        return RouteTable(
            routes, visitors: visitors, sameOrigin: sameOrigin, workbench: workbench,
            pictureAtMost: CoverShelf.limit, find: { try shows.show($0) })
    }
}

extension Backstage {
    /// Deletes covers that no show has any more. Blocks: at start, and away from everything that must not wait.
    package func tidyCovers() throws {
        var query = ShowQuery(order: .updated, limit: 200)
        var kept: Set<CoverID> = []
        repeat {
            let page = try shows.shows(query)
            kept.formUnion(page.items.compactMap(\.cover))
            query.cursor = page.next
        } while query.cursor != nil
        covers.tidy(keeping: kept)
    }
}

/// What has to be thought of where something is made only once, however often it is asked for.
extension Backstage {
    /// The claim that an `Idempotency-Key` makes; nil where there is none. Throws 400 where it is no key.
    func claim(_ call: APICall, _ place: String) throws -> IdempotencyClaim? {
        guard let name = IdempotencyClaim.field, let key = call.arrival.headers[name] else { return nil }
        guard (1...200).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ProblemDocument(
                status: .badRequest, detail: "an Idempotency-Key has 1 to 200 visible ASCII characters")
        }
        let digest = SecretHash(of: String(buffer: call.content)).text
        return IdempotencyClaim(scope: "\(try call.actor().text):\(place)", key: key, digest: digest)
    }

    /// Makes something, unless the claim has made it before: then that is answered again. `again` answers for what was
    /// made where the answer itself is not known any more.
    func once(
        _ claim: IdempotencyClaim?, at now: Date, again: (_ subject: String) throws -> APIAnswer,
        make: () throws -> APIAnswer
    ) throws -> APIAnswer {
        guard let claim else { return try make() }
        if let (subject, stored) = try claims.earlier(claim, at: now) {
            return try stored.map(APIAnswer.init) ?? again(subject)
        }
        let answer: APIAnswer
        do {
            answer = try make()
        } catch DomainFault.repeated(let subject) {
            // Two at the same time.
            return try again(subject)
        }
        try claims.keep(StoredAnswer(answer), for: claim, at: now)
        return answer
    }
}
