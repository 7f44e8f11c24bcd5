/// Why a room does not do what was asked. The sentence is for whoever asked; it repeats nothing of theirs.
package struct ChatRefusal: Error, Hashable, Sendable {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case slowMode = "slow-mode"
        case duplicate, flood
        case tooLong = "too-long"
        case empty, banned
        case timedOut = "timed-out"
        case link, word, held
        case notAllowed = "not-allowed"
        /// Nobody may write, or this visitor has no name yet.
        case readOnly = "read-only"
        case badRequest = "bad-request"
        /// There is no such message, or sanction.
        case unknown
        /// It has been changed meanwhile.
        case stale
        /// The disk is slow or full: once more, later.
        case busy
    }

    package var code: Code
    package var detail: String
    package var retryAfter: Duration?

    package init(_ code: Code, _ detail: String, retryAfter: Duration? = nil) {
        self.code = code
        self.detail = detail
        self.retryAfter = retryAfter
    }

    /// Whole seconds, rounded up.
    package var retryAfterSeconds: Int? {
        retryAfter.map { wait in
            let (seconds, attoseconds) = wait.components
            return Int(seconds) + (attoseconds > 0 ? 1 : 0)
        }
    }
}
