import API
import Captioning
import Chat
import Delivery
import Foundation
import HTTPTypes
import Media
import NIOCore
import NIOPosix
import People
import Persistence
import Shows
import Synchronization
import Testing

/// Whoever only listens, and loses what they were let in with.
struct SilentStaffTests {
    /// The end of a line at which nobody speaks: what was heard is kept, for any thread to look at.
    private final class Ear: Line, Sendable {
        struct State {
            var events: [String] = []
            var end: LineEnd?
        }

        let loop: any EventLoop
        let state = Mutex(State())
        private let guest = Mutex<NIOLoopBound<any LineGuest>?>(nil)

        init(_ loop: any EventLoop) { self.loop = loop }

        var isWritable: Bool { state.withLock { $0.end == nil } }
        func settle() {}

        func write(_ parcel: Parcel) {
            let frame = (try? JSONSerialization.jsonObject(with: Data(parcel.content.readableBytesView)))
            let types = (frame as? [[String: Any]] ?? []).compactMap { $0["type"] as? String }
            state.withLock { $0.events += types }
        }

        func close(_ reason: LineEnd, last: Parcel?) {
            state.withLock { $0.end = reason }
            leave()
        }

        func begin(_ guest: any LineGuest) {
            let bound = NIOLoopBound(guest, eventLoop: loop)
            self.guest.withLock { $0 = bound }
            guest.begin(self)
        }

        func leave() {
            let guest = guest.withLock { guest in
                defer { guest = nil }
                return guest
            }
            guest?.value.ended()
        }

        func until(_ condition: (Ear) -> Bool) async throws {
            let end = ContinuousClock.now + .seconds(20)
            while !condition(self) {
                guard ContinuousClock.now < end else {
                    Issue.record("waited in vain; came: \(state.withLock { "\($0)" })")
                    return
                }
                await Task.yield()
            }
        }

        func heard(_ type: String) -> Int { state.withLock { $0.events.count { $0 == type } } }
        var end: LineEnd? { state.withLock { $0.end } }
    }

    private static let show = ShowID("evening")!
    private let house: House
    private let fanout: Fanout
    private let operatorID: PersonID

    init() throws {
        house = try House()
        fanout = Fanout(hall: house.backstage.chat.hall)
        _ = try house.store.createShow(
            ShowDraft(titles: [.english: "Evening"]), id: Self.show, isScheduled: true, once: nil,
            by: .commandLine, at: .now)
        operatorID = try house.store.createPerson(
            PersonDraft(name: "Ann", login: "ann", isOperator: true), once: nil, by: .commandLine, at: .now
        ).id
    }

    private func door(_ state: ShowState) -> ChatDoor {
        ChatDoor(
            fanout: fanout, captions: CaptionChannel(hall: house.backstage.captions.hall, fanout: fanout),
            intake: CaptionIntake(
                bureau: house.backstage.captions, people: house.store, shows: house.store),
            visitors: house.backstage.visitors, sameOrigin: SameOrigin(), gatekeeper: OpenHouse(),
            freshness: .milliseconds(20)
        ) { show in
            ShowFacts(
                id: show, state: state, start: nil, visibility: .public, language: .english,
                srtPassphrase: nil, endedAt: nil)
        }
    }

    private func listen(_ headers: HTTPFields, to state: ShowState) async throws -> Ear {
        let ear = Ear(MultiThreadedEventLoopGroup.singleton.next())
        let door = door(state)
        try await ear.loop.submit {
            let request = LineRequest(
                kind: .events, target: "/api/v1/shows/\(Self.show.text)/events", authority: "shop.example",
                headers: headers, origin: ClientOrigin(address: nil), isSecure: false)
            guard case .guest(let guest) = door.answer(request) else { return }
            ear.begin(guest)
        }.get()
        try await ear.until { $0.heard("hello") == 1 }
        return ear
    }

    private func session() throws -> (hash: SecretHash, headers: HTTPFields) {
        let (session, secret) = Session.begin(person: operatorID, userAgent: nil, at: .now)
        try house.store.beginSession(session)
        return (session.id, [.cookie: "\(Session.cookie)=\(secret)"])
    }

    /// A guest's words, which wait for a moderator.
    private func sayWhatIsHeld(_ number: Int) async throws {
        let desk = try #require(try await house.backstage.chat.hall.desk(Self.show))
        let (author, _, _) = try desk.guest(named: "Bea", address: "192.0.2.9").get()
        let bea = ChatVisitor(author: author, address: "192.0.2.9")
        _ = try await desk.perform(.send(ChatDraft(text: "Number \(number): www.example.com")), by: bea)
    }

    @Test func whoseSessionEndsHearsNoMoreOfWhatWaitsForModerators() async throws {
        let (hash, headers) = try session()
        let ear = try await listen(headers, to: .live)
        try await sayWhatIsHeld(1)
        try await ear.until { $0.heard("held") == 1 }
        try house.store.endSession(hash)
        house.backstage.visitors.forget()
        try await ear.until { _ in !fanout.hasFollowers(Self.show, .held) }
        try await sayWhatIsHeld(2)
        #expect(ear.heard("held") == 1 && ear.end == nil, "they read on as anybody does")
        try await ear.loop.submit { ear.leave() }.get()
    }

    @Test func whoseSessionEndsIsShownOutWhereNobodyElseIsLetIn() async throws {
        let (hash, headers) = try session()
        let ear = try await listen(headers, to: .draft)
        try house.store.endSession(hash)
        house.backstage.visitors.forget()
        try await ear.until { $0.end == .policy }
    }

    @Test func aTokenThatIsRevokedEndsItsLine() async throws {
        let secret = AccessToken.makeSecret()
        let token = try house.store.createToken(
            TokenDraft(name: "t", scopes: [.all]), secret: secret, of: operatorID, by: .commandLine, at: .now)
        let ear = try await listen([.authorization: "Bearer \(secret)"], to: .live)
        #expect(fanout.hasFollowers(Self.show, .held))
        try house.store.revokeToken(token.id, of: operatorID, by: .commandLine, at: .now)
        house.backstage.visitors.forget()
        try await ear.until { $0.end == .policy }
    }
}
