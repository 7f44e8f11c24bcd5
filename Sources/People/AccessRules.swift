package import Media

/// Everything that somebody may ask for.
package enum Action: String, Hashable, Sendable, CaseIterable {
    case listShows, readShow, createShow, editShow, deleteShow
    /// Seeing a show that is not for everybody: drafts, cancelled ones, and what only those who work on it see.
    case readHidden
    case readFeed, preview, rehearse, goLive, endShow, reopenShow, switchFeed
    case readKeys, rotateKeys
    case readTimeline, noteTimeline
    /// The room itself says who may write in it.
    case readChat, writeChat
    case moderateChat, exportChat
    /// The words that no translation touches.
    case editGlossary
    /// An interpreter only in the languages that are theirs.
    case writeCaptions
    case readPeople, managePeople, manageMembers
    /// One's own tokens, password and sessions.
    case manageTokens
    case readAudit, manageHooks, readQuality, manageSettings, erasePerson
}

/// Who asks, as far as the rules need to know.
package struct Identity: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case anonymous
        /// Signed in with a password.
        case person(PersonID)
        case token(TokenID, PersonID, Set<Scope>)
        case streamKey(ShowID)
    }

    package var kind: Kind
    package var isOperator: Bool
    package var roles: [ShowID: Role]

    package init(kind: Kind, isOperator: Bool = false, roles: [ShowID: Role] = [:]) {
        self.kind = kind
        self.isOperator = isOperator
        self.roles = roles
    }

    package static let anonymous = Identity(kind: .anonymous)

    package var person: PersonID? {
        switch kind {
        case .person(let id), .token(_, let id, _): id
        case .anonymous, .streamKey: nil
        }
    }

    /// As which changes are noted; nil for nobody.
    package var actor: Actor? {
        switch kind {
        case .anonymous: nil
        case .person(let id): .person(id)
        case .token(let id, let person, _): .token(id, person)
        case .streamKey(let show): .streamKey(show)
        }
    }
}

/// Who may do what. Every route asks here, and nothing else decides.
///
/// An operator may do everything; who has a role in a show, what the role is for; everybody may see what is public. A
/// token may do what its person may, as far as its scopes go. A stream key is a host's, in its show, for its feed and
/// its chat only.
package enum AccessRules {
    private static let everybody: Set<Action> = [.listShows, .readShow, .readChat, .writeChat]

    private static let streamKey: Set<Action> = [
        .readHidden, .readFeed, .preview, .rehearse, .goLive, .endShow, .moderateChat,
    ]

    private static func actions(of role: Role) -> Set<Action> {
        switch role {
        case .host:
            [
                .readHidden, .editShow, .readFeed, .preview, .rehearse, .goLive, .endShow, .reopenShow,
                .switchFeed, .readKeys, .rotateKeys, .readTimeline, .noteTimeline, .readQuality,
                .moderateChat, .exportChat, .editGlossary, .writeCaptions,
            ]
        case .moderator:
            [
                .readHidden, .preview, .readTimeline, .noteTimeline, .moderateChat, .exportChat,
                .editGlossary,
            ]
        case .interpreter: [.readHidden, .preview, .readTimeline, .editGlossary, .writeCaptions]
        }
    }

    /// Whether a token of this scope may be used for `action`.
    private static func covers(_ scope: Scope, _ action: Action) -> Bool {
        switch scope {
        case .all: true
        case .read:
            switch action {
            case .readHidden, .readFeed, .readTimeline, .readPeople, .readAudit, .readQuality: true
            default: false
            }
        case .shows:
            switch action {
            case .createShow, .editShow, .deleteShow, .readHidden, .readFeed, .preview, .rehearse, .goLive,
                .endShow, .reopenShow, .switchFeed, .readKeys, .rotateKeys, .readTimeline, .noteTimeline,
                .readQuality, .moderateChat, .exportChat, .editGlossary, .writeCaptions:
                true
            default: false
            }
        case .people:
            switch action {
            case .readPeople, .managePeople, .manageMembers, .manageTokens, .readAudit, .erasePerson: true
            default: false
            }
        case .hooks: action == .manageHooks
        case .moderate:
            switch action {
            case .noteTimeline, .readTimeline, .readHidden, .moderateChat, .exportChat, .editGlossary: true
            default: false
            }
        }
    }

    package static func permits(_ who: Identity, _ action: Action, on show: ShowID? = nil) -> Bool {
        if everybody.contains(action) { return true }
        let scopes: Set<Scope>
        switch who.kind {
        case .anonymous: return false
        case .streamKey(let own): return own == show && streamKey.contains(action)
        case .person: scopes = [.all]
        case .token(_, _, let given): scopes = given
        }
        guard scopes.contains(where: { covers($0, action) }) else { return false }
        if who.isOperator || action == .manageTokens { return true }
        guard let show, let role = who.roles[show] else { return false }
        return actions(of: role).contains(action)
    }
}
