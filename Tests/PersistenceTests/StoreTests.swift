import Foundation
import GRDB
import Logging
import Media
import People
import Persistence
import ShowTimeline
import Shows
import Synchronization
import Testing

@Suite struct StoreTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func open(_ path: String) throws -> Store { try Store(path: path, logger: logger) }

    @Test(arguments: Conformance<Store>.all.keys.sorted())
    func conforms(_ name: String) throws {
        let folder = try StoreFolder()
        let proof = try #require(Conformance<Store>.all[name])
        try proof(Conformance(store: try Self.open(folder.file)))
    }

    @Test(arguments: Conformance<Store>.chat.keys.sorted())
    func keepsChats(_ name: String) throws {
        let folder = try StoreFolder()
        let proof = try #require(Conformance<Store>.chat[name])
        try proof(Conformance(store: try Self.open(folder.file)))
    }

    private static func fill(_ store: Store) throws -> ShowID {
        let conformance = Conformance(store: store)
        try conformance.person("ada", isOperator: true)
        return try conformance.show("evening").id
    }

    @Test func whatIsKeptOutlivesTheProcess() throws {
        let folder = try StoreFolder()
        let show = try Self.fill(try Self.open(folder.file))
        let again = try Self.open(folder.file)
        #expect(try again.show(show)?.title() == "Evening")
        #expect(try again.person(login: "ada") != nil)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func itIsKeptWithCareForPowerCuts() throws {
        let folder = try StoreFolder()
        let store = try Self.open(folder.file)
        try store.pool.write { (db: Database) throws -> Void in
            #expect(try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal")
            #expect(try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2)
            #expect(try Int.fetchOne(db, sql: "PRAGMA foreign_keys") == 1)
        }
    }

    @Test func aNewerStoreIsRefusedUntouched() throws {
        let folder = try StoreFolder()
        do {
            let store = try Self.open(folder.file)
            _ = try Self.fill(store)
            try store.pool.write {
                try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 future')")
            }
            try store.close()
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.file))
        #expect(throws: StoreFault.newer(folder.file)) { try Self.open(folder.file) }
        #expect("\(StoreFault.newer(folder.file))".contains("newer shopcast"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file)) == before)
    }

    @Test func whatIsNoStoreIsRefusedWithASentence() throws {
        let folder = try StoreFolder()
        try Data(repeating: 7, count: 10_000).write(to: URL(fileURLWithPath: folder.file))
        #expect {
            try Self.open(folder.file)
        } throws: {
            "\($0)".contains("cannot be used")
        }
        #expect(throws: StoreFault.self) { try Self.open(folder.path + "/nowhere/shopcast.sqlite") }
    }

    @Test func anOlderStoreIsCopiedThenBroughtUpToDate() throws {
        let folder = try StoreFolder()
        do {
            let old = try DatabaseQueue(path: folder.file)
            try Store.migrator.migrate(old, upTo: "2 shows")
            try old.write {
                try $0.execute(
                    sql: """
                        INSERT INTO person (id, name, login, isOperator, createdAt)
                        VALUES ('p0123456789ab', 'Ada', 'ada', 1, 0)
                        """)
            }
            try old.close()
        }
        let store = try Self.open(folder.file)
        #expect(try store.person(login: "ada")?.name == "Ada")
        #expect(try store.audit(AuditQuery()).items.isEmpty)
        let copy = folder.file + ".before-3-logs"
        try DatabaseQueue(path: copy).read { (db: Database) throws -> Void in
            #expect(try !db.tableExists("audit"))
            #expect(try String.fetchOne(db, sql: "SELECT name FROM person") == "Ada")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.filter { $0.contains("before") } == ["shopcast.sqlite.before-3-logs"])
    }

    /// The first store that was ever released, as text.
    @Test func theFirstStoreIsStillRead() throws {
        let folder = try StoreFolder()
        let dump = try #require(Bundle.module.url(forResource: "store-1", withExtension: "sql"))
        do {
            // A dump's order is no order of references.
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            let old = try DatabaseQueue(path: folder.file, configuration: configuration)
            let text = try String(contentsOf: dump, encoding: .utf8)
            try old.writeWithoutTransaction { try $0.execute(sql: text) }
            try old.close()
        }
        let store = try Self.open(folder.file)
        let ada = try #require(try store.person(login: "ada"))
        let evening = try #require(ShowID("evening"))
        let show = try #require(try store.show(evening))
        #expect(show.hosts == [ada.id] && show.state == .live && show.title(for: [.english]) == "Evening")
        #expect(try store.events(of: show.id, after: 0, limit: 10).count == 2)
        #expect(try store.goodKeys(of: nil).count == 1)
        #expect(try store.hasWayIn(at: .now))
        _ = try store.moveShow(show.id, .end, by: .commandLine, at: .now)
        #expect(try store.lastSequence(of: show.id) == 3)
        #expect(FileManager.default.fileExists(atPath: folder.file + ".before-4-webhooks"))
    }

    @Test func aBackupMadeWhileRunningIsRestored() async throws {
        let folder = try StoreFolder()
        let store = try Self.open(folder.file)
        let show = try Self.fill(store)
        /// A class, because two tasks share it.
        final class Writing: Sendable { let goesOn = Mutex(true) }
        let writing = Writing()
        let backup = folder.path + "/backup.sqlite"
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while writing.goesOn.withLock({ $0 }) {
                    try store.append([
                        TimelineDraft(
                            show: show, shopTime: .now, kind: .note, payload: ["text": "x"], actor: .server)
                    ])
                }
            }
            for _ in 0..<3 { try StoreFile.copy(store.pool, to: backup) }
            writing.goesOn.withLock { $0 = false }
            try await group.waitForAll()
        }
        let count = try store.lastSequence(of: show)
        _ = try store.moveShow(show, .cancel, by: .commandLine, at: .now)
        try store.deleteShow(show, by: .commandLine, at: .now)
        try store.close()
        #expect(!FileManager.default.fileExists(atPath: backup + "-wal"))

        try StoreFile.restore(backup, to: folder.file)
        let restored = try Self.open(folder.file)
        #expect(try restored.show(show) != nil)
        #expect(try (1...count).contains(restored.lastSequence(of: show)))
        let former = try Self.open(folder.file + ".before-restore")
        #expect(try former.show(show) == nil && former.person(login: "ada") != nil)
    }

    @Test func whatIsNoBackupIsNotRestored() throws {
        let folder = try StoreFolder()
        let show = try Self.fill(try Self.open(folder.file))
        let (text, empty, newer) = (
            folder.path + "/text", folder.path + "/empty.sqlite", folder.path + "/newer"
        )
        try Data("no store".utf8).write(to: URL(fileURLWithPath: text))
        try DatabaseQueue(path: empty).write { try $0.execute(sql: "CREATE TABLE t (x)") }
        let future = try DatabaseQueue(path: newer)
        try Store.migrator.migrate(future)
        try future.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 future')") }
        try future.close()
        for file in [text, empty, newer, folder.path + "/missing"] {
            #expect(throws: StoreFault.self) { try StoreFile.restore(file, to: folder.file) }
        }
        #expect(try Self.open(folder.file).show(show) != nil)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!files.contains { $0.hasSuffix(".new") || $0.hasSuffix(".before-restore") })
    }

    @Test func listenersHearWhatIsOnDiskAndWitnessesArePartOfIt() throws {
        let folder = try StoreFolder()
        let store = try Self.open(folder.file)
        let heard = Mutex<[TimelineEvent]>([])
        store.onEvents { events in heard.withLock { $0 += events } }
        let show = try Self.fill(store)
        _ = try store.moveShow(show, .goLive, by: .server, at: .now)
        #expect(heard.withLock { $0.map(\.sequence) } == [1, 2])
        struct No: Error {}
        store.setWitness { _, _ in throw No() }
        #expect(throws: No.self) { try store.moveShow(show, .end, by: .server, at: .now) }
        #expect(try store.show(show)?.state == .live)
        #expect(heard.withLock { $0.count } == 2)
    }

    @Test func manyWritersWaitForEachOther() async throws {
        let folder = try StoreFolder()
        let store = try Self.open(folder.file)
        let show = try Self.fill(store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<20 {
                        try store.append([
                            TimelineDraft(
                                show: show, shopTime: .now, kind: .note, payload: [:], actor: .server)
                        ])
                    }
                }
            }
            try await group.waitForAll()
        }
        let events = try store.events(of: show, after: 0, limit: 1000)
        #expect(events.map(\.sequence) == Array(1...161))
    }
}
