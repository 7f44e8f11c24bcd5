import Media
import Metrics
import Synchronization

/// A window's figures. Instruments are made once a rendition, not once a part.
final class WindowMetrics: Sendable {
    private let show: ShowID
    private let renderings: Counter
    private let late: Counter
    private let gaps: Counter
    private let overlong: Counter
    private let lost: Counter
    private let delays = Mutex<[RenditionName: Recorder]>([:])
    private let parts = Mutex<[RenditionName: Counter]>([:])

    init(show: ShowID) {
        self.show = show
        let labels = [("show", show.text)]
        renderings = Counter(label: "shopcast_playlist_renderings_total", dimensions: labels)
        late = Counter(label: "shopcast_late_parts_total", dimensions: labels)
        gaps = Counter(label: "shopcast_gap_segments_total", dimensions: labels)
        overlong = Counter(label: "shopcast_overlong_segments_total", dimensions: labels)
        lost = Counter(label: "shopcast_unwritten_segments_total", dimensions: labels)
    }

    /// What a window has counted so far.
    struct Counts {
        let late, gaps, overlong, lost: Int

        init(_ core: WindowCore) {
            (late, gaps, overlong, lost) = (
                core.lateParts, core.gapSegments, core.overlongSegments, core.lostSegments
            )
        }
    }

    func count(_ core: WindowCore, since before: Counts) {
        if core.lateParts > before.late { late.increment(by: core.lateParts - before.late) }
        if core.gapSegments > before.gaps { gaps.increment(by: core.gapSegments - before.gaps) }
        if core.overlongSegments > before.overlong {
            overlong.increment(by: core.overlongSegments - before.overlong)
        }
        if core.lostSegments > before.lost { lost.increment(by: core.lostSegments - before.lost) }
    }

    /// A media playlist was written out.
    func rendered() {
        renderings.increment()
    }

    /// A part was listed this long after its last sample had arrived.
    func listed(_ rendition: RenditionName, after delay: Duration) {
        let labels = [("show", show.text), ("rendition", rendition.text)]
        let recorder = delays.withLock { all in
            if let recorder = all[rendition] { return recorder }
            let recorder = Recorder(
                label: "shopcast_part_ready_delay_milliseconds", dimensions: labels, aggregate: true)
            all[rendition] = recorder
            return recorder
        }
        recorder.record(delay.inSeconds * 1000)
        let counter = parts.withLock { all in
            if let counter = all[rendition] { return counter }
            let counter = Counter(label: "shopcast_parts_listed_total", dimensions: labels)
            all[rendition] = counter
            return counter
        }
        counter.increment()
    }
}
