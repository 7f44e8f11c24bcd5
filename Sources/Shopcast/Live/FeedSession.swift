import Ingest
import Media
import NIOCore
import Preflight
import Restream
import Shows
import Synchronization

/// One connected feed: knows what a run must be told of it first, and keeps what it has sent since its last IDR picture
/// while another feed is on air. Bound: `warmBytes`, `warmSpan`; what would be more waits for the next IDR picture.
final class FeedSession: FeedSink {
    fileprivate static let warmBytes = 16 << 20
    private static let warmSpan = Duration.seconds(12)

    fileprivate struct State {
        var metadata: FeedEvent?
        var videoFormat: FeedEvent?
        var audioFormat: FeedEvent?
        /// The three above, for targets; nil where they have changed since.
        var formats: RelayFormats?
        var videoCodec: String?
        var audioCodec: String?
        var warm: [FeedEvent] = []
        var warmBytes = 0
        var warmSince: MonotonicTime?
        var line: FeedLine?
    }

    let disconnect: @Sendable (String) -> Void
    let role: FeedSwitch.Role
    /// It lasts as long as this key is good.
    let key: StreamKeyID
    /// Counts the show's feeds, from 1.
    let number: Int
    /// `rtmp`, `rtmps` or `srt`.
    let transport: String
    let began = MonotonicTime.now
    /// Looks at the feed from the side.
    let observer: FeedObserver
    private let show: LiveShow
    private let state = Mutex(State())

    init(
        show: LiveShow, role: FeedSwitch.Role, key: StreamKeyID, number: Int, transport: String,
        observer: FeedObserver,
        disconnect: @escaping @Sendable (String) -> Void
    ) {
        self.show = show
        self.role = role
        self.key = key
        self.number = number
        self.transport = transport
        self.observer = observer
        self.disconnect = disconnect
    }

    func receive(_ event: FeedEvent) {
        observer.receive(event)
        show.receive(event, from: self)
    }

    func measured(_ line: FeedLine) { state.withLock { $0.line = line } }

    /// The newest; nil where the protocol does not tell.
    var line: FeedLine? { state.withLock { $0.line } }

    /// What a run is told of a feed that comes on air now: its formats, and what it has sent since its last IDR picture.
    func takeStart() -> [FeedEvent] {
        state.withLock { state in
            defer { State.clear(&state) }
            return [state.metadata, state.videoFormat, state.audioFormat].compactMap { $0 } + state.warm
        }
    }

    /// Returns the codec where it is news: another than before.
    func remember(_ event: FeedEvent) -> (kind: String, codec: String)? {
        state.withLock { state in
            state.formats = nil
            switch event {
            case .metadata: state.metadata = event
            case .videoFormat(let format):
                state.videoFormat = event
                return FeedSession.news(format.codecs, &state.videoCodec).map { ("video", $0) }
            case .audioFormat(let format):
                state.audioFormat = event
                return FeedSession.news(format.codecs, &state.audioCodec).map { ("audio", $0) }
            case .video, .audio, .ended: break
            }
            return nil
        }
    }

    /// What a target must be told before the feed's media; the same object until the feed says something else.
    var formats: RelayFormats {
        state.withLock { state in
            if let formats = state.formats { return formats }
            var (metadata, video, audio): (FeedMetadata?, PictureFormat?, SoundFormat?)
            if case .metadata(let value) = state.metadata { metadata = value }
            if case .videoFormat(let value) = state.videoFormat { video = value }
            if case .audioFormat(let value) = state.audioFormat { audio = value }
            let formats = RelayFormats(feed: number, metadata: metadata, video: video, audio: audio)
            state.formats = formats
            return formats
        }
    }

    private static func news(_ codec: String, _ known: inout String?) -> String? {
        guard known != codec else { return nil }
        known = codec
        return codec
    }

    /// Keeps media that nobody is shown now.
    func keepWarm(_ event: FeedEvent) {
        state.withLock { state in
            guard case .video(let unit) = event else {
                if case .audio(let unit) = event, state.warmSince != nil { State.add(event, unit, &state) }
                return
            }
            if unit.isSync {
                State.clear(&state)
                state.warmSince = unit.arrival
            }
            guard let since = state.warmSince else { return }
            if unit.arrival - since > FeedSession.warmSpan { return State.clear(&state) }
            State.add(event, unit, &state)
        }
    }
}

extension FeedSession.State {
    fileprivate static func add(_ event: FeedEvent, _ unit: AccessUnit, _ state: inout Self) {
        state.warmBytes += unit.payload.readableBytes
        guard state.warmBytes <= FeedSession.warmBytes else { return clear(&state) }
        state.warm.append(event)
    }

    fileprivate static func clear(_ state: inout Self) {
        state.warm = []
        state.warmBytes = 0
        state.warmSince = nil
    }
}
