import Chat
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
///     StoreBenchmark say PATH COUNT      64 people write so many chat messages, each when its last one is acknowledged
///     StoreBenchmark chat PATH           writes chat messages until it is killed, telling each once it is acknowledged
@main
enum StoreBenchmark {
    static func main() async throws {
        var words = CommandLine.arguments.dropFirst()
        guard let command = words.popFirst(), let path = words.popFirst() else {
            print("usage: StoreBenchmark fill|measure|write|say|chat PATH [COUNT]")
            exit(2)
        }
        let store = try Store(path: path, logger: Logger(label: "benchmark"))
        switch command {
        case "fill": try fill(store, count: words.first.flatMap { Int($0) } ?? 10_000)
        case "measure": try measure(store, path)
        case "write": try write(store)
        case "chat": try await chat(store)
        case "say": try await say(store, count: words.first.flatMap { Int($0) } ?? 10_000)
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

    private static func say(_ store: Store, count: Int) async throws {
        guard let desk = try await desk(store) else { return }
        let (people, begin) = (64, ContinuousClock.now)
        let waits = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for person in 0..<people {
                let visitor = visitor(person)
                group.addTask {
                    var waits: [Duration] = []
                    for number in 0..<count / people {
                        let since = ContinuousClock.now
                        _ = try await desk.perform(
                            .send(ChatDraft(text: "how much is number \(number)?")), by: visitor)
                        waits.append(ContinuousClock.now - since)
                    }
                    return waits
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }.sorted()
        guard !waits.isEmpty else { return }
        tell("say: \(waits.count) messages of \(people) people", since: begin, per: waits.count)
        for (name, place) in [("half", 0.5), ("99 %", 0.99)] {
            print("acknowledged within, \(name): \(waits[Int(Double(waits.count - 1) * place)])")
        }
    }

    private static func visitor(_ number: Int) -> ChatVisitor {
        ChatVisitor(
            author: ChatAuthor(id: .guest(), name: "Guest \(number)", badge: .host), actor: .server,
            isStaff: true, address: "192.0.2.\(number)")
    }

    private static func desk(_ store: Store) async throws -> ChatDesk? {
        guard let show = ShowID("chat") else { return nil }
        if try store.show(show) == nil {
            _ = try store.createShow(
                ShowDraft(titles: [.english: "Chat"]), id: show, isScheduled: true, once: nil,
                by: .commandLine,
                at: .now)
        }
        let hall = try ChatHall(store: store, settings: ChatSettings(), logger: Logger(label: "benchmark"))
        return try await hall.desk(show)
    }

    private static func chat(_ store: Store) async throws {
        guard let desk = try await desk(store) else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for person in 0..<4 {
                let visitor = visitor(person)
                group.addTask {
                    while true {
                        let answer = try await desk.perform(.send(ChatDraft(text: "hello")), by: visitor)
                        guard case .message(let message) = answer else { continue }
                        try FileHandle.standardOutput.write(
                            contentsOf: Data("\(message.id) \(message.sequence)\n".utf8))
                    }
                }
            }
            try await group.waitForAll()
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
