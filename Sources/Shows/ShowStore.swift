package import Foundation
package import Media
package import People

/// Where shows are kept. Every call is one transaction, with its audit entry and its timeline event, and is on disk when
/// it returns; it waits for the disk, so it is not for the cooperative pool. Throws `DomainFault` where the rules are
/// against it.
package protocol ShowStore: Sendable {
    func show(_ id: ShowID) throws -> Show?
    func shows(_ query: ShowQuery) throws -> Page<Show>
    /// How many there are in each state.
    func showCounts() throws -> [ShowState: Int]
    /// The bare facts of every show: for the doors, at start.
    func facts() throws -> [ShowFacts]

    /// Validates, refuses overlapping shows of one host. Nil makes an id of the title. `isScheduled`: not as a draft.
    func createShow(
        _ draft: ShowDraft, id: ShowID?, isScheduled: Bool, once: IdempotencyClaim?, by actor: Actor,
        at now: Date
    ) throws -> Show
    /// Validates, refuses overlapping shows of one host. `ifRevision`: only where it is still that.
    func editShow(_ id: ShowID, to draft: ShowDraft, ifRevision: Int?, by actor: Actor, at now: Date) throws
        -> Show
    /// Drafts and cancelled shows only, with everything that is kept of them.
    func deleteShow(_ id: ShowID, by actor: Actor, at now: Date) throws
    /// Moves the show's state and tells the timeline. A forbidden move is a conflict that names state and move. When an
    /// occurrence of a weekly show ends or is cancelled, the next one is made as a show of its own, with `ID-YYYYMMDD`
    /// for its name, the same people and the same keys; it comes back as `next`.
    func moveShow(_ id: ShowID, _ event: ShowState.Event, by actor: Actor, at now: Date) throws
        -> (show: Show, next: Show?)
    /// Nil takes it away.
    func setCover(_ cover: CoverID?, of show: ShowID, by actor: Actor, at now: Date) throws -> Show

    // Stream keys
    /// Good ones and revoked ones, newest first.
    func keys(of show: ShowID) throws -> [StreamKeyRecord]
    /// Validates. `secret` is `StreamKeyRecord.makeSecret()`, and is not kept. Older keys stay good.
    func createKey(_ draft: StreamKeyDraft, secret: String, of show: ShowID, by actor: Actor, at now: Date)
        throws -> StreamKeyRecord
    /// A new key in place of `id`, of the same role and label; the old one is revoked.
    func rotateKey(_ id: StreamKeyID, secret: String, of show: ShowID, by actor: Actor, at now: Date) throws
        -> StreamKeyRecord
    /// It lets nobody in from now on, in no show of the series.
    func revokeKey(_ id: StreamKeyID, of show: ShowID, by actor: Actor, at now: Date) throws
        -> StreamKeyRecord
    /// Every good key: for the doors, at start and after changes.
    func goodKeys(of show: ShowID?) throws -> [KnownKey]
    func noteKey(_ id: StreamKeyID, at now: Date) throws

    /// The shows of the settings file, at start: made where they are missing; changed where their entry in the file has
    /// changed since the last start; their keys are those of the file.
    func adopt(_ shows: [SettingsShow], at now: Date) throws
}

/// The bare facts of a show, which the running server holds of every one.
package struct ShowFacts: Hashable, Sendable {
    package var id: ShowID
    package var state: ShowState
    package var start: Date?
    package var visibility: Visibility
    package var language: LanguageTag
    package var srtPassphrase: String?
    package var endedAt: Date?

    package init(
        id: ShowID, state: ShowState, start: Date?, visibility: Visibility, language: LanguageTag,
        srtPassphrase: String?, endedAt: Date?
    ) {
        self.id = id
        self.state = state
        self.start = start
        self.visibility = visibility
        self.language = language
        self.srtPassphrase = srtPassphrase
        self.endedAt = endedAt
    }

    package init(_ show: Show) {
        self.init(
            id: show.id, state: show.state, start: show.start, visibility: show.visibility,
            language: show.language, srtPassphrase: show.srtPassphrase, endedAt: show.endedAt)
    }
}

/// A show as the settings file has it.
package struct SettingsShow: Hashable, Sendable {
    package var id: ShowID
    package var draft: ShowDraft
    package var keys: [Key]
    /// What an older data folder knows of it; nil: scheduled.
    package var state: ShowState?

    package struct Key: Hashable, Sendable {
        package var role: FeedRole
        package var secret: String

        package init(role: FeedRole, secret: String) {
            self.role = role
            self.secret = secret
        }
    }

    package init(id: ShowID, draft: ShowDraft, keys: [Key], state: ShowState? = nil) {
        self.id = id
        self.draft = draft
        self.keys = keys
        self.state = state
    }
}
