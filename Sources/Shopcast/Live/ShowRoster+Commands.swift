import Foundation
import Ingest
import Media
import People
import Persistence
import Shows

// What can be done to a show from outside: by the command line, its host's page and the API alike.

extension ShowRoster {
    /// Moves a show, wherever it is. Blocks until that is on disk. Throws `DomainFault` where the rules are against it.
    @discardableResult
    func move(_ id: ShowID, _ event: ShowState.Event, by actor: Actor) throws -> Show {
        let isOnAir: Bool
        switch event {
        case .rehearse, .goLive, .end, .reopen: isOnAir = true
        case .schedule, .cancel, .publishReplay: isOnAir = shows[id] != nil && event == .cancel
        }
        guard isOnAir, let live = show(id) else {
            return try store.moveShow(id, event, by: actor, at: .now).show
        }
        let reply =
            switch event {
            case .rehearse: live.rehearse(by: actor)
            case .goLive: live.goLive(by: actor)
            case .end: live.end(by: actor)
            case .reopen: live.reopen(by: actor)
            case .cancel: live.cancel(by: actor)
            case .schedule, .publishReplay: ControlReply.ok("")
            }
        if case .error(let reason) = reply { throw DomainFault.conflict(reason) }
        try settled()
        guard let show = try store.show(id) else { throw DomainFault.missing("there is no show '\(id)'") }
        return show
    }

    /// Puts this feed on air. Throws `DomainFault` where it cannot be.
    func choose(_ role: FeedRole, of id: ShowID, by actor: Actor) throws {
        guard let live = show(id), let feed = FeedSwitch.Role(rawValue: role.rawValue) else {
            throw DomainFault.missing("there is no show '\(id)'")
        }
        if case .error(let reason) = live.choose(feed) { throw DomainFault.conflict(reason) }
        log.feed(id, "chosen", ["role": .text(role.rawValue)], isOnScreen: true, by: actor)
        try settled()
    }

    private func settled() throws {
        if let reason = settle() {
            throw StoreTrouble(description: "it is done, but cannot be written down yet: \(reason)")
        }
    }

    /// The store cannot be written.
    struct StoreTrouble: Error, CustomStringConvertible {
        let description: String
    }

    private static let moves: [String: ShowState.Event] = [
        "rehearse": .rehearse, "go-live": .goLive, "end": .end, "reopen": .reopen, "schedule": .schedule,
        "cancel": .cancel,
    ]

    private static let done: [ShowState.Event: String] = [
        .rehearse: "rehearses: only its host sees it", .goLive: "goes live", .end: "has ended",
        .reopen: "is open again: its host may publish", .schedule: "is scheduled", .cancel: "is cancelled",
    ]

    /// Answers `shopcast show …`. Blocks until what it says is on disk.
    func answer(_ words: [String], by actor: Actor = .commandLine) -> ControlReply {
        if words == ["show", "list"] {
            let facts = index.all.sorted { $0.id.text < $1.id.text }
            return .ok(
                facts.map { fact in
                    let live = shows[fact.id]?.summary
                    return
                        "\(fact.id):\((live?.state ?? fact.state).rawValue)\(live?.isPaused == true ? "(paused)" : "")"
                }.joined(separator: " "))
        }
        guard words.count >= 3, words[0] == "show" else { return .error("unknown command") }
        guard let id = ShowID(words[2]), index[id] != nil else {
            return .error("there is no show '\(words[2])'")
        }
        do {
            switch (words.count, words[1]) {
            case (4, "switch"):
                guard let role = FeedRole(rawValue: words[3]) else {
                    return .error("'\(words[3])' is no feed: say primary or backup")
                }
                try choose(role, of: id, by: actor)
                return .ok("the \(role) feed of show '\(id)' is on air")
            case (3, let word):
                guard let event = ShowRoster.moves[word] else { return .error("unknown command") }
                try move(id, event, by: actor)
                return .ok("show '\(id)' \(ShowRoster.done[event] ?? "is done")")
            default: return .error("unknown command")
            }
        } catch {
            return .error("\(error)")
        }
    }
}
