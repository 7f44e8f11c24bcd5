/// A fault in one thing that a client has set.
package struct FieldFault: Hashable, Sendable, Codable {
    /// As JSON names it: `titles.en`, `start`.
    package var field: String
    /// What is allowed, in plain words.
    package var reason: String

    package init(_ field: String, _ reason: String) {
        self.field = field
        self.reason = reason
    }
}

/// Why the domain does not do what was asked. The sentences are for whoever asked.
package enum DomainFault: Error, Hashable, Sendable {
    /// There is no such thing (404).
    case missing(String)
    /// Another thing, or the state, stands against it (409).
    case conflict(String)
    /// It has been changed since the client read it (412).
    case stale(current: Int)
    /// What was sent is not allowed (422): every fault at once.
    case invalid([FieldFault])
    /// The same Idempotency-Key came with other content (422).
    case claimed
    /// The same Idempotency-Key has made this already; nothing was made.
    case repeated(subject: String)
}

extension DomainFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let text), .conflict(let text): text
        case .stale(let current): "it has been changed meanwhile: its revision is \(current) now"
        case .invalid(let faults): faults.map { "\($0.field): \($0.reason)" }.joined(separator: "; ")
        case .claimed: "this Idempotency-Key was used with other content"
        case .repeated(let subject): "this Idempotency-Key has made '\(subject)' already"
        }
    }
}

/// Some of a long list, and where it goes on.
package struct Page<Element: Sendable>: Sendable {
    package var items: [Element]
    /// What to ask for the next page; nil on the last. Opaque to clients.
    package var next: String?

    package init(items: [Element], next: String?) {
        self.items = items
        self.next = next
    }
}

extension Page: Equatable where Element: Equatable {}
