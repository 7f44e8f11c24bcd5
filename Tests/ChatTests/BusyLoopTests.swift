import Chat
import Dispatch
import Media
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Translation

/// A loop that has no time for its readers: what they are to get becomes longer frames, and not more of them.
struct BusyLoopTests {
    /// A loop that does nothing from `stop` to `goOn`.
    private struct Busy: Sendable {
        let loop: any EventLoop
        let gate = DispatchSemaphore(value: 0)

        func stop() { loop.execute { gate.wait() } }
        func goOn() { gate.signal() }
    }

    private func withBusyLoop(_ body: (Busy) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let busy = Busy(loop: group.next())
        do {
            try await body(busy)
        } catch {
            busy.goOn()
            throw error
        }
        busy.goOn()
        try await group.shutdownGracefully()
    }

    private func framesWithMessages(_ line: FanoutTests.Line) -> Int {
        line.state.withLock { $0.frames.count { $0.text.contains("\"type\":\"message\"") } }
    }

    @Test func whatComesMeanwhileIsOneFrame() async throws {
        let house = try await FanoutTests.House { $0.tick = .milliseconds(1) }
        try await withBusyLoop { busy in
            let (reader, other) = (
                try await house.reader("en", on: busy.loop), try await house.reader("en")
            )
            busy.stop()
            // A hundred ticks' time.
            let end = ContinuousClock.now + .milliseconds(100)
            var said = 0
            while said < 20 || said < 3000 && ContinuousClock.now < end {
                said += 1
                try await house.say("\(said)")
            }
            busy.goOn()
            for line in [reader, other] {
                try await line.until { $0.numbers().last == said }
                #expect(line.numbers() == Array(1...said))
            }
            // What was on its way when the loop stopped, and all the rest.
            #expect(framesWithMessages(reader) <= 2)
            // And it goes on as before.
            try await house.say("All is well")
            try await reader.until { $0.texts().last == "All is well" }
            try await reader.leave(house)
        }
    }

    @Test func ofWhatIsMoreThanMayGatherTheNewestIsTold() async throws {
        let house = try await FanoutTests.House {
            $0.tick = .milliseconds(1)
            $0.gathered = 64
        }
        try await withBusyLoop { busy in
            let reader = try await house.reader("en", on: busy.loop)
            busy.stop()
            for number in 1...500 {
                try await house.say("\(number)", number % 250 == 0 ? RoomBench.host : RoomBench.guest("A"))
            }
            busy.goOn()
            try await reader.until { $0.numbers().last == 500 }
            let numbers = reader.numbers()
            let sampled = reader.events.filter { $0["type"] as? String == "sampled" }
            let dropped = sampled.compactMap { $0["dropped"] as? Int }.reduce(0, +)
            // Two frames at most, each of what may gather.
            #expect(numbers.count <= 2 * 64 && numbers.count + dropped == 500)
            // Whoever runs the room is heard, and what was said last.
            #expect(numbers.contains(250) && numbers.suffix(60) == Array(441...500)[...])
            try await reader.leave(house)
        }
    }

    @Test func noMoreTranslationsAreKeptThanMayGather() async throws {
        let engine = Loud()
        let desk = TranslationDesk(phrasebook: nil, engines: [engine])
        let house = try await FanoutTests.House(translation: desk) {
            $0.tick = .seconds(1)
            $0.gathered = 16
        }
        let late = Task { await house.fanout.late?.run() }
        defer { late.cancel() }
        try await withBusyLoop { busy in
            let readers = [
                try await house.reader("es", on: busy.loop), try await house.reader("pt", on: busy.loop),
            ]
            // Nothing else is told from here on, and so no other tick is under way.
            for reader in readers {
                try await reader.until { $0.events.contains { $0["readers"] as? Int == 2 } }
            }
            busy.stop()
            var ada = RoomBench.guest("Ada")
            ada.language = .english
            for number in 1...15 { try await house.say("Words \(number)", ada) }
            // They are asked for with the tick that the loop does not come to.
            try await readers[0].until { _ in engine.asked.load(ordering: .relaxed) >= 30 }
            busy.goOn()
            try await house.say("The last", RoomBench.host)
            for reader in readers { try await reader.until { $0.texts().last == "The last" } }
            let told = readers.flatMap(\.events).count { $0["type"] as? String == "translation" }
            #expect((1..<30).contains(told), "what was lost is not told later")
            for reader in readers { try await reader.leave(house) }
        }
    }

    /// An engine that says everything in capitals, in any language.
    private final class Loud: Translator {
        let name = EngineName.apertium
        let manner = TranslatorManner()
        let asked = Atomic<Int>(0)

        func speaks(from: LanguageTag, to: LanguageTag) -> Bool { true }
        func reaches(_ language: LanguageTag) -> Bool { true }

        func translate(
            _ texts: [String], from: LanguageTag, to: LanguageTag
        ) async throws -> [Rendering] {
            asked.add(texts.count, ordering: .relaxed)
            return texts.map { Rendering(text: $0.uppercased(), engine: name) }
        }
    }
}
