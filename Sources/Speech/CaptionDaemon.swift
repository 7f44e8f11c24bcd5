// What `captiond` does. In: an order (`HearingOrder`), then sound (`SoundFrame`), on standard input. Out: what was said
// (`HearingNews`), on standard output. Two threads: one reads and never waits for the other; one listens. Between them a
// bounded ring (`SoundRing`): who is too slow loses sound, and says so. The end of the input ends it.

import CSpeech
import Foundation
import Glibc
package import Hearing
import Synchronization

package final class CaptionDaemon: Sendable {
    private let ring = SoundRing()
    private let voice: NewsVoice
    private let input: Int32

    /// File descriptors.
    package init(input: Int32 = 0, output: Int32 = 1) {
        self.input = input
        voice = NewsVoice(output)
    }

    /// This process gives way to all others from here on. To be called before anything else, as threads take it over.
    package static func stepBack() { speech_step_back() }

    /// Until the input ends. The exit code. `engines` makes what an order asks for.
    package func run(engines: @Sendable (HearingOrder) throws(SpeechFault) -> any SpeechEngine) async -> Int32
    {
        signal(SIGPIPE, SIG_IGN)
        let engine: any SpeechEngine
        let rest: [UInt8]
        do {
            let (order, more) = try readOrder()
            rest = more
            engine = try engines(order)
        } catch {
            voice.say(.fault("\(error)"))
            return 1
        }
        voice.say(.ready(engine: engine.name))
        start("captiond-read") { [self] in read(rest) }
        return await withTaskGroup(of: Int32?.self) { group in
            group.addTask {
                await engine.run()
                return nil
            }
            group.addTask { [self] in
                await withCheckedContinuation { continuation in
                    start("captiond-hear") { [self] in continuation.resume(returning: listen(engine)) }
                }
            }
            defer { group.cancelAll() }
            for await code in group {
                if let code { return code }
            }
            return 1
        }
    }

    private func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.start()
    }

    // MARK: Reading

    private func readOrder() throws -> (HearingOrder, rest: [UInt8]) {
        var bytes: [UInt8] = []
        while bytes.count <= HearingOrder.longest {
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                return (try HearingOrder(line: bytes[..<end]), Array(bytes[(end + 1)...]))
            }
            guard let more = readSome() else { break }
            bytes += more
        }
        throw SpeechFault("the input has no order in it")
    }

    /// Nil at the end.
    private func readSome() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 32_768)
        while true {
            let count = Glibc.read(input, &buffer, buffer.count)
            if count > 0 { return Array(buffer[..<count]) }
            if count < 0, errno == EINTR { continue }
            return nil
        }
    }

    private func read(_ rest: [UInt8]) {
        var reader = SoundFrameReader()
        var bytes: [UInt8]? = rest
        do {
            while let more = bytes {
                for frame in try reader.take(more) { ring.put(frame) }
                if reader.isBroken { throw SoundFrameReader.Fault() }
                bytes = readSome()
            }
        } catch {
            voice.say(.fault("the input is no sound"))
        }
        ring.end()
    }

    /// Seconds of sound that were not read yet.
    private var unread: Double {
        var count: Int32 = 0
        guard ioctl(input, UInt(FIONREAD), &count) == 0 else { return 0 }
        return Double(count) / 32_000
    }

    // MARK: Listening

    private func listen(_ engine: any SpeechEngine) -> Int32 {
        do {
            var listener = try Listener(engine, voice)
            while true {
                let (frames, dropped, isOver) = ring.take(within: 0.2)
                try listener.hear(frames)
                if try listener.keep(up: ring.waiting + unread, dropped: dropped, at: .now) {
                    ring.drop(to: 1)
                }
                if isOver {
                    try listener.finish()
                    return 0
                }
                guard voice.isHeard else { return 0 }
            }
        } catch {
            voice.say(.fault("\(error)"))
            return 1
        }
    }
}

/// Writes news; whoever reads them may be gone.
final class NewsVoice: Sendable {
    private let output: Int32
    private let gone = Mutex(false)

