// A service that listens all the time, over a WebSocket, as Deepgram has it (`/v1/listen`). In: sound as it comes. Out: lines
// while they are spoken, with the times of words and, where it tells them apart, who speaks. The listening thread never waits
// for it. Bound: `mostWaiting` seconds that were not sent; policy: the connection is given up, and all but the newest goes;
// counter: told as a trouble. What it has not made final is sent again over the next connection.

import DequeModule
import Dispatch
import Foundation
package import Hearing
import NIOCore
import NIOPosix
package import Outbound
import Synchronization

package final class StreamingTranscriber: SpeechEngine {
    private struct State {
        /// What has no final words yet: some of it was sent.
        var sound = SoundQueue()
        var lines: [SpokenLine] = []
        /// What is open, as it is now.
        var open: SpokenLine?
        var troubles: [String] = []
        var count = 0
        /// Counts sessions: what belongs to an earlier one is told no more.
        var session = 0
        /// The session's sound is over, and it wants the rest.
        var isEnding = false
        var isConversing = false
        var hasNews = false
        /// Samples that were sent.
        var spent = 0
        var breaker: CircuitBreaker
        var lastWord = ContinuousClock.now
        var bell: AsyncStream<Void>.Continuation?
    }

    private static let mostWaiting = 10.0
    private static let troublesAtMost = 8

    private let remote: HearingOrder.Remote
    private let target: WebTarget
    private let client: OutboundClient
    private let state: Mutex<State>
    private let over = DispatchSemaphore(value: 0)

    package let name: String

    package init(
        _ remote: HearingOrder.Remote, language: String, hints: [String],
        breaker: CircuitBreaker.Rule = .init(threshold: 2, pause: .seconds(1), longest: .seconds(4))
    ) throws(SpeechFault) {
        self.remote = remote
        do {
            target = try WebTarget(
                ListeningQuery(model: remote.model, language: language, hints: hints).address(remote.url))
        } catch {
            throw SpeechFault("the address of the speech service is wrong: \(error)")
        }
        client = try remote.client()
        name = remote.model
        state = Mutex(State(breaker: CircuitBreaker(rule: breaker)))
    }

    package func session() throws(SpeechFault) -> any SpeechSession {
        state.withLock { state in
            state.session += 1
            state.sound = SoundQueue()
            (state.lines, state.open, state.count, state.isEnding) = ([], nil, 0, false)
        }
        return StreamingSession(self)
    }

    package func run() async {
        while !Task.isCancelled {
            let rings = rings()
            guard let session = begin() else {
                if state.withLock({ $0.sound.unsent > 0 }) {
                    // It is left alone for a while.
                    try? await Task.sleep(for: .milliseconds(100))
                } else {
                    for await _ in rings { break }
                }
                continue
            }
            do {
                try await converse(session)
                end(nil)
            } catch {
                end(error)
            }
        }
        await client.shutDown()
    }

    /// Rings where there is something to do; the last that was asked for does.
    private func rings() -> AsyncStream<Void> {
        let (stream, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.bell = bell }
        return stream
    }

    // MARK: The listening thread's side

    fileprivate func put(_ samples: [Int16]) {
        state.withLock { state in
            if let left = remote.secondsLeft,
                StreamingTranscriber.seconds(state.spent) + state.sound.unsent >= Double(left)
            {
                let trouble = "no more is paid for today"
                if !state.troubles.contains(trouble) { StreamingTranscriber.note(trouble, &state) }
                return state.sound.skip(samples.count)
            }
            state.sound.put(samples)
            if state.sound.unsent > StreamingTranscriber.mostWaiting {
                let lost = state.sound.drop(to: 1)
                StreamingTranscriber.note("\(lost) s were not sent: the service is too slow", &state)
            }
        }
        ring()
    }

    private func ring() { _ = state.withLock { $0.bell }?.yield() }

    fileprivate func take() -> (finals: [SpokenLine], open: SpokenLine?) {
        state.withLock { state in
            defer { (state.lines, state.hasNews) = ([], false) }
            return (state.lines, state.open)
        }
    }

    fileprivate var hasNews: Bool { state.withLock { $0.hasNews } }

    fileprivate func takeTroubles() -> [String] {
        state.withLock { state in
            defer { state.troubles = [] }
            return state.troubles
        }
    }

    fileprivate var spent: Int { Int(StreamingTranscriber.seconds(state.withLock { $0.spent }).rounded(.up)) }

    private static func seconds(_ samples: Int) -> Double { Double(samples) / 16_000 }

    /// Waits until everything was answered, as long as that may take.
    fileprivate func settle() {
        let end = DispatchTime.now() + .seconds(remote.deadlineSeconds)
        state.withLock { $0.isEnding = true }
        ring()
        while state.withLock({ $0.isConversing || $0.sound.unsent > 0 }) {
            if over.wait(timeout: end) == .timedOut { return }
        }
    }

    // MARK: The conversation

    /// The session to talk about; nil where there is nothing to say, or nobody to say it to.
    private func begin() -> Int? {
        state.withLock { state in
            guard state.sound.unsent > 0, state.breaker.admits(at: .now) else { return nil }
            state.sound.rewind()
            state.isConversing = true
            state.lastWord = .now
            return state.session
        }
    }

    private func end(_ error: (any Error)?) {
        state.withLock { state in
            state.isConversing = false
            state.open = nil
            guard let error else { return state.breaker.succeed() }
            if error is CancellationError { return state.breaker.abandon(at: .now) }
            state.breaker.fail(at: .now)
            state.sound.rewind()
            StreamingTranscriber.note("the service does not listen: \(error)", &state)
        }
        over.signal()
    }

    private func converse(_ session: Int) async throws {
        var fields: [OutboundField] = []
        if let key = remote.key { fields.append(OutboundField("Authorization", "Token \(key)")) }
        try await client.withSocket(
            target, fields: fields, deadline: .seconds(remote.deadlineSeconds),
            refused: { SpeechFault("status \($0)") },
            { [self] socket in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { [self] in try await say(to: socket, session) }
                    group.addTask { [self] in try await watch(session) }
                    group.addTask { [self] in
                        try await socket.read { try hear($0, session) }
                    }
                    // Whichever ends first ends all: the other side closes, or something is wrong.
                    defer { group.cancelAll() }
                    _ = try await group.next()
                }
            })
        let isOver = state.withLock { $0.isEnding || $0.session != session }
        if !isOver { throw OutboundFault.brokenOff }
    }

    /// Until it is cancelled, or the session is another one.
    private func say(to socket: OutboundSocket, _ session: Int) async throws {
        var isEnded = false
        let rings = rings()
        ring()
        for await _ in rings {
            while let samples = next(session) {
                var bytes = ByteBuffer()
                bytes.writeSamples(samples)
                try await socket.send(bytes)
            }
            let (isEnding, isOld, hasGap) = state.withLock { state in
                (state.isEnding, state.session != session, state.sound.hasGap)
            }
            if isOld { return }
            if hasGap { throw SpeechFault("it is too slow") }
            if isEnding, !isEnded {
                isEnded = true
                try await socket.send(#"{"type":"CloseStream"}"#)
            }
        }
    }

    /// What is to be sent; it counts from then on.
    private func next(_ session: Int) -> [Int16]? {
        state.withLock { state in
            guard state.session == session, let samples = state.sound.next() else { return nil }
            state.spent += samples.count
            return samples
        }
    }

    /// Throws where the service is given sound and says nothing.
    private func watch(_ session: Int) async throws {
        while true {
            try await Task.sleep(for: .milliseconds(500))
            let (word, isOld) = state.withLock { ($0.lastWord, $0.session != session) }
            if isOld { return }
            if .now - word > .seconds(remote.deadlineSeconds) { throw OutboundFault.timedOut }
        }
    }

    private func hear(_ message: ByteBuffer, _ session: Int) throws {
        guard let news = try? JSONDecoder().decode(ListeningNews.self, from: Data(message.readableBytesView))
        else { throw SpeechFault("the answer is not as it should be") }
        state.withLock { state in
            guard state.session == session else { return }
            state.lastWord = .now
            guard let lines = news.lines(from: state.sound.base, id: state.count) else { return }
            // It is of some use: the next failure is the first.
            state.breaker.succeed()
            state.hasNews = true
            guard news.isFinal else {
                state.open = lines.last
                return
            }
            state.lines += lines
            state.count += lines.count
            state.open = nil
            state.sound.settle(to: news.end(from: state.sound.base))
        }
    }

    private static func note(_ trouble: String, _ state: inout State) {
        if state.troubles.count < troublesAtMost { state.troubles.append(trouble) }
    }
}

private final class StreamingSession: SpeechSession {
    private let engine: StreamingTranscriber

    init(_ engine: StreamingTranscriber) { self.engine = engine }

    func feed(_ samples: [Int16]) throws(SpeechFault) { engine.put(samples) }

    func poll(partials: Bool) throws(SpeechFault) -> [SpokenLine] {
        let (finals, open) = engine.take()
        return finals + (partials ? [open].compactMap { $0 } : [])
    }

    func finish() throws(SpeechFault) -> [SpokenLine] {
        engine.settle()
        return engine.take().finals
    }

    func troubles() -> [String] { engine.takeTroubles() }
    var hasNews: Bool { engine.hasNews }
    var spent: Int { engine.spent }
}
