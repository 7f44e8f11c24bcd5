package import Foundation

/// One change: who, what, when. Never with a secret.
package struct AuditEntry: Hashable, Sendable, Codable {
    /// Counts up.
    package var id: Int
    package var at: Date
    package var actor: Actor
    /// What the actor was called then.
    package var actorName: String
    /// `show.create`, `person.erase`, …
    package var action: String
    /// `show:evening`, `person:p…`
    package var subject: String
    package var details: JSONValue

    package init(
        id: Int, at: Date, actor: Actor, actorName: String, action: String, subject: String,
        details: JSONValue
    ) {
        self.id = id
        self.at = at
        self.actor = actor
        self.actorName = actorName
        self.action = action
        self.subject = subject
        self.details = details
    }
}

/// A change that is to be noted in the transaction that makes it.
package struct AuditDraft: Hashable, Sendable {
    package var action: String
    package var subject: String
    package var details: JSONValue
    package var actor: Actor
    package var at: Date

    package init(_ action: String, subject: String, details: JSONValue = [:], by actor: Actor, at: Date) {
        self.action = action
        self.subject = subject
        self.details = details
        self.actor = actor
        self.at = at
    }
}

/// Which entries are wanted: newest first.
package struct AuditQuery: Hashable, Sendable {
    package var subject: String?
    package var person: PersonID?
    /// The beginning of the action: `show.`.
    package var action: String?
    package var limit: Int
    package var cursor: String?

    package init(
        subject: String? = nil, person: PersonID? = nil, action: String? = nil, limit: Int = 50,
        cursor: String? = nil
    ) {
        self.subject = subject
        self.person = person
        self.action = action
        self.limit = limit
        self.cursor = cursor
    }
}
