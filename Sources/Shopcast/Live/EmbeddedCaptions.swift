// In: pictures of the feed that is on air, with CEA-608 in them (event loop). Out: cues of the show's embedded track, shown
// while they stand on the screen and kept when they are over. Blocks: a queue of its own, for the store. Bound: `atMost`
// pictures with captions; policy: the newcomer is dropped; counter: shopcast_embedded_captions_dropped_total.

import Captioning
import Codecs
import Dispatch
import Logging
import Media
import Metrics
import NIOCore
import Packaging
import People
import Shows
import Synchronization

/// The captions that a host's encoder has put into the picture.
final class EmbeddedCaptions: Sendable {
    private static let atMost = 256
    /// Feeds whose clock differs more than this from ours have begun anew (milliseconds).
    private static let tolerance: Int64 = 1000

    private struct State {
        var feed = 0
        var decoder: ClosedCaptionDecoder?
        var captions = ScreenCaptions()
        /// A picture's time, and when it came by the wall clock (Unix milliseconds).
        var anchor: (pts: MediaTime, date: Int64)?
    }

    private let show: ShowID
    private let hall: CaptionHall
    private let logger: Logger
    private let queue = DispatchQueue(label: "shopcast.embedded-captions")
    private let waiting = Atomic<Int>(0)
    private let dropped: Counter
    private let state = Mutex(State())

    init(show: ShowID, hall: CaptionHall, logger: Logger) {
        self.show = show
        self.hall = hall
        self.logger = logger
        dropped = Counter(
            label: "shopcast_embedded_captions_dropped_total", dimensions: [("show", show.text)])
    }

    /// A picture of the feed of this number, for the track of `language`. Never blocks.
    func receive(_ unit: AccessUnit, _ codec: VideoCodec, feed: Int, language: LanguageTag) {
        let triplets = ClosedCaptionData.triplets(in: unit.payload, codec)
        guard !triplets.isEmpty else { return }
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= EmbeddedCaptions.atMost else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            dropped.increment()
            return
        }
        let (pts, dts, now) = (unit.pts, unit.dts, WallClock.unixMilliseconds())
        queue.async { [self] in
            defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
            take(triplets, pts: pts, dts: dts, feed: feed, now: now, language)
        }
    }

    private func take(
        _ triplets: [UInt8], pts: MediaTime, dts: MediaTime, feed: Int, now: Int64, _ language: LanguageTag
    ) {
        let (over, shown) = state.withLock { state -> ([ScreenCaptions.Over], ScreenCaptions.Shown?) in
            if state.feed != feed { state = State(feed: feed) }
            if state.decoder == nil { state.decoder = try? ClosedCaptionDecoder() }
            let expected = state.anchor.map { $0.date + (pts - $0.pts).milliseconds }
            if expected.map({ abs($0 - now) > EmbeddedCaptions.tolerance }) ?? true {
                state.anchor = (pts, now)
            }
            var over: [ScreenCaptions.Over] = []
            guard let decoder = state.decoder, let anchor = state.anchor else { return (over, nil) }
            for change in decoder.decode(triplets, pts: pts, dts: dts) {
                let date = anchor.date + (change.at - anchor.pts).milliseconds
                if let last = state.captions.change(to: change.text, at: date) { over.append(last) }
            }
            if let shown = state.captions.shown, now - shown.start > ScreenCaptions.longest,
                let last = state.captions.finish(at: now)
            {
                over.append(last)
            }
            return (over, state.captions.shown)
        }
        hall.show(shown.map { (start: $0.start, text: $0.text) }, on: self.show, language)
        guard !over.isEmpty else { return }
        do {
            try hall.addShown(
                over.map { CueDraft(start: $0.start, end: $0.end, text: $0.text, origin: .init(.embedded)) },
                to: show, language)
        } catch {
            logger.error(
                "captions from the picture are not kept", metadata: ["show": "\(show)", "error": "\(error)"])
        }
    }
}
