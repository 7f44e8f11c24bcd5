import Ingest
import Media
import Preflight
import Synchronization

/// One connected feed: knows what a new run must be told first, and when the last picture came.
final class FeedSession: FeedSink {
    private struct State {
        var metadata: FeedEvent?
        var videoFormat: FeedEvent?
        var audioFormat: FeedEvent?
        var lastVideo = MonotonicTime.now
        var line: FeedLine?
    }

    let disconnect: @Sendable (String) -> Void
    /// `rtmp`, `rtmps` or `srt`.
    let transport: String
    let began = MonotonicTime.now
    /// Looks at the feed from the side.
    let observer: FeedObserver
    private let show: LiveShow
    private let state = Mutex(State())

    init(
        show: LiveShow, transport: String, observer: FeedObserver,
        disconnect: @escaping @Sendable (String) -> Void
    ) {
        self.show = show
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

    var lastVideo: MonotonicTime { state.withLock { $0.lastVideo } }

    var remembered: [FeedEvent] {
        state.withLock { [$0.metadata, $0.videoFormat, $0.audioFormat].compactMap { $0 } }
    }

    func remember(_ event: FeedEvent) {
        state.withLock { state in
            switch event {
            case .metadata: state.metadata = event
            case .videoFormat: state.videoFormat = event
            case .audioFormat: state.audioFormat = event
            case .video, .audio, .ended: break
            }
        }
    }

    func sawVideo(at time: MonotonicTime) {
        state.withLock { $0.lastVideo = time }
    }
}