    init(_ output: Int32) { self.output = output }

    var isHeard: Bool { !gone.withLock { $0 } }

    func say(_ news: HearingNews) {
        gone.withLock { gone in
            var bytes = news.bytes()[...]
            while !gone, !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
                if count > 0 { bytes = bytes.dropFirst(count) } else if errno != EINTR { gone = true }
            }
        }
    }
}

/// What the listening thread does; lives and dies on it.
private struct Listener {
    /// Milliseconds by which sound may be early or late and still go on from what was before.
    private static let tolerance: Int64 = 60
    /// Without sound for so long, what is open is over.
    private static let silence = Duration.milliseconds(1500)

    private let engine: any SpeechEngine
    private let voice: NewsVoice
    private var session: any SpeechSession
    private var pace = SpeechPace()
    private var edges = SpeechEdges()
    /// The instant at which the session began; nil where it has not.
    private var zero: Int64?
    private var samples = 0
    /// Of the session's first line, and the next that is free.
    private var firstID = 0
    private var nextID = 0
    /// Seconds since it looked.
    private var unseen = 0.0
    private var lastSound = ContinuousClock.now
    private var lastTold = ContinuousClock.now
    private var dropped = 0.0

    init(_ engine: any SpeechEngine, _ voice: NewsVoice) throws(SpeechFault) {
        self.engine = engine
        self.voice = voice
        session = try engine.session()
    }

    private var heard: Int64? {
        zero.map { $0 + Int64(samples) * 1000 / Int64(SoundFrame.sampleRate) }
    }

    mutating func hear(_ frames: [SoundFrame]) throws(SpeechFault) {
        for frame in frames {
            if let heard, abs(frame.date - heard) > Listener.tolerance { try finish() }
            if zero == nil { (zero, samples) = (frame.date, 0) }
            try session.feed(frame.samples)
            edges.note(frame)
            samples += frame.samples.count
            unseen += frame.seconds
        }
        if !frames.isEmpty { lastSound = .now }
        if zero != nil, .now - lastSound > Listener.silence { try finish() }
        if unseen >= pace.interval || session.hasNews { try look() }
    }

    private mutating func look() throws(SpeechFault) {
        unseen = 0
        tell(try session.poll(partials: pace.tellsPartials))
    }

    /// What is open is over; what comes next is another stretch.
    mutating func finish() throws(SpeechFault) {
        guard zero != nil else { return }
        tell(try session.finish())
        session = try engine.session()
        firstID = nextID
        (zero, unseen) = (nil, 0)
    }

    /// Adapts to what waits. True where the ring should be emptied.
    mutating func keep(
        up behind: Double, dropped more: Double, at now: ContinuousClock.Instant
    ) throws(SpeechFault) -> Bool {
        dropped += more
        let isNews = pace.note(behind: behind, at: now)
        if isNews || now - lastTold >= .seconds(1) {
            lastTold = now
            voice.say(
                .pace(
                    HearingPace(
                        level: pace.level, behind: (behind * 100).rounded() / 100,
                        dropped: (dropped * 100).rounded() / 100, heard: heard, spent: session.spent)))
            dropped = 0
        }
        for trouble in session.troubles() { voice.say(.trouble(trouble)) }
        return isNews && pace.level == .dropping
    }

    private mutating func tell(_ lines: [SpokenLine]) {
        guard let zero else { return }
        func date(_ seconds: Double) -> Int64 { zero + Int64((seconds * 1000).rounded()) }
        for line in lines {
            let id = firstID + line.id
            nextID = max(nextID, id + 1)
            let words = line.words.map { HeardLine.Word($0.text, start: date($0.start), end: date($0.end)) }
            var (start, end) = (date(line.start), date(max(line.start, line.end)))
            (start, end) = edges.trimmed(start: start, end: end)
            voice.say(
                .line(
                    HeardLine(
                        id: id, start: start, end: max(start + 1, end), text: line.text,
                        isFinal: line.isFinal, confidence: line.confidence, words: words,
                        speaker: line.speaker)))
        }
    }
}
