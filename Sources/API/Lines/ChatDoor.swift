package import Chat
package import Delivery
import Foundation
import HTTPTypes
package import Media
package import NIOCore
import People
package import Shows

/// Opens the chats of shows to readers: over WebSocket at `/ws/shows/SHOW`, as server-sent events at
/// `/api/v1/shows/SHOW/events`. Who asks is looked up later, since that may wait for the disk.
package final class ChatDoor: LineHost {
    package let protocols = ["shopcast.v1"]

    let fanout: Fanout
    let captions: CaptionChannel
    let intake: CaptionIntake
    let booths = CaptionBooths()
    let insiders = Insiders()
    let visitors: Visitors
    /// Who somebody is, is asked again after so long: they may have been signed out.
    let freshness: TimeAmount
    private let sameOrigin: SameOrigin
    private let gatekeeper: any Gatekeeper
    private let facts: @Sendable (ShowID) -> ShowFacts?

    /// `facts` are those of a show; nil where there is none. `freshness`: for so long is known who somebody is.
    package init(
        fanout: Fanout, captions: CaptionChannel, intake: CaptionIntake, visitors: Visitors,
        sameOrigin: SameOrigin, gatekeeper: any Gatekeeper, freshness: TimeAmount = .seconds(30),
        facts: @escaping @Sendable (ShowID) -> ShowFacts?
    ) {
        self.fanout = fanout
        self.captions = captions
        self.intake = intake
        self.visitors = visitors
        self.sameOrigin = sameOrigin
        self.gatekeeper = gatekeeper
        self.freshness = freshness
        self.facts = facts
        visitors.onForget { [insiders] in insiders.doubtAll() }
    }

    package func kind(of target: String) -> LineKind? { ChatDoor.place(target)?.kind }

    package func answer(_ request: LineRequest) -> LineAnswer {
        guard let place = ChatDoor.place(request.target), let show = ShowID(String(place.show)) else {
            return .refused(.notFound("There is no such show."))
        }
        let query = ChatDoor.query(request.target)
        let arrival = Arrival(
            method: .get, target: request.target, authority: request.authority,
            headers: ChatDoor.fields(request), parameters: ["show": show.text], query: query,
            address: request.origin.limitKey, isSecure: request.isSecure)
        do {
            // A page of another site would be let in with the cookie of whoever looks at it.
            try sameOrigin.check(arrival)
        } catch {
            return .refused(.forbidden("This is not for pages of other sites."))
        }
        let facts = facts(show)
        let isAnnounced = facts?.state.isAnnounced == true
        // Who shows something may be somebody for whom there is more; it is looked at before anything is told.
        let isNobodys = arrival.isNobodys || arrival.guestSecret != nil
        if !isAnnounced, isNobodys { return .refused(.notFound("There is no such show.")) }
        var isForStaff = !isAnnounced
        if case .refused(let reason) = gatekeeper.entry(
            to: show, with: credentials(request, query), at: Int64(Date.now.timeIntervalSince1970))
        {
            if isNobodys { return .refused(.forbidden(reason)) }
            isForStaff = true
        }
        return .guest(
            ChatGuest(
                door: self, show: show, kind: request.kind, arrival: arrival, isForStaff: isForStaff,
                isProtected: facts?.visibility == .token))
    }

    private static let proof = "shopcast.bearer."

    /// The fields of a request. A page can give its socket none of its own, so it shows its key beside the subprotocol.
    private static func fields(_ request: LineRequest) -> HTTPFields {
        var fields = request.headers
        guard request.kind == .socket, fields[.authorization] == nil else { return fields }
        let named = fields[values: .secWebSocketProtocol].flatMap { $0.split(separator: ",") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
        if let shown = named.first(where: { $0.hasPrefix(proof) }) {
            // What cannot be read is shown as it is, and found to be no key.
            let key = Base64URL.data(shown.dropFirst(proof.count)).map { String(decoding: $0, as: UTF8.self) }
            fields[.authorization] = "Bearer \(key ?? shown)"
        }
        return fields
    }

    private func credentials(_ request: LineRequest, _ query: [String: String]) -> Credentials {
        func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.headers[$0] } }
        return Credentials(
            token: query["token"], edge: field("Shopcast-Edge"),
            country: gatekeeper.countryField.flatMap(field))
    }

    /// The show that an address names, and which kind of line; nil where it is none of ours.
    private static func place(_ target: String) -> (kind: LineKind, show: Substring)? {
        let path = target.prefix { $0 != "?" }
        if path.hasPrefix("/ws/shows/") {
            let show = path.dropFirst("/ws/shows/".count)
            return show.contains("/") ? nil : (.socket, show)
        }
        guard path.hasPrefix("/api/v1/shows/"), path.hasSuffix("/events") else { return nil }
        let show = path.dropFirst("/api/v1/shows/".count).dropLast("/events".count)
        return show.contains("/") ? nil : (.events, show)
    }

    /// The first value of each name.
    private static func query(_ target: String) -> [String: String] {
        guard let mark = target.firstIndex(of: "?") else { return [:] }
        var query: [String: String] = [:]
        for pair in target[target.index(after: mark)...].split(separator: "&").prefix(20) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts[0].removingPercentEncoding,
                let value = parts[1].removingPercentEncoding, query[name] == nil
            else { continue }
            query[name] = value
        }
        return query
    }
}
