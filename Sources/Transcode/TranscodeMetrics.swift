import Media
import Metrics
import Synchronization

/// The counters of one show's stages, made once for a run.
final class TranscodeMetrics: Sendable {
    let show: String
    let unitsIn: Counter
    let feedDropped: Counter
    let damaged: Counter
    let decoded: Counter
    let repaired: Counter
    let silence: Counter
    let sourceIsFit: Gauge
    let feedDepth: Gauge
    let skipped: Counter
    let feedLateness: Gauge
    let reliefLevel: Gauge
    let shed: Gauge
    let halved: Gauge
    let reliefSteps: (taken: Counter, back: Counter)
    /// Gauges of what is encoded, each made once.
    private let lateness = Mutex<[RenditionName: Gauge]>([:])

    init(show: String) {
        self.show = show
        let labels = [("show", show)]
        unitsIn = Counter(label: "shopcast_feed_frames_total", dimensions: labels)
        feedDropped = Counter(label: "shopcast_feed_dropped_total", dimensions: labels)
        damaged = Counter(label: "shopcast_feed_damaged_total", dimensions: labels)
        decoded = Counter(label: "shopcast_decoded_frames_total", dimensions: labels)
        repaired = Counter(label: "shopcast_feed_timestamp_repairs_total", dimensions: labels)
        silence = Counter(label: "shopcast_audio_silence_samples_total", dimensions: labels)
        sourceIsFit = Gauge(label: "shopcast_source_fit", dimensions: labels)
        feedDepth = Gauge(label: "shopcast_feed_queue_depth", dimensions: labels)
        skipped = Counter(label: "shopcast_undecoded_frames_total", dimensions: labels)
        feedLateness = Gauge(label: "shopcast_feed_lateness_milliseconds", dimensions: labels)
        reliefLevel = Gauge(label: "shopcast_overload_level", dimensions: labels)
        shed = Gauge(label: "shopcast_overload_shed_renditions", dimensions: labels)
        halved = Gauge(label: "shopcast_overload_halved_renditions", dimensions: labels)
        func steps(_ direction: String) -> Counter {
            Counter(
                label: "shopcast_overload_steps_total", dimensions: labels + [("direction", direction)])
        }
        reliefSteps = (steps("taken"), steps("back"))
    }

    /// One rendition's counters.
    struct Rendition: Sendable {
        let framesIn: Counter
        let framesOut: Counter
        let dropped: Counter
        let bytes: Counter
        let depth: Gauge
    }

    func rendition(_ name: RenditionName) -> Rendition {
        let labels = [("show", show), ("rendition", name.text)]
        return Rendition(
            framesIn: Counter(label: "shopcast_rendition_frames_in_total", dimensions: labels),
            framesOut: Counter(label: "shopcast_rendition_frames_out_total", dimensions: labels),
            dropped: Counter(label: "shopcast_rendition_frames_dropped_total", dimensions: labels),
            bytes: Counter(label: "shopcast_rendition_bytes_total", dimensions: labels),
            depth: Gauge(label: "shopcast_rendition_queue_depth", dimensions: labels))
    }

    func record(_ load: OverloadGovernor.Load) {
        feedLateness.record(load.decoding.lateness / .milliseconds(1))
        lateness.withLock { gauges in
            for (name, stage) in load.rungs {
                let labels = [("show", show), ("rendition", name.text)]
                let gauge =
                    gauges[name]
                    ?? Gauge(label: "shopcast_rendition_lateness_milliseconds", dimensions: labels)
                gauges[name] = gauge
                gauge.record(stage.lateness / .milliseconds(1))
            }
        }
    }

    func record(_ relief: Relief) {
        reliefLevel.record(relief.level)
        shed.record(relief.shed.count)
        halved.record(relief.halved.count)
    }

    /// A run is over: nothing is left out any more.
    func forgetRelief() {
        record(Relief())
    }
}
