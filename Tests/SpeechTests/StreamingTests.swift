import Foundation
import Hearing
import NIOHTTP1
import Outbound
import Receiving
import Speech
import Testing

@Suite struct StreamingTests {
    private func engine(
        _ port: Int, secondsLeft: Int? = nil, deadline: Int = 60, allowed: [String] = ["127.0.0.1"]
    ) throws -> StreamingTranscriber {
        try StreamingTranscriber(
            .init(
                url: "http://127.0.0.1:\(port)/v1", key: "k", model: "nova-3", deadlineSeconds: deadline,
                allowed: allowed, secondsLeft: secondsLeft),
            language: "en-GB", hints: ["Lumina", "cash & carry"],
            breaker: .init(threshold: 1, pause: .milliseconds(50), longest: .milliseconds(50)))
    }

    private struct Heard: Sendable {
        var finals: [SpokenLine] = []
        var partials: [SpokenLine] = []
        var troubles: [String] = []
        var spent = 0
    }

    /// Says seconds of sound, and what came back until `isEnough`.
    private func say(
        _ seconds: Double, to engine: StreamingTranscriber, finishes: Bool = true,
        until isEnough: @escaping @Sendable (Heard) -> Bool = { _ in true }
    ) async throws -> Heard {
        let work = Task { await engine.run() }
        defer { work.cancel() }
        return try await onThread {
            let session = try engine.session()
            var heard = Heard()
            func look() throws {
                for line in try session.poll(partials: true) {
                    if line.isFinal { heard.finals.append(line) } else { heard.partials.append(line) }
                }
                heard.troubles += session.troubles()
                heard.spent = session.spent
            }
            for _ in 0..<Int(seconds * 10) { try session.feed(MadeSound.tone(0.1)) }
            let end = ContinuousClock.now + .seconds(60)
            try look()
            while !isEnough(heard), .now < end {
                Thread.sleep(forTimeInterval: 0.005)
                try look()
            }
            #expect(isEnough(heard), "\(heard)")
            if finishes {
                heard.finals += try session.finish()
                try look()
            }
            return heard
        }
    }

    @Test func whatIsSaidComesBackAsItIsSaid() async throws {
        try await ListeningStandIn.run { service in
            let heard = try await say(3.5, to: engine(service.port)) { $0.finals.count >= 3 }
            #expect(heard.finals.map(\.text) == ["Second 0.", "Second 1.", "Second 2.", "Second 3."])
            #expect(heard.finals.map(\.id) == [0, 1, 2, 3] && heard.finals.allSatisfy(\.isFinal))
            #expect(heard.finals[2].start == 2.1 && heard.finals[2].end == 2.9)
            #expect(heard.finals[1].words.map(\.text) == ["Second", "1."] && heard.finals[1].speaker == 1)
            #expect(heard.troubles.isEmpty && heard.spent == 4)
            let asked = try #require(service.connections.first)
            #expect(
                service.connections.count == 1
                    && asked.uri.hasPrefix("/v1/listen?model=nova-3&language=en-GB&"))
            #expect(asked.uri.contains("&encoding=linear16&sample_rate=16000&"))
            #expect(asked.uri.contains("&keyterm=Lumina&keyterm=cash%20%26%20carry"))
            #expect(asked.fields["authorization"] == ["Token k"])
        }
    }

    /// What had no final words when the connection broke is sent again over the next, with its own times.
    @Test func nothingIsLostWhereAConnectionEnds() async throws {
        try await ListeningStandIn.run(conduct: { .init(hangsUpAfter: $0 == 0 ? 2 : nil) }) { service in
            let heard = try await say(5, to: engine(service.port)) { $0.finals.count >= 5 }
            #expect(heard.finals.count == 5 && service.connections.count == 2)
            for (place, line) in heard.finals.enumerated() {
                #expect(abs(line.start - Double(place) - 0.1) < 0.11, "\(line)")
            }
            #expect(heard.troubles.count == 1 && heard.troubles[0].contains("ended before"))
        }
    }

    @Test func whoSaysNothingIsGivenUp() async throws {
        try await ListeningStandIn.run(conduct: { .init(isSilent: $0 == 0) }) { service in
            let heard = try await say(2, to: engine(service.port, deadline: 8)) { $0.finals.count >= 2 }
            #expect(heard.troubles.contains { $0.contains("no answer in time") }, "\(heard)")
            #expect(service.connections.count >= 2)
        }
    }

    @Test func rubbishIsATrouble() async throws {
        try await ListeningStandIn.run(conduct: { .init(saysRubbish: $0 == 0) }) { service in
            let heard = try await say(2, to: engine(service.port)) { $0.finals.count >= 2 }
            #expect(heard.troubles.contains { $0.contains("not as it should be") })
        }
    }

    @Test(arguments: [
        (Receiver.Conduct.answer(401, body: "no"), 60, "status 401"), (.close, 60, "ended before"),
        (.raw("nonsense\r\n\r\n"), 60, "not HTTP"), (.hang, 1, "ended before"),
    ])
    func whoDoesNotListenIsATrouble(conduct: Receiver.Conduct, deadline: Int, words: String) async throws {
        try await Receiver.run { _ in
            conduct
        } _: { receiver in
            let heard = try await say(1, to: engine(receiver.port, deadline: deadline), finishes: false) {
                !$0.troubles.isEmpty
            }
            #expect(heard.troubles[0].contains(words) && heard.finals.isEmpty && heard.spent == 0)
        }
    }

    @Test func privateAddressesAreRefused() async throws {
        try await ListeningStandIn.run { service in
            let heard = try await say(1, to: engine(service.port, allowed: []), finishes: false) {
                !$0.troubles.isEmpty
            }
            #expect(heard.troubles[0].contains("outbound.allow") && service.connections.isEmpty)
        }
    }

    @Test func noMoreIsSpentThanMayBe() async throws {
        try await ListeningStandIn.run { service in
            let heard = try await say(5, to: engine(service.port, secondsLeft: 2)) { $0.finals.count >= 2 }
            #expect(heard.finals.map(\.text) == ["Second 0.", "Second 1."], "\(heard)")
            #expect(heard.spent == 2)
            #expect(heard.troubles == ["no more is paid for today"])
        }
    }

    /// It is too slow to take what is said: the newest is heard, and what was lost is told.
    @Test func whoIsTooSlowLosesTheOldest() async throws {
        try await ListeningStandIn.run { service in
            let engine = try engine(service.port)
            let (lines, troubles) = try await onThread {
                let session = try engine.session()
                // Nobody sends yet.
                for _ in 0..<150 { try session.feed(MadeSound.tone(0.1)) }
                let troubles = session.troubles()
                let work = Task { await engine.run() }
                defer { work.cancel() }
                return (try session.finish(), troubles)
            }
            #expect(troubles == ["9 s were not sent: the service is too slow"])
            // Of fifteen seconds the first nine are gone; the others have their own times.
            #expect(lines.count == 6 && lines.first.map { abs($0.start - 9.2) < 0.11 } == true, "\(lines)")
        }
    }
}
