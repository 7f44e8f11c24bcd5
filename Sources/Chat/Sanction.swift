package import Foundation
package import Media
package import People

package struct SanctionID: RandomID {
    package static let letter: Character = "s"
    package let text: String
    package init(known: String) { text = known }
}

/// Somebody may not write in a show, for a while or for good, and why.
package struct Sanction: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// For a while.
        case timeout
        case ban
        /// They write, and nobody else sees it.
        case shadow
    }

    package var id: SanctionID
    package var show: ShowID
    package var author: AuthorID
    /// What they were called then.
    package var name: String
    package var kind: Kind
    package var reason: String
    package var at: Date
    /// Nil: for good.
    package var until: Date?
    package var by: Actor
    package var liftedAt: Date?

    package init(
        id: SanctionID, show: ShowID, author: AuthorID, name: String, kind: Kind, reason: String, at: Date,
        until: Date?, by: Actor, liftedAt: Date? = nil
    ) {
        self.id = id
        self.show = show
        self.author = author
        self.name = name
        self.kind = kind
        self.reason = reason
        self.at = at
        self.until = until
        self.by = by
        self.liftedAt = liftedAt
    }

    package func isInForce(at now: Date) -> Bool {
        liftedAt == nil && (until.map { now < $0 } ?? true)
    }
}

/// What who moderates sets of a sanction.
package struct SanctionDraft: Hashable, Sendable, Codable {
    package var author: AuthorID
    package var kind: Sanction.Kind
    package var seconds: Int?
    package var until: Date?
    package var reason: String

    package static let fields: Set<String> = ["author", "kind", "seconds", "until", "reason"]
    package static let longest = 366 * 86_400

    package init(
        author: AuthorID, kind: Sanction.Kind, seconds: Int? = nil, until: Date? = nil, reason: String
    ) {
        self.author = author
        self.kind = kind
        self.seconds = seconds
        self.until = until
        self.reason = reason
    }

    package func end(at now: Date) -> Date? {
        seconds.map { now.addingTimeInterval(Double($0)).toMilliseconds } ?? until
    }

    /// Every fault at once.
    package func validate(at now: Date) -> [FieldFault] {
        var faults: [FieldFault] = []
        if let seconds, !(1...SanctionDraft.longest).contains(seconds) {
            faults.append(FieldFault("seconds", "1 to \(SanctionDraft.longest) are possible"))
        }
        if seconds != nil, until != nil {
            faults.append(FieldFault("until", "either seconds or until can be set"))
        } else if let until, until <= now || until > now.addingTimeInterval(3650 * 86_400) {
            faults.append(FieldFault("until", "it must be in the future, within ten years"))
        }
        if kind == .timeout, seconds == nil, until == nil {
            faults.append(FieldFault("seconds", "a time-out needs an end: seconds or until"))
        }
        if !(1...300).contains(reason.count) || reason.contains(where: \.isControl) {
            faults.append(FieldFault("reason", "1 to 300 characters are needed: it is told in an appeal"))
        }
        return faults
    }
}
