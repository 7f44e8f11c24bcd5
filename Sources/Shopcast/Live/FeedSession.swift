import Ingest
import Media
import Synchronization

/// One connected feed: knows what a new run must be told first, and when the last picture came.
final class FeedSession: FeedSink {
    private struct State {
        var metadata: FeedEvent?
        var videoFormat: FeedEvent?
        var audioFormat: FeedEvent?
        var lastVideo = MonotonicTime.now
    }

    let disconnect: @Sendable (String) -> Void
    private let show: LiveShow
    private let state = Mutex(State())

    init(show: LiveShow, disconnect: @escaping @Sendable (String) -> Void) {
        self.show = show
        self.disconnect = disconnect
    }

    func receive(_ event: FeedEvent) {
        show.receive(event, from: self)
    }

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
