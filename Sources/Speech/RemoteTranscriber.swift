// A service that recognises pieces over HTTP: `POST …/audio/transcriptions`, as OpenAI, vLLM and many others have it. In:
// pieces of speech, cut in pauses. Out: finals. One request at a time; the listening thread never waits for it. Bound:
// `waitingAtMost` pieces; policy: the oldest goes; counter: told as a trouble. A service that fails again and again is left
// alone for a while; what may be spent is never exceeded.

import Dispatch
import Foundation
package import Hearing
import NIOCore
package import Outbound
import Synchronization

package final class RemoteTranscriber: SpeechEngine {
    private struct State {
        var waiting: [VoicePiece] = []
        var lines: [SpokenLine] = []
        var troubles: [String] = []
        var count = 0
        /// Counts sessions: what belongs to an earlier one is told no more.
        var session = 0
        var spent = 0
        var breaker: CircuitBreaker
        /// Not every service knows the form with times.
        var isVerbose = true
        var isAsking = false
    }

    private static let waitingAtMost = 4
    private static let troublesAtMost = 8

    private let remote: HearingOrder.Remote
    private let target: WebTarget
    private let language: String
    private let hints: [String]
    private let client: OutboundClient
    private let state: Mutex<State>
    private let bell: (stream: AsyncStream<Void>, ring: AsyncStream<Void>.Continuation)
    private let answered = DispatchSemaphore(value: 0)

    package let name: String

    package init(
        _ remote: HearingOrder.Remote, language: String, hints: [String],
        breaker: CircuitBreaker.Rule = .init(threshold: 3, pause: .seconds(2), longest: .seconds(4))
    ) throws(SpeechFault) {
        self.remote = remote
        self.language = language
        self.hints = hints
        let base = remote.url.hasSuffix("/") ? String(remote.url.dropLast()) : remote.url
        do {
            target = try WebTarget(base + "/audio/transcriptions")
        } catch {
            throw SpeechFault("the address of the speech service is wrong: \(error)")
        }
        client = try remote.client()
        name = remote.model
        state = Mutex(State(breaker: CircuitBreaker(rule: breaker)))
        let (stream, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        bell = (stream, ring)
    }

    package func session() throws(SpeechFault) -> any SpeechSession {
        state.withLock { state in
            state.session += 1
            (state.waiting, state.lines, state.count) = ([], [], 0)
        }
        return RemoteSession(self)
    }

    package func run() async {
        for await _ in bell.stream {
            while let (piece, session) = next() { await hear(piece, session) }
        }
        await client.shutDown()
    }

    // MARK: The listening thread's side

    fileprivate func put(_ piece: VoicePiece) {
        state.withLock { state in
            state.waiting.append(piece)
            guard state.waiting.count > RemoteTranscriber.waitingAtMost else { return }
            let lost = state.waiting.removeFirst()
            RemoteTranscriber.note("\(lost.told) were not sent: the service is too slow", &state)
        }
        bell.ring.yield()
    }

    fileprivate func takeLines() -> [SpokenLine] {
        state.withLock { state in
            defer { state.lines = [] }
            return state.lines
        }
    }

    fileprivate func takeTroubles() -> [String] {
        state.withLock { state in
            defer { state.troubles = [] }
            return state.troubles
        }
    }

    fileprivate var hasNews: Bool { state.withLock { !$0.lines.isEmpty } }
    fileprivate var spent: Int { state.withLock { $0.spent } }

    /// Waits until everything was answered, as long as that may take.
    fileprivate func settle() {
        let end = DispatchTime.now() + .seconds(remote.deadlineSeconds)
        while state.withLock({ !$0.waiting.isEmpty || $0.isAsking }) {
            if answered.wait(timeout: end) == .timedOut { return }
        }
    }

    // MARK: The requests

    private func next() -> (VoicePiece, session: Int)? {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return nil }
            state.isAsking = true
            return (state.waiting.removeFirst(), state.session)
        }
    }

    private func hear(_ piece: VoicePiece, _ session: Int) async {
        defer { answered.signal() }
        let isVerbose = state.withLock { $0.isVerbose }
        do {
            let seconds = try admit(piece)
            let answer: PieceAnswer
            do {
                answer = try await ask(piece, isVerbose: isVerbose)
            } catch {
                // It was not heard, and is not paid for.
                if error is OutboundFault || error is Unverbose { state.withLock { $0.spent -= seconds } }
                throw error
            }
            state.withLock { state in
                state.breaker.succeed()
                state.isAsking = false
                guard state.session == session else { return }
                let lines = answer.lines(of: piece, from: state.count)
                state.count += lines.count
                state.lines += lines
            }
        } catch is Unverbose {
            state.withLock { state in
                state.isVerbose = false
                state.breaker.succeed()
                state.isAsking = false
                state.waiting.insert(piece, at: 0)
            }
            bell.ring.yield()
        } catch {
            state.withLock { state in
                if !(error is Refusal) { state.breaker.fail(at: .now) }
                state.isAsking = false
                RemoteTranscriber.note("\(piece.told) were not heard: \(error)", &state)
            }
        }
    }

    /// It was not even asked.
    private struct Refusal: Error, CustomStringConvertible { let description: String }
    /// It does not know the form with times.
    private struct Unverbose: Error {}

    /// Whether the piece may be sent; its seconds count from then on.
    private func admit(_ piece: VoicePiece) throws(Refusal) -> Int {
        try state.withLock { state throws(Refusal) in
            let seconds = max(1, Int(piece.seconds.rounded(.up)))
            if let left = remote.secondsLeft, state.spent + seconds > left {
                throw Refusal(description: "no more is paid for today")
            }
            guard state.breaker.admits(at: .now) else {
                throw Refusal(description: "the service is left alone for a while")
            }
            state.spent += seconds
            return seconds
        }
    }

    private func ask(_ piece: VoicePiece, isVerbose: Bool) async throws -> PieceAnswer {
        var form = MultipartForm()
        form.add("model", remote.model)
        form.add("language", language)
        form.add("response_format", isVerbose ? "verbose_json" : "json")
        if isVerbose {
            form.add("timestamp_granularities[]", "word")
            form.add("timestamp_granularities[]", "segment")
        }
        if !hints.isEmpty { form.add("prompt", hints.joined(separator: ", ")) }
        form.add("file", file: "speech.wav", type: "audio/wav") { WaveFile.write(piece.samples, to: &$0) }
        var fields = [OutboundField("Content-Type", form.contentType)]
        if let key = remote.key { fields.append(OutboundField("Authorization", "Bearer \(key)")) }
        var request = OutboundRequest(
            .post, target, purpose: "speech", fields: fields, body: form.finished())
        request.deadline = .seconds(remote.deadlineSeconds)
        let response = try await client.send(request)
        if response.status == 400, isVerbose { throw Unverbose() }
        guard response.status == 200 else { throw SpeechFault("status \(response.status)") }
        guard
            let answer = try? JSONDecoder().decode(
                PieceAnswer.self, from: Data(response.body.readableBytesView)),
            answer.text != nil || answer.segments != nil
        else { throw SpeechFault("the answer is not as it should be") }
        return answer
    }

    private static func note(_ trouble: String, _ state: inout State) {
        if state.troubles.count < troublesAtMost { state.troubles.append(trouble) }
    }
}

extension VoicePiece {
    fileprivate var told: String { "\(Int(seconds.rounded(.up))) s" }
}

private final class RemoteSession: SpeechSession {
    private let engine: RemoteTranscriber
    private var collector = PieceCollector(rules: .init(pause: 0.5, shortest: 2, certain: 0.8, longest: 10))

    init(_ engine: RemoteTranscriber) { self.engine = engine }

    func feed(_ samples: [Int16]) throws(SpeechFault) {
        for piece in collector.feed(samples) { engine.put(piece) }
    }

    func poll(partials: Bool) throws(SpeechFault) -> [SpokenLine] { engine.takeLines() }

    func finish() throws(SpeechFault) -> [SpokenLine] {
        for piece in collector.finish() { engine.put(piece) }
        engine.settle()
        return engine.takeLines()
    }

    func troubles() -> [String] { engine.takeTroubles() }
    var hasNews: Bool { engine.hasNews }
    var spent: Int { engine.spent }
}
