import Chat
import Foundation
import GRDB
import Logging
import Media
import Persistence
import Shows
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A process that writes is killed again and again: whatever it said that it had kept is there.
@Suite struct KilledWriterTests {
    @Test func whatWasAcknowledgedIsThere() throws {
        let folder = try StoreFolder()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var acknowledged: [String] = []
        for _ in 0..<12 {
            acknowledged += try Self.writeAndKill("write", folder.file, after: .random(in: 1...40))
            let store = try Store(path: folder.file, logger: logger)
            try store.pool.read { db in
                #expect(try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok")
                #expect(try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").isEmpty)
                // Nothing was kept by half: each show has its event and its entry in the log.
                let halves = try Int.fetchOne(
                    db,
                    sql: """
                        SELECT count(*) FROM show WHERE
                          (SELECT count(*) FROM timeline WHERE show = show.id) <> CASE state WHEN 'live' THEN 2 ELSE 1 END
                          OR NOT EXISTS (SELECT 1 FROM audit WHERE subject = 'show:' || show.id)
                        """)
                #expect(halves == 0)
            }
            for name in acknowledged {
                #expect(
                    try store.show(try #require(ShowID(name)))?.state == .live, "\(name) was acknowledged")
            }
            try store.close()
        }
        #expect(acknowledged.count >= 12)
    }

    /// Messages of a chat are written many at a time: those that were acknowledged are there, under the numbers that were
    /// told, and no number was ever used twice.
    @Test func messagesThatWereAcknowledgedAreThere() throws {
        let folder = try StoreFolder()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let show = try #require(ShowID("chat"))
        var told: [String: Int] = [:]
        for _ in 0..<8 {
            for line in try Self.writeAndKill("chat", folder.file, after: .random(in: 1...120)) {
                let words = line.split(separator: " ")
                let number = try #require(words.last.flatMap { Int($0) })
                #expect(told.updateValue(number, forKey: String(words[0])) == nil)
            }
            let store = try Store(path: folder.file, logger: logger)
            let kept = try store.pool.read { db in
                #expect(try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok")
                return try Row.fetchAll(db, sql: "SELECT id, sequence FROM chat_message")
            }
            var numbers: [String: Int] = [:]
            for row in kept { numbers[row["id"]] = row["sequence"] }
            for (id, number) in told { #expect(numbers[id] == number, "\(id) was acknowledged") }
            #expect(Set(numbers.values).count == numbers.count, "each number once")
            let room = try #require(try store.openRoom(show, keep: 500))
            #expect(room.sequence == numbers.values.max(), "a message and its number are kept together")
            try store.close()
        }
        #expect(Set(told.values).count == told.count && told.count >= 8)
    }

    /// Runs a writer, kills it somewhat after it has acknowledged so many writes, and returns those.
    private static func writeAndKill(_ what: String, _ path: String, after count: Int) throws -> [String] {
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "StoreBenchmark")
        if let folder = Bundle.main.executableURL?.deletingLastPathComponent(),
            let own = writer.executableURL, !FileManager.default.isExecutableFile(atPath: own.path)
        {
            writer.executableURL = folder.appending(path: "StoreBenchmark")
        }
        writer.arguments = [what, path]
        let output = Pipe()
        writer.standardOutput = output
        try writer.run()
        var text = Data()
        while text.count(where: { $0 == UInt8(ascii: "\n") }) < count {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += more
        }
        kill(writer.processIdentifier, SIGKILL)
        text += output.fileHandleForReading.readDataToEndOfFile()
        writer.waitUntilExit()
        #expect(writer.terminationReason == .uncaughtSignal)
        // The last line may have been cut off: it counts only with its end.
        return String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }
}
