import Ingest
import Logging
import Media
import Packaging
import Synchronization
import Transcode

/// The path of one run, in the order of the data. This file is the five-minute read:
///
///     RTMPConnection → FeedSession → Transcoder → TrackPackager → LiveWindow → PlaylistText → MediaHandler → player
///
/// 1. `Ingest` hands over what the host sends (`FeedEvent`), on the connection's event loop; nothing here blocks it.
/// 2. `Transcode` probes, decides the plan (`RunPlan`), decodes, scales and encodes on threads of its own, or passes
///    the host's picture through; out come `RenditionEvent`s, each rendition's on its own thread.
/// 3. `Packaging` cuts parts and segments of each rendition (`TrackPackager`) and lists them together (`LiveWindow`).
/// 4. `Delivery` answers viewers from the window's newest snapshot.
final class ShowPipeline: Sendable {
    /// What a run tells its show.
    enum Report: Sendable {
        case opened(RunPlan)
        case news(RunNews)
        case failed(String)
        case finished
    }

    private let transcoder: Transcoder
    private let output: Output

    /// Opens a run into `window`, for the feed of this number; `ear` listens to its sound. `report` is called from the run's
    /// threads.
    init(
        show: ShowPlan, ladder: Settings.LadderSettings, feed: Int, window: LiveWindow,
        ear: (any ProgrammeEar)?, capacity: EncodingCapacity, logger: Logger,
        report: @escaping @Sendable (Report) -> Void
    ) {
        output = Output(window: window, ear: ear, report: report)
        transcoder = Transcoder(
            settings: TranscodeSettings(show: show, ladder: ladder), name: show.id.text, feed: feed,
            start: { window.nextStart() }, capacity: capacity, sink: output, logger: logger)
    }

    var isOpened: Bool { output.isOpened }

    /// Never blocks; what the run cannot keep up with is dropped inside, and counted.
    func receive(_ event: FeedEvent, feed: Int) {
        transcoder.receive(event, feed: feed)
    }

    /// The feed is away: the slate goes through the same encoders, as far as `tick` says.
    func loseFeed() { transcoder.loseFeed() }

    /// Feed number `feed` is there; the slate goes on up to its first IDR picture.
    func joinFeed(_ feed: Int) { transcoder.joinFeed(feed) }

    func tick(now: MonotonicTime) { transcoder.tick(now: now) }

    /// The event loops are late by so much.
    func heldUp(by delay: Duration) { transcoder.heldUp(by: delay) }

    /// Ends the run: what is inside comes out, then `finished` is reported.
    func finish() {
        transcoder.finish()
    }

    /// The end of the transcoder's part of the path: hands each rendition's events to its packager.
    private final class Output: RunSink {
        private let window: LiveWindow
        private let ear: (any ProgrammeEar)?
        private let report: @Sendable (Report) -> Void
        private let packagers = Mutex<[RenditionName: TrackPackager]>([:])

        init(
            window: LiveWindow, ear: (any ProgrammeEar)?, report: @escaping @Sendable (Report) -> Void
        ) {
            self.window = window
            self.ear = ear
            self.report = report
        }

        var isOpened: Bool { packagers.withLock { !$0.isEmpty } }

        func opened(_ plan: RunPlan) {
            let opened = window.beginRun(plan)
            packagers.withLock { $0 = opened }
            if let epoch = window.epoch { ear?.begin(epoch: epoch) }
            report(.opened(plan))
        }

        func receive(_ event: RenditionEvent, for rendition: RenditionName) {
            packagers.withLock { $0[rendition] }?.receive(event)
            if rendition == .audio { ear?.hear(event) }
        }

        var due: MediaTime? {
            var earliest: MediaTime?
            for packager in packagers.withLock({ Array($0.values) }) {
                guard let due = packager.due else { return nil }
                earliest = min(earliest ?? due, due)
            }
            return earliest
        }

        func news(_ news: RunNews) { report(.news(news)) }

        func failed(_ reason: String) {
            ear?.end()
            report(.failed(reason))
        }

        func finished() {
            ear?.end()
            report(.finished)
        }
    }
}
