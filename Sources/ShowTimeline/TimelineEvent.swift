package import Foundation
package import Media
package import People

/// What kind of thing happened in a show.
package enum TimelineKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// The show's state: `{from, to, event}`.
    case state
    /// Its feed: `{what: connected|lost|switched|slate|paused|restored|codec, …}`; `from` with what was on air before, where
    /// that was another; `awaySeconds` with what came back after viewers had been without; `reason` with a slate for a
    /// feed that is still connected.
    case feed
    /// What became of its recording: `{what: ready, seconds}` or `{what: failed, reason}`, once for each end.
    case recording
    /// Somebody's remark: `{text}`.
    case note
    /// A chapter begins: `{title}`.
    case chapter
    /// A viewer's question was answered: `{message, author, name, text, language?, answer?: {message, text}}`.
    case question
}

/// One event of a show's append-only log.
package struct TimelineEvent: Hashable, Sendable, Codable {
    /// A UUID in lower case.
    package var id: String
    package var show: ShowID
    /// Counts the show's events from 1, without gaps.
    package var sequence: Int
    /// When it appears: the show clock (PROGRAM-DATE-TIME); nil where there was no picture.
    package var showTime: Date?
    /// When the server knew of it: the shop clock.
    package var shopTime: Date
    package var kind: TimelineKind
    /// A JSON object.
    package var payload: JSONValue
    package var actor: Actor

    package init(
        id: String, show: ShowID, sequence: Int, showTime: Date?, shopTime: Date, kind: TimelineKind,
        payload: JSONValue, actor: Actor
    ) {
        self.id = id
        self.show = show
        self.sequence = sequence
        self.showTime = showTime
        self.shopTime = shopTime
        self.kind = kind
        self.payload = payload
        self.actor = actor
    }
}

/// An event that has no place in the log yet.
package struct TimelineDraft: Hashable, Sendable {
    package var show: ShowID
    package var showTime: Date?
    package var shopTime: Date
    package var kind: TimelineKind
    package var payload: JSONValue
    package var actor: Actor

    package init(
        show: ShowID, showTime: Date? = nil, shopTime: Date, kind: TimelineKind, payload: JSONValue,
        actor: Actor
    ) {
        self.show = show
        self.showTime = showTime
        self.shopTime = shopTime
        self.kind = kind
        self.payload = payload
        self.actor = actor
    }
}

/// What a client may write into a timeline: `{kind: note, payload: {text}}` or `{kind: chapter, payload: {title}}`.
package struct TimelineNote: Hashable, Sendable, Codable {
    package var kind: TimelineKind
    package var payload: JSONValue
    package var showTime: Date?

    package static let fields: Set<String> = ["kind", "payload", "showTime"]

    package init(kind: TimelineKind, payload: JSONValue, showTime: Date? = nil) {
        self.kind = kind
        self.payload = payload
        self.showTime = showTime
    }

    /// Every fault at once.
    package func validate() -> [FieldFault] {
        guard let member = kind == .note ? "text" : kind == .chapter ? "title" : nil else {
            return [FieldFault("kind", "only 'note' and 'chapter' are written by people")]
        }
        guard let object = payload.object else {
            return [FieldFault("payload", "an object with '\(member)' is needed")]
        }
        var faults = object.keys.filter { $0 != member }.sorted().map {
            FieldFault("payload.\($0)", "it is not known here")
        }
        if let text = object[member]?.text, (1...1000).contains(text.count) {
            return faults
        }
        faults.append(FieldFault("payload.\(member)", "1 to 1000 characters are needed"))
        return faults
    }
}
