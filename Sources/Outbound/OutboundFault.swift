/// Why a request that left did not come to an answer. The words are for an operator; they hold no paths and no secrets.
package enum OutboundFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The target is on an address that may not be connected to; nothing was sent.
    case refused(host: String, kind: AddressPolicy.Kind)
    /// The name has no address.
    case unresolved(host: String, reason: String)
    /// No connection came about.
    case unreachable(String)
    /// The certificate is not good for the host, or the handshake failed.
    case untrusted(String)
    case timedOut
    /// The connection ended before the answer did.
    case brokenOff
    /// What came back is not HTTP.
    case garbled
    /// The answer is larger than the caller takes.
    case tooLarge(limit: Int)
    /// A redirect that may not be followed.
    case redirect(String)
    /// As many requests are under way as may be.
    case busy
    /// The caller gave up, or the server is stopping.
    case cancelled
    case failed(String)

    package var description: String {
        switch self {
        case .refused(let host, let kind):
            "\(host) is on an address of \(kind.rawValue), which the setting outbound.allow does not allow"
        case .unresolved(let host, let reason): "the host name \(host) has no address (\(reason))"
        case .unreachable(let reason): "no connection: \(reason)"
        case .untrusted(let reason): "no trusted connection: \(reason)"
        case .timedOut: "no answer in time"
        case .brokenOff: "the connection ended before the answer did"
        case .garbled: "the answer is not HTTP"
        case .tooLarge(let limit): "the answer is larger than \(limit) bytes"
        case .redirect(let reason): "the redirect is not followed: \(reason)"
        case .busy: "too many requests are under way"
        case .cancelled: "the request was given up"
        case .failed(let reason): "the request failed: \(reason)"
        }
    }

    /// One word for a metric's label.
    package var label: String {
        switch self {
        case .refused: "refused"
        case .unresolved: "unresolved"
        case .unreachable: "unreachable"
        case .untrusted: "untrusted"
        case .timedOut: "timed_out"
        case .brokenOff: "broken_off"
        case .garbled: "garbled"
        case .tooLarge: "too_large"
        case .redirect: "redirect"
        case .busy: "busy"
        case .cancelled: "cancelled"
        case .failed: "failed"
        }
    }
}
