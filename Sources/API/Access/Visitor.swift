package import People

/// Who asks, as far as their request tells.
package struct Visitor: Sendable {
    /// Why somebody who showed something is nobody all the same.
    package enum Trouble: Sendable, Hashable {
        /// The Authorization field holds a key that opens nothing, or nothing readable.
        case unknownKey
        /// It holds a token that is not good, or no longer.
        case badToken
        /// Too many wrong ones came from this address: not looked at for so many seconds.
        case later(Int)
    }

    package var identity: Identity
    package var person: Person?
    /// Of a browser.
    package var session: Session?
    package var token: AccessToken?
    package var trouble: Trouble?

    package init(
        identity: Identity = .anonymous, person: Person? = nil, session: Session? = nil,
        token: AccessToken? = nil, trouble: Trouble? = nil
    ) {
        self.identity = identity
        self.person = person
        self.session = session
        self.token = token
        self.trouble = trouble
    }

    package var isAnonymous: Bool { identity.kind == .anonymous }
}
