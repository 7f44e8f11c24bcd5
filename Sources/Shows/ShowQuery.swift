package import Foundation
package import People

/// Which shows are wanted.
package struct ShowQuery: Hashable, Sendable {
    package enum Order: Hashable, Sendable {
        /// Soonest first; without a start last.
        case start
        /// Latest first; without a start last.
        case latest
        /// Most recently changed first.
        case updated
    }

    /// Nil: all.
    package var states: Set<ShowState>?
    package var visibilities: Set<Visibility>?
    package var host: PersonID?
    /// Somebody with any role in it.
    package var member: PersonID?
    package var tag: String?
    /// Looked for in titles, tags and the id, without regard to case.
    package var text: String?
    /// The start lies in `from ..< to`.
    package var from: Date?
    package var to: Date?
    package var order: Order
    /// 1 to 200.
    package var limit: Int
    package var cursor: String?

    package init(
        states: Set<ShowState>? = nil, visibilities: Set<Visibility>? = nil, host: PersonID? = nil,
        member: PersonID? = nil, tag: String? = nil, text: String? = nil, from: Date? = nil, to: Date? = nil,
        order: Order = .start, limit: Int = 50, cursor: String? = nil
    ) {
        self.states = states
        self.visibilities = visibilities
        self.host = host
        self.member = member
        self.tag = tag
        self.text = text
        self.from = from
        self.to = to
        self.order = order
        self.limit = limit
        self.cursor = cursor
    }
}
