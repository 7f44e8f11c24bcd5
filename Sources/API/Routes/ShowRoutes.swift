import Foundation
import HTTPTypes
import Media
import People
import Shows

/// Making, finding and changing shows.
struct ShowRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        [
            APIRoute(.get, "/shows", .everybody, answer: list).shared,
            APIRoute(.post, "/shows", .may(.createShow), content: .object, answer: create),
            APIRoute(.get, "/shows/{show}", .everybody, answer: read).shared,
            APIRoute(.patch, "/shows/{show}", .inShow(.editShow), content: .patch, answer: edit),
            APIRoute(.delete, "/shows/{show}", .inShow(.deleteShow), answer: delete),
        ]
    }

    // MARK: Finding

    private static let announced: Set<ShowState> = [.scheduled, .rehearsal, .live, .ended, .replay]

    @Sendable private func list(_ call: APICall) throws -> APIAnswer {
        var reader = QueryReader(call)
        var query = ShowQuery(limit: reader.limit(), cursor: reader.cursor())
        let names = ShowState.allCases.map(\.rawValue).joined(separator: ", ")
        query.states = reader.value("state", "some of \(names), with commas between them") { text in
            let states = text.split(separator: ",").map { ShowState(rawValue: String($0)) }
            return states.contains(nil) ? nil : Set(states.compactMap { $0 })
        }
        query.text = reader.text("q", atMost: 100)
        query.tag = reader.text("tag", atMost: 40)
        query.from = reader.instant("from")
        query.to = reader.instant("to")
        query.order =
            reader.value("order", "start, latest or updated") { ShowRoutes.orders[$0] } ?? .start
        let isMine = reader.value("mine", "true or false") { Bool($0) } ?? false
        try reader.check()
        let isWhole = call.may(.readHidden)
        if isMine {
            query.member = try call.person().id
        } else if !isWhole {
            query.visibilities = [.public]
            // Who looks for rehearsals finds what is scheduled: nobody is told which rehearse.
            let wanted = query.states ?? ShowRoutes.announced
            var states = wanted.intersection(ShowRoutes.announced).subtracting([.rehearsal])
            if states.contains(.scheduled) { states.insert(.rehearsal) }
            query.states = states
        }
        let page = try backstage.shows.shows(query)
        let documents = page.items.map { show in
            document(show, isWhole: AccessRules.permits(call.identity, .readHidden, on: show.id))
        }
        let isForAll = call.visitor.isAnonymous
        return try .json(
            ListDocument("shows", documents, next: page.next), cache: isForAll ? "max-age=1" : "no-store"
        ).varying
    }

    private static let orders: [String: ShowQuery.Order] = [
        "start": .start, "latest": .latest, "updated": .updated,
    ]

    @Sendable private func read(_ call: APICall) throws -> APIAnswer {
        let show = try call.show()
        let isWhole = call.may(.readHidden)
        return try .json(
            document(show, isWhole: isWhole), revision: isWhole ? show.revision : nil,
            cache: call.visitor.isAnonymous ? "max-age=1" : "no-store"
        ).varying
    }

    private func document(_ show: Show, isWhole: Bool = true) -> ShowDocument {
        ShowDocument(
            show: show, standing: backstage.stage.standing(of: show), isWhole: isWhole)
    }

    // MARK: Making and changing

    @Sendable private func create(_ call: APICall) throws -> APIAnswer {
        let place = "POST \(RouteTable.place)/shows"
        return try backstage.once(backstage.claim(call, place), at: call.now) { subject in
            guard let show = try ShowID(subject).flatMap(backstage.shows.show) else { throw Refusal.noShow }
            return try made(show)
        } make: {
            var members = try JSONContent.object(call.content)
            var faults = ShowRoutes.faults(in: members)
            let id = members.removeValue(forKey: "id")
            let name = id?.text.flatMap { ShowID($0) }
            if id != nil, name == nil || name?.isPreview == true {
                faults.append(
                    FieldFault(
                        "id",
                        "1 to 64 of a-z, 0-9, '-' and '_' are needed, starting with a letter or digit"))
            }
            let scheduled = members.removeValue(forKey: "isScheduled")
            if let scheduled, scheduled.bool == nil {
                faults.append(FieldFault("isScheduled", "true or false is needed"))
            }
            let draft = try JSONContent.value(
                ShowDraft.self, fields: ShowDraft.fields, known: ["id", "isScheduled"], faults, from: members)
            let show = try backstage.shows.createShow(
                draft, id: name, isScheduled: scheduled?.bool ?? false,
                once: backstage.claim(call, place), by: call.actor(), at: call.now)
            backstage.visitors.forget()
            return try made(show)
        }
    }

    private func made(_ show: Show) throws -> APIAnswer {
        try .json(
            document(show), status: .created, revision: show.revision,
            location: "\(RouteTable.place)/shows/\(show.id)")
    }

    @Sendable private func edit(_ call: APICall) throws -> APIAnswer {
        let show = try call.show()
        let revision = try ShowRoutes.revision(call, show, isNeeded: true)
        let patch = try JSONContent.object(call.content)
        var target = try JSONContent.members(of: show.draft)
        // What is only told to be there stays as it is unless it is set.
        target["srtPassphrase"] = show.srtPassphrase.map { .text($0) }
        var draft = try JSONContent.value(
            ShowDraft.self, fields: ShowDraft.fields, ShowRoutes.faults(in: patch),
            from: JSONContent.merged(patch, over: target))
        draft.slate = show.slate
        if draft.hosts != show.hosts, !call.may(.createShow), !call.may(.manageMembers) {
            throw Refusal.forbidden("who hosts a show is for operators to say")
        }
        let edited = try backstage.shows.editShow(
            show.id, to: draft, ifRevision: revision, by: call.actor(), at: call.now)
        if draft.hosts != show.hosts { backstage.visitors.forget() }
        return try .json(document(edited), revision: edited.revision)
    }

    @Sendable private func delete(_ call: APICall) throws -> APIAnswer {
        let show = try call.show()
        if let revision = try ShowRoutes.revision(call, show, isNeeded: false), revision != show.revision {
            throw DomainFault.stale(current: show.revision)
        }
        try backstage.shows.deleteShow(show.id, by: call.actor(), at: call.now)
        backstage.visitors.forget()
        return .nothing
    }

    /// Which revision is to be changed; nil: whichever there is. Throws 428 where that is not said, 412 where it is another.
    private static func revision(_ call: APICall, _ show: Show, isNeeded: Bool) throws -> Int? {
        switch RevisionTag.wish(call.arrival.headers) {
        case .any: return nil
        case .revisions(let revisions):
            guard revisions.contains(show.revision) else { throw DomainFault.stale(current: show.revision) }
            return show.revision
        case .none:
            guard isNeeded else { return nil }
            throw ProblemDocument(
                status: .preconditionRequired,
                detail: "say which revision is changed: If-Match with the ETag of the show, or *")
        }
    }

    /// What is not known inside of members that are objects themselves.
    private static func faults(in members: [String: JSONValue]) -> [FieldFault] {
        (members["recurrence"]?.object ?? [:]).keys.filter { !["weekly", "until"].contains($0) }.sorted().map
        {
            FieldFault("recurrence.\($0)", "it is not known here; known are until, weekly")
        }
    }
}

extension APIAnswer {
    /// What it says depends on who asks.
    var varying: APIAnswer {
        var answer = self
        answer.headers[.vary] = "Authorization, Cookie"
        return answer
    }
}
