package import Foundation
import HTTPTypes
package import Media
package import People
import Synchronization

/// Finds out who asks: by the session of a browser, by a token, or by a stream key; and slows those down who guess.
///
/// Who was found stays known for a few seconds, and until `forget` is called: every change of people, roles, tokens and
/// keys calls it. Bound: `most` are known; policy: all are forgotten, which costs a look each.
package final class Visitors: Sendable {
    private static let freshness = Duration.seconds(10)
    private static let most = 4096

    private struct Known {
        var visitor: Visitor
        var until: MonotonicTime
    }

    private struct State {
        var known: [SecretHash: Known] = [:]
        /// Counts what was forgotten: who was looked up before is not remembered after.
        var age = 0
    }

    private let people: any PeopleStore
    private let showOpened: @Sendable (_ key: String, _ wanted: ShowID?) throws -> ShowID?
    private let state = Mutex(State())
    private let warden: any Warden
    private let listeners = Mutex<[@Sendable () -> Void]>([])

    /// `showOpened` is the show that a stream key opens; of those of a series, which share theirs, the wanted one. It is
    /// asked each time.
    package init(
        people: any PeopleStore, warden: any Warden,
        showOpened: @escaping @Sendable (_ key: String, _ wanted: ShowID?) throws -> ShowID?
    ) {
        self.people = people
        self.warden = warden
        self.showOpened = showOpened
    }

    /// Something has changed that decides who may do what.
    package func forget() {
        state.withLock { state in
            state.known.removeAll(keepingCapacity: true)
            state.age += 1
        }
        for listener in listeners.withLock({ $0 }) { listener() }
    }

    /// `body` is called after each `forget`, on its thread.
    package func onForget(_ body: @escaping @Sendable () -> Void) {
        listeners.withLock { $0.append(body) }
    }

    /// Blocks for the store where the visitor is not known.
    package func visitor(_ arrival: Arrival, at now: Date, clock: MonotonicTime = .now) throws -> Visitor {
        // A guest of chats is nobody here: rooms look at the pass.
        if arrival.guestSecret != nil { return Visitor() }
        if let field = arrival.headers[.authorization] {
            let wanted = arrival.parameters["show"].flatMap { ShowID($0) }
            return try bearer(field, wanted, from: arrival.address, at: now, clock)
        }
        guard let secret = arrival.cookie(Session.cookie), secret.utf8.count <= 100 else { return Visitor() }
        let found = try known(secret, at: now, clock) { hash in
            guard let (session, person) = try people.session(hash, at: now) else { return nil }
            if session.wantsNote(at: now) { try people.noteSession(hash, at: now) }
            return Visitor(
                identity: Identity(
                    kind: .person(person.id), isOperator: person.isOperator,
                    roles: try people.roles(of: person.id)), person: person, session: session)
        }
        // A cookie that has run out goes along for a while with requests for what everybody may see.
        return found ?? Visitor()
    }

    private func bearer(
        _ field: String, _ wanted: ShowID?, from address: String, at now: Date, _ clock: MonotonicTime
    ) throws -> Visitor {
        if let seconds = warden.delay(of: address, at: clock) { return Visitor(trouble: .later(seconds)) }
        guard let secret = Visitors.bearer(field) else {
            warden.refused(nil, from: address, at: clock)
            return Visitor(trouble: .unknownKey)
        }
        let isToken = AccessToken.isSecret(secret)
        let found =
            try isToken
            ? known(secret, at: now, clock) { _ in try token(secret, at: now) }
            : showOpened(secret, wanted).map { Visitor(identity: Identity(kind: .streamKey($0))) }
        if let found { return found }
        warden.refused(secret, from: address, at: clock)
        return Visitor(trouble: isToken ? .badToken : .unknownKey)
    }

    private func token(_ secret: String, at now: Date) throws -> Visitor? {
        guard let (token, person) = try people.token(secret: secret, at: now) else { return nil }
        if token.wantsNote(at: now) { try people.noteToken(token.id, at: now) }
        return Visitor(
            identity: Identity(
                kind: .token(token.id, person.id, Set(token.scopes)), isOperator: person.isOperator,
                roles: try people.roles(of: person.id)), person: person, token: token)
    }

    private func known(
        _ secret: String, at now: Date, _ clock: MonotonicTime, _ look: (SecretHash) throws -> Visitor?
    ) throws -> Visitor? {
        let hash = SecretHash(of: secret)
        let (found, age) = state.withLock { ($0.known[hash], $0.age) }
        if let found, found.until > clock, found.visitor.isGood(at: now) { return found.visitor }
        guard let visitor = try look(hash) else {
            state.withLock { $0.known[hash] = nil }
            return nil
        }
        state.withLock { state in
            // What has changed meanwhile may have changed this.
            guard state.age == age else { return }
            if state.known.count >= Visitors.most { state.known.removeAll(keepingCapacity: true) }
            state.known[hash] = Known(visitor: visitor, until: clock + Visitors.freshness)
        }
        return visitor
    }

    /// `KEY` of `Bearer KEY`; nil where it is anything else, or longer than any key.
    static func bearer(_ field: String) -> String? {
        guard field.utf8.count <= 300 else { return nil }
        let words = field.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }
}

extension Visitor {
    fileprivate func isGood(at now: Date) -> Bool {
        session?.isGood(at: now) ?? token?.isGood(at: now) ?? true
    }
}
