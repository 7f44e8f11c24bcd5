import Media
import Metrics
import People
import Synchronization

/// Checks passwords: slowly for who guesses, and as slowly for logins that nobody has.
package final class LoginDesk: Sendable {
    private let limiter = Mutex(LoginLimiter())
    private let passwords = PasswordDesk()
    private let wrong = Counter(label: "shopcast_logins_refused_total", dimensions: [("reason", "password")])
    private let slowed = Counter(label: "shopcast_logins_refused_total", dimensions: [("reason", "rate")])

    package init() {}

    /// Whether this is the password behind `hash`; of nobody, where that is nil. Throws 429 where too many were wrong, 503
    /// where too many wait.
    func admits(
        _ password: String, by hash: PasswordHash?, login: String, from address: String,
        at now: MonotonicTime = .now
    ) async throws -> Bool {
        try await reported {
            // What is longer than any password is none; a long one would cost for nothing.
            let isPossible = password.count <= PasswordHash.lengths.upperBound && password.utf8.count <= 1024
            let isRight = try await passwords.admits(isPossible ? password : "", by: hash)
            limiter.withLock { limiter in
                if isRight, isPossible {
                    limiter.succeeded(login: login, address: address)
                } else {
                    limiter.failed(login: login, address: address, at: now)
                }
            }
            if !isRight { wrong.increment() }
            return isRight && isPossible
        }
    }

    /// Throws 429 where this login or this address has to wait.
    func check(login: String, from address: String, at now: MonotonicTime = .now) throws {
        guard let wait = limiter.withLock({ $0.wait(login: login, address: address, at: now) }) else {
            return
        }
        slowed.increment()
        throw Refusal.later(Int(wait.components.seconds) + 1, "wrong passwords")
    }

    /// A try that had no password in it, such as a link that is not good.
    func failed(_ name: String, from address: String, at now: MonotonicTime = .now) {
        wrong.increment()
        limiter.withLock { $0.failed(login: name, address: address, at: now) }
    }

    func hash(_ password: String) async throws -> PasswordHash {
        try await reported { try await passwords.hash(password) }
    }

    private func reported<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch is PasswordDesk.Busy {
            throw Refusal.busy
        }
    }
}
