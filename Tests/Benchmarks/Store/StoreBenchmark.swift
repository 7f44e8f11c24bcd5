import Foundation
import Logging
import Media
import People
import Persistence
import ShowTimeline
import Shows

/// What the store costs, and a writer to be killed.
///
///     StoreBenchmark fill PATH COUNT     makes a store with so many shows of the year to come
///     StoreBenchmark measure PATH        opens it, and times what the server asks of it
///     StoreBenchmark write PATH          makes shows until it is killed, telling each once it is acknowledged
@main
enum StoreBenchmark {
    static func main() throws {
        var words = CommandLine.arguments.dropFirst()
        guard let command = words.popFirst(), let path = words.popFirst() else {
            print("usage: StoreBenchmark fill|measure|write PATH [COUNT]")
            exit(2)
        }
        let store = try Store(path: path, logger: Logger(label: "benchmark"))
        switch command {
        case "fill": try fill(store, count: words.first.flatMap { Int($0) } ?? 10_000)
        case "measure": try measure(store, path)
        case "write": try write(store)
        default: exit(2)
        }
    }

    private static func fill(_ store: Store, count: Int) throws {
        let begin = Date.now
        let clock = ContinuousClock.now
        for number in 0..<count {
            let draft = ShowDraft(
                titles: [.english: "Show \(number)"],
                descriptions: [.english: "What is sold in show \(number)."],
                start: begin.addingTimeInterval(Double(number) * 3000), lengthMinutes: 45,
                zone: "Europe/Berlin",
                tags: ["tag\(number % 20)"])
            let show = try store.createShow(
                draft, id: ShowID("show-\(number)"), isScheduled: true, once: nil, by: .commandLine, at: begin
            )
            _ = try store.createKey(
                StreamKeyDraft(), secret: StreamKeyRecord.makeSecret(), of: show.id, by: .commandLine,
                at: begin)
        }
        tell("fill: \(count) shows with a key, two transactions each", since: clock, per: count * 2)
    }

    private static func measure(_ store: Store, _ path: String) throws {
        try time("open") { _ = try Store(path: path, logger: Logger(label: "benchmark")) }
        try time("facts of all shows") { _ = try store.facts() }
        try time("keys of all shows") { _ = try store.goodKeys(of: nil) }
        let now = Date.now
        try time("first page of what is next") {
            _ = try store.shows(
                ShowQuery(states: [.scheduled, .rehearsal, .live], visibilities: [.public], from: now))
        }
        try time("first page of a search") { _ = try store.shows(ShowQuery(text: "show 99")) }
        var (cursor, pages): (String?, Int) = (nil, 0)
        try time("every page of 200") {
            repeat {
                cursor = try store.shows(ShowQuery(limit: 200, cursor: cursor)).next
                pages += 1
            } while cursor != nil
        }
        let show = ShowID("show-1")
        if let show {
            let clock = ContinuousClock.now
            for number in 0..<500 {
                try store.append([
                    TimelineDraft(
                        show: show, shopTime: now, kind: .note, payload: ["text": .text("\(number)")],
                        actor: .server)
                ])
            }
            tell("append: 500 events, a transaction each", since: clock, per: 500)
        }
    }

    private static func write(_ store: Store) throws {
        var number = 0
        while true {
            let show = try store.createShow(
                ShowDraft(titles: [.english: "Show \(number)"]), id: nil, isScheduled: true, once: nil,
                by: .commandLine, at: .now)
            _ = try store.moveShow(show.id, .goLive, by: .server, at: .now)
            try FileHandle.standardOutput.write(contentsOf: Data("\(show.id)\n".utf8))
            number += 1
        }
    }

    private static func time(_ what: String, _ body: () throws -> Void) rethrows {
        let clock = ContinuousClock.now
        try body()
        tell(what, since: clock, per: 1)
    }

    private static func tell(_ what: String, since clock: ContinuousClock.Instant, per count: Int) {
        let (seconds, attoseconds) = (ContinuousClock.now - clock).components
        let milliseconds = Double(seconds) * 1000 + Double(attoseconds) * 1e-15
        print("\(what): \(String(format: "%.2f", milliseconds / Double(count))) ms each")
    }
}
