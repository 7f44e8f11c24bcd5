import Media
import People
import Testing

/// Every role and every scope against every action: the table is the rule, in words of its own.
@Suite struct AccessRulesTests {
    private static let evening = ShowID(previewOf: (0, 1))
    private static let other = ShowID(previewOf: (0, 2))

    private static let open: Set<Action> = [.listShows, .readShow, .readChat, .writeChat]
    private static let host: Set<Action> = [
        .readHidden, .editShow, .readFeed, .preview, .rehearse, .goLive, .endShow, .reopenShow, .switchFeed,
        .readKeys, .rotateKeys, .readTimeline, .noteTimeline, .readQuality, .manageTokens,
        .moderateChat, .exportChat, .editGlossary, .writeCaptions,
    ]
    private static let moderator: Set<Action> = [
        .readHidden, .preview, .readTimeline, .noteTimeline, .manageTokens, .moderateChat, .exportChat,
        .editGlossary,
    ]
    private static let interpreter: Set<Action> = [
        .readHidden, .preview, .readTimeline, .manageTokens, .editGlossary, .writeCaptions,
    ]
    private static let key: Set<Action> = [
        .readHidden, .readFeed, .preview, .rehearse, .goLive, .endShow, .moderateChat,
    ]
    private static let all = Set(Action.allCases)

    private static func person(_ role: Role?, isOperator: Bool = false) -> Identity {
        var roles: [ShowID: Role] = [:]
        if let role { roles[evening] = role }
        return Identity(kind: .person(.random()), isOperator: isOperator, roles: roles)
    }

    private static func token(_ scopes: Set<Scope>, of person: Identity) -> Identity {
        var identity = person
        identity.kind = .token(.random(), .random(), scopes)
        return identity
    }

    private static let table: [(String, Identity, own: Set<Action>, elsewhere: Set<Action>)] = {
        let admin = person(nil, isOperator: true)
        let shows: Set<Action> = [
            .createShow, .editShow, .deleteShow, .readHidden, .readFeed, .preview, .rehearse, .goLive,
            .endShow,
            .reopenShow, .switchFeed, .readKeys, .rotateKeys, .readTimeline, .noteTimeline, .readQuality,
            .moderateChat, .exportChat, .editGlossary, .writeCaptions,
        ]
        let reading: Set<Action> = [
            .readHidden, .readFeed, .readTimeline, .readPeople, .readAudit, .readQuality,
        ]
        let people: Set<Action> = [
            .readPeople, .managePeople, .manageMembers, .manageTokens, .readAudit, .erasePerson,
        ]
        let moderating: Set<Action> = [
            .noteTimeline, .readTimeline, .readHidden, .moderateChat, .exportChat, .editGlossary,
        ]
        return [
            ("anonymous", .anonymous, [], []),
            ("nobody's person", person(nil), [.manageTokens], [.manageTokens]),
            ("host", person(.host), host, [.manageTokens]),
            ("moderator", person(.moderator), moderator, [.manageTokens]),
            ("interpreter", person(.interpreter), interpreter, [.manageTokens]),
            ("operator", admin, all, all),
            ("stream key", Identity(kind: .streamKey(evening)), key, []),
            ("operator's token, all", token([.all], of: admin), all, all),
            ("operator's token, read", token([.read], of: admin), reading, reading),
            ("operator's token, shows", token([.shows], of: admin), shows, shows),
            ("operator's token, people", token([.people], of: admin), people, people),
            ("operator's token, hooks", token([.hooks], of: admin), [.manageHooks], [.manageHooks]),
            (
                "operator's token, moderate", token([.moderate], of: admin),
                moderating, moderating
            ),
            ("operator's token, none", token([], of: admin), [], []),
            ("host's token, all", token([.all], of: person(.host)), host, [.manageTokens]),
            (
                "host's token, read", token([.read], of: person(.host)),
                [.readHidden, .readFeed, .readTimeline, .readQuality], []
            ),
            ("host's token, people", token([.people], of: person(.host)), [.manageTokens], [.manageTokens]),
            ("host's token, hooks", token([.hooks], of: person(.host)), [], []),
            (
                "moderator's token, shows and moderate", token([.shows, .moderate], of: person(.moderator)),
                [
                    .readHidden, .readTimeline, .noteTimeline, .preview, .moderateChat, .exportChat,
                    .editGlossary,
                ], []
            ),
        ]
    }()

    @Test func everyoneMayDoWhatTheTableSaysAndNothingElse() {
        for (name, who, own, elsewhere) in Self.table {
            for action in Action.allCases {
                #expect(
                    AccessRules.permits(who, action, on: Self.evening)
                        == own.union(Self.open).contains(action), "\(name): \(action) in its show")
                #expect(
                    AccessRules.permits(who, action, on: Self.other)
                        == elsewhere.union(Self.open).contains(action), "\(name): \(action) in another show")
            }
        }
    }

    @Test func whatBelongsToNoShowIsForOperators() {
        for action in Action.allCases where !Self.open.contains(action) {
            #expect(
                AccessRules.permits(Self.person(.host), action) == (action == .manageTokens), "\(action)")
            #expect(AccessRules.permits(Self.person(nil, isOperator: true), action), "\(action)")
        }
    }

    @Test func changesAreNotedAsWhoMadeThem() {
        #expect(Identity.anonymous.actor == nil)
        let show = Self.evening
        #expect(Identity(kind: .streamKey(show)).actor == .streamKey(show))
        let (person, token) = (PersonID.random(), TokenID.random())
        #expect(Identity(kind: .token(token, person, [.all])).actor == .token(token, person))
    }
}
