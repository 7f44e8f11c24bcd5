import Codecs
import Ingest
import Media
import NIOPosix

/// Sends a file to an RTMP or SRT address in real time, as a host's encoder would, once or again and again.
package struct SampleHost: Sendable {
    private let file: String
    private let url: String
    private let times: Int?

    /// `times` nil means until cancelled.
    package init(file: String, url: String, times: Int? = nil) {
        self.file = file
        self.url = url
        self.times = times
    }

    /// Throws where the file cannot be read, nobody listens, or the server refuses; the error is a sentence.
    package func run() async throws {
        let clip = Clip(file: file, times: times)
        // Read before anybody is called: a file that cannot be sent is a matter between its owner and us.
        guard let first = try await clip.next() else {
            throw SettingsFault("'\(file)' holds nothing to send")
        }
        let publisher = try await Line.connect(url)
        let start = ContinuousClock.now
        do {
            try await publisher.send(first)
            while let event = try await clip.next() {
                if let time = event.sendTime { try await Task.sleep(until: start + time.duration) }
                try await publisher.send(event)
            }
            await publisher.finish()
        } catch {
            await publisher.finish()
            throw error
        }
    }
}

/// Whichever way the address asks for.
private enum Line {
    case rtmp(RTMPPublisher)
    case srt(SRTPublisher)

    static func connect(_ url: String) async throws -> Line {
        guard !url.hasPrefix("srt:") else { return .srt(try await SRTPublisher.connect(url: url)) }
        return .rtmp(
            try await RTMPPublisher.connect(
                url: url, eventLoopGroup: MultiThreadedEventLoopGroup.singleton))
    }

    func send(_ event: FeedEvent) async throws {
        switch self {
        case .rtmp(let publisher): try await publisher.send(event)
        case .srt(let publisher): try await publisher.send(event)
        }
    }

    func finish() async {
        switch self {
        case .rtmp(let publisher): await publisher.finish()
        case .srt(let publisher): await publisher.finish()
        }
    }
}

extension FeedEvent {
    /// When it is due, from the start of the stream; nil for what goes at once.
    fileprivate var sendTime: MediaTime? {
        switch self {
        case .video(let unit), .audio(let unit): unit.dts
        case .metadata, .videoFormat, .audioFormat, .ended: nil
        }
    }
}

/// A file as a row of events. Reading blocks, so it happens on a thread of NIO's pool, one unit at a time.
private final class Clip: @unchecked Sendable {
    // The reader is touched only inside `next`, whose calls are awaited one after another by their single caller.
    private var reader: MediaFileReader?
    private let file: String
    private let times: Int?
    private var rounds = 0
    private var lastTime = MediaTime(ticks: .min)

    init(file: String, times: Int?) {
        self.file = file
        self.times = times
    }

    func next() async throws -> FeedEvent? {
        try await NIOThreadPool.singleton.runIfActive { try self.read() }
    }

    private func read() throws -> FeedEvent? {
        if reader == nil {
            reader = try MediaFileReader.open(path: file, loops: times != 1)
            rounds = 1
        }
        guard let event = try reader?.next() else { return nil }
        return event
    }
}
