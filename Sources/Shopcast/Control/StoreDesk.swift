import Foundation
import Logging
package import Media
import People
import Persistence
package import Shows

/// The commands that need the store and no running show: with a server they go through its control socket, without one
/// straight to the file.
package struct StoreDesk: Sendable {
    let store: Store

    /// Answers the words of a command; nil where they are another's. Blocks for the disk.
    func answer(_ words: [String]) -> ControlReply? {
        do {
            switch (words.first, words.dropFirst().first, words.count) {
            case ("operator", "add", 3): return .ok(try addOperator(words[2]))
            case ("show", "create", 3): return .ok(try createShow(words[2]))
            case ("show", "keys", 3): return .ok(try keys(words[2]))
            case ("show", "add-key", 4): return .ok(try addKey(words[2], words[3]))
            case ("show", "revoke-key", 4): return .ok(try revokeKey(words[2], words[3]))
            case ("backup", _, 2):
                try StoreFile.copy(store.pool, to: words[1])
                try store.note(
                    "store.backup", subject: "store", details: ["file": .text(words[1])], by: .commandLine,
                    at: .now)
                return .ok("the store is copied to '\(words[1])'")
            default: return nil
            }
        } catch {
            return .error("\(error)")
        }
    }

    /// A token for the operator with this login, who is made where missing.
    private func addOperator(_ login: String) throws -> String {
        let draft = PersonDraft(name: login, login: login, isOperator: true)
        var person =
            try store.person(login: draft.normalised.login)
            ?? store.createPerson(draft, once: nil, by: .commandLine, at: .now)
        if !person.isOperator || person.disabledAt != nil {
            var changed = person.draft
            (changed.isOperator, changed.isDisabled) = (true, false)
            person = try store.editPerson(person.id, to: changed, by: .commandLine, at: .now)
        }
        let secret = AccessToken.makeSecret()
        _ = try store.createToken(
            TokenDraft(name: "command line", scopes: [.all]), secret: secret, of: person.id, by: .commandLine,
            at: .now)
        return secret
    }

    /// `SHOW KEY`: the new show, and its stream key, which is not shown again.
    private func createShow(_ text: String) throws -> String {
        let order = try WireJSON.decoder().decode(ShowOrder.self, from: Data(text.utf8))
        let show = try store.createShow(
            order.draft, id: order.id, isScheduled: !order.isDraft, once: nil, by: .commandLine, at: .now)
        let secret = StreamKeyRecord.makeSecret()
        _ = try store.createKey(
            StreamKeyDraft(label: "command line"), secret: secret, of: show.id, by: .commandLine, at: .now)
        return "\(show.id) \(secret)"
    }

    /// `KEY:ROLE:STATE` of each key, newest first.
    private func keys(_ name: String) throws -> String {
        let keys = try store.keys(of: try show(name).id)
        return keys.map { "\($0.id):\($0.role.rawValue):\($0.revokedAt == nil ? "good" : "revoked")" }
            .joined(separator: " ")
    }

    private func addKey(_ name: String, _ role: String) throws -> String {
        guard let role = FeedRole(rawValue: role) else {
            throw DomainFault.conflict("'\(role)' is no feed: say primary or backup")
        }
        let secret = StreamKeyRecord.makeSecret()
        _ = try store.createKey(
            StreamKeyDraft(role: role, label: "command line"), secret: secret, of: try show(name).id,
            by: .commandLine, at: .now)
        return secret
    }

    private func revokeKey(_ name: String, _ key: String) throws -> String {
        guard let id = StreamKeyID(key) else { throw DomainFault.missing("the show has no key '\(key)'") }
        let revoked = try store.revokeKey(id, of: try show(name).id, by: .commandLine, at: .now)
        return "key '\(revoked.id)' of show '\(revoked.show)' opens nothing any more"
    }

    private func show(_ name: String) throws -> Show {
        guard let show = try ShowID(name).flatMap(store.show) else {
            throw DomainFault.missing("there is no show '\(name)'")
        }
        return show
    }

    /// The secret of a set-up link, while no operator can come in; nil where one can.
    func inviteFirstOperator() throws -> String? {
        guard try !store.hasWayIn(at: .now) else { return nil }
        let known = try store.people(text: nil, limit: 200, cursor: nil).items.first {
            $0.isOperator && $0.disabledAt == nil
        }
        let person =
            try known
            ?? store.createPerson(
                PersonDraft(name: "Operator", login: "operator", isOperator: true), once: nil, by: .server,
                at: .now)
        let secret = Invitation.makeSecret()
        _ = try store.invite(person.id, secret: secret, by: .server, at: .now)
        return secret
    }

    // MARK: From the command line

    /// What `shopcast show create` asks for.
    package struct ShowOrder: Codable, Sendable {
        package var id: ShowID?
        package var draft: ShowDraft
        package var isDraft: Bool

        package init(id: ShowID?, draft: ShowDraft, isDraft: Bool) {
            self.id = id
            self.draft = draft
            self.isDraft = isDraft
        }

        package var text: String {
            get throws { String(decoding: try WireJSON.encoder().encode(self), as: UTF8.self) }
        }
    }

    /// Says the words to the server of this data folder, or does itself what they say where none runs.
    /// Throws `SettingsFault` where neither is possible.
    package static func carryOut(_ words: [String], data: String) async throws -> ControlReply {
        if let reply = try await ControlClient.ask(words, data: data, patience: 600) { return reply }
        let folder = try DataFolder(path: data)
        defer { withExtendedLifetime(folder) {} }
        let store = try open(data)
        defer { try? store.close() }
        let reply = StoreDesk(store: store).answer(words)
        return reply
            ?? .error("no shopcast server runs on the data folder '\(data)': start it, or give --data")
    }

    /// Every show in the store and its state, for when no server runs.
    package static func list(data: String) async throws -> ControlReply {
        if let reply = try await ControlClient.ask(["show", "list"], data: data) { return reply }
        guard FileManager.default.fileExists(atPath: DataFolder.store(in: data)) else {
            throw SettingsFault(
                "there is no store in the data folder '\(data)': start the server, or give --data")
        }
        let folder = try DataFolder(path: data)
        defer { withExtendedLifetime(folder) {} }
        let store = try open(data)
        defer { try? store.close() }
        let facts = try store.facts().sorted { $0.id.text < $1.id.text }
        return .ok(facts.map { "\($0.id):\($0.state.rawValue)" }.joined(separator: " "))
    }

    /// Puts a backup in the place of the store; the server must not run.
    package static func restore(_ backup: String, data: String) throws -> String {
        let folder = try DataFolder(path: data)
        defer { withExtendedLifetime(folder) {} }
        let path = DataFolder.store(in: data)
        let had = FileManager.default.fileExists(atPath: path)
        do {
            try StoreFile.restore(backup, to: path)
        } catch let fault as StoreFault {
            throw SettingsFault(fault.description)
        }
        return "the store is that of '\(backup)'"
            + (had ? "; what it was is kept as '\(path).before-restore'" : "")
    }

    private static func open(_ data: String) throws -> Store {
        do {
            return try Store(
                path: DataFolder.store(in: data),
                logger: Logger(label: "shopcast") { StreamLogHandler.standardError(label: $0) })
        } catch {
            throw SettingsFault(error.description)
        }
    }
}
