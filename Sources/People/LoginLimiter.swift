package import Media

/// Slows down who guesses passwords. Pure: time arrives as an argument.
///
/// Wrong passwords count by address, by login, and by both together: somebody who guesses at one login waits soon,
/// many who guess at it from everywhere wait later, and neither keeps its owner out for long: at a known address the
/// owner has tries of their own.
package struct LoginLimiter: Sendable {
    private var pairs: GuessTable
    private var addresses: GuessTable
    private var logins: GuessTable

    package init(most: Int = 10_000) {
        pairs = GuessTable(free: 5, pace: .seconds(60), most: most)
        addresses = GuessTable(free: 20, pace: .seconds(3), most: most)
        logins = GuessTable(free: 50, pace: .seconds(30), most: most)
    }

    /// How long this try has to wait; nil where it need not.
    package func wait(login: String, address: String, at now: MonotonicTime) -> Duration? {
        let login = LoginLimiter.key(login)
        return [
            pairs.wait(for: "\(address) \(login)", at: now), addresses.wait(for: address, at: now),
            logins.wait(for: login, at: now),
        ].compactMap { $0 }.max()
    }

    package mutating func failed(login: String, address: String, at now: MonotonicTime) {
        let login = LoginLimiter.key(login)
        pairs.failed("\(address) \(login)", at: now)
        addresses.failed(address, at: now)
        logins.failed(login, at: now)
    }

    /// The right password: this login's tries from here are forgiven.
    package mutating func succeeded(login: String, address: String) {
        pairs.forgive("\(address) \(LoginLimiter.key(login))")
    }

    private static func key(_ login: String) -> String { String(login.lowercased().prefix(100)) }
}

/// Wrong tries by name: some are free, then one each `pace`.
///
/// Bound: `most` names; policy: those that are as good as new are forgotten, then the one that would be soonest.
package struct GuessTable: Sendable {
    private let free: Int
    private let pace: Duration
    private let most: Int
    /// When the name would be as good as new.
    private var cleanAt: [String: MonotonicTime] = [:]

    package init(free: Int, pace: Duration, most: Int) {
        self.free = free
        self.pace = pace
        self.most = max(1, most)
    }

    package var count: Int { cleanAt.count }

    package func wait(for name: String, at now: MonotonicTime) -> Duration? {
        guard let clean = cleanAt[name] else { return nil }
        let wait = (clean - now) - pace * (free - 1)
        return wait > .zero ? wait : nil
    }

    package mutating func failed(_ name: String, at now: MonotonicTime) {
        if cleanAt[name] == nil, cleanAt.count >= most {
            cleanAt = cleanAt.filter { $0.value > now }
            if cleanAt.count >= most, let soonest = cleanAt.min(by: { $0.value < $1.value })?.key {
                cleanAt[soonest] = nil
            }
        }
        cleanAt[name] = max(cleanAt[name] ?? now, now) + pace
    }

    package mutating func forgive(_ name: String) { cleanAt[name] = nil }
}
