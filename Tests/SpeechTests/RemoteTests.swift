import Foundation
import Hearing
import NIOCore
import Outbound
import Receiving
import Speech
import Synchronization
import Testing

@Suite struct RemoteTests {
    private static let answer = """
        {"text": "Hello there. Half price.", "segments": [
          {"id": 0, "start": 0.2, "end": 1.0, "text": " Hello there."}, {"id": 1, "start": 1.1, "end": 99, "text": " Half price."}],
         "words": [{"word": "Hello", "start": 0.2, "end": 0.5}, {"word": "there", "start": 0.5, "end": 1.0},
          {"word": "Half", "start": 1.1, "end": 1.4}, {"word": "price", "start": 1.4, "end": 1.9}]}
        """

    private func engine(
        _ receiver: Receiver, secondsLeft: Int? = nil, deadline: Int = 60
    ) throws -> RemoteTranscriber {
        try RemoteTranscriber(
            .init(
                url: "http://127.0.0.1:\(receiver.port)/v1/", key: "k", model: "whisper-1",
                deadlineSeconds: deadline,
                allowed: ["127.0.0.1"], secondsLeft: secondsLeft),
            language: "en", hints: ["Lumina", "cashmere"],
            breaker: .init(threshold: 2, pause: .seconds(30), longest: .seconds(30)))
    }

    /// Says the same so many times, and what came back.
    private func say(
        _ times: Int, to engine: RemoteTranscriber
    ) async throws -> (lines: [SpokenLine], troubles: [String], spent: Int) {
        let work = Task { await engine.run() }
        defer { work.cancel() }
        return try await onThread {
            let session = try engine.session()
            var lines: [SpokenLine] = []
            var troubles: [String] = []
            for _ in 0..<times {
                try session.feed(MadeSound.silence(1) + MadeSound.tone(3) + MadeSound.silence(1))
                lines += try session.finish()
                troubles += session.troubles()
            }
            return (lines, troubles, session.spent)
        }
    }

    @Test func aPieceIsSentAsTheShapeWantsIt() async throws {
        try await Receiver.run { _ in
            .answer(200, body: Self.answer)
        } _: { receiver in
            let (lines, troubles, spent) = try await say(1, to: engine(receiver))
            let message = try #require(receiver.messages.first)
            #expect(message.method == "POST" && message.uri == "/v1/audio/transcriptions")
            #expect(message.field("authorization") == "Bearer k")
            #expect(message.field("content-type")?.hasPrefix("multipart/form-data; boundary=") == true)
            for part in [
                "name=\"model\"\r\n\r\nwhisper-1\r\n", "name=\"language\"\r\n\r\nen\r\n", "verbose_json",
                "Lumina, cashmere", "filename=\"speech.wav\"", "RIFF", "WAVEfmt ",
            ] {
                #expect(message.body.contains(part), "\(part)")
            }
            #expect(lines.map(\.text) == ["Hello there.", "Half price."] && lines.allSatisfy(\.isFinal))
            #expect(lines[0].words.map(\.text) == ["Hello", "there"] && lines[0].id == 0 && lines[1].id == 1)
            // It began with the speech, and ends no later than what was sent.
            #expect(lines[0].start > 0.9 && lines[0].start < 1.3 && lines[1].end < 5)
            #expect(troubles.isEmpty && (3...5).contains(spent))
        }
    }

    @Test func whoDoesNotKnowTheFormIsAskedForTextAlone() async throws {
        try await Receiver.run { message in
            message.body.contains("verbose_json")
                ? .answer(400, body: "{}") : .answer(200, body: #"{"text":"Hi."}"#)
        } _: { receiver in
            let (lines, troubles, _) = try await say(2, to: engine(receiver))
            #expect(lines.map(\.text) == ["Hi.", "Hi."] && troubles.isEmpty)
            #expect(receiver.messages.count == 3)
        }
    }

    @Test(arguments: [
        Receiver.Conduct.answer(500, body: "no"), .answer(200, body: "<html>"), .answer(200, body: "{}"),
        .cut, .close,
        .raw("nonsense\r\n\r\n"),
    ])
    func badServicesAreTroubles(conduct: Receiver.Conduct) async throws {
        try await Receiver.run { _ in
            conduct
        } _: { receiver in
            let (lines, troubles, _) = try await say(4, to: engine(receiver))
            #expect(lines.isEmpty && troubles.count == 4)
            // After two failures it is left alone.
            #expect(receiver.messages.count <= 2 && troubles.last?.contains("left alone") == true)
        }
    }

    @Test func aSlowServiceIsGivenUp() async throws {
        try await Receiver.run { _ in
            .hang
        } _: { receiver in
            let began = ContinuousClock.now
            let (lines, troubles, spent) = try await say(1, to: engine(receiver, deadline: 1))
            #expect(lines.isEmpty && troubles.count <= 1 && spent <= 4)
            #expect(.now - began < .seconds(10))
        }
    }

    @Test func noMoreIsSpentThanMayBe() async throws {
        try await Receiver.run { _ in
            .answer(200, body: Self.answer)
        } _: { receiver in
            let (lines, troubles, spent) = try await say(4, to: engine(receiver, secondsLeft: 9))
            #expect(spent <= 9 && lines.count == 2 * receiver.messages.count)
            #expect(troubles.last?.contains("no more is paid for") == true)
        }
    }

    @Test func privateAddressesAreRefused() async throws {
        try await Receiver.run { _ in
            .answer(200, body: Self.answer)
        } _: { receiver in
            let engine = try RemoteTranscriber(
                .init(url: "http://127.0.0.1:\(receiver.port)", key: nil, model: "m"), language: "en",
                hints: [])
            let (lines, troubles, _) = try await say(1, to: engine)
            #expect(
                lines.isEmpty && troubles.first?.contains("outbound.allow") == true
                    && receiver.messages.isEmpty)
        }
    }

    // MARK: Sidecars

    static let sidecar = """
        import base64, json, sys
        for line in sys.stdin:
            asked = json.loads(line)
            pcm = base64.b64decode(asked["pcm"])
            if asked["language"] == "xx": sys.exit(3)
            if asked["language"] == "yy": print(json.dumps({"error": "no model"}), flush=True); continue
            if asked["language"] == "zz": print("rubbish", flush=True); continue
            print(json.dumps({"segments": [{"start": 0.1, "end": len(pcm) / 32000, "text": f" {asked['language']} {','.join(asked['hints'])}"}]}), flush=True)
        """

    @Test(arguments: [("es", 1, 0), ("xx", 0, 1), ("yy", 0, 1), ("zz", 0, 1)])
    func aSidecarHearsPieces(language: String, lines: Int, troubles: Int) async throws {
        try await onThread { try hear(language, lines, troubles) }
    }

    private func hear(_ language: String, _ lines: Int, _ troubles: Int) throws {
        let engine = SidecarEngine(
            program: ["python3", "-c", Self.sidecar], language: language, hints: ["a", "b"])
        let session = try engine.session()
        try session.feed(MadeSound.silence(1) + MadeSound.tone(5) + MadeSound.silence(2))
        let heard = try session.poll(partials: true)
        #expect(heard.count == lines && session.troubles().count == troubles)
        if let line = heard.first {
            #expect(line.text == "es a,b" && line.start > 0.9 && line.start < 1.4 && line.isFinal)
        }
        // It comes back for the next.
        try session.feed(MadeSound.silence(1) + MadeSound.tone(5) + MadeSound.silence(2))
        #expect(try session.finish().count == lines)
    }
}
