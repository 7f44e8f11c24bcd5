import Media
import Metrics

/// The counters of one show's stages, made once for a run.
struct TranscodeMetrics: Sendable {
    let show: String
    let unitsIn: Counter
    let feedDropped: Counter
    let damaged: Counter
    let decoded: Counter
    let repaired: Counter
    let silence: Counter
    let sourceIsFit: Gauge
    let feedDepth: Gauge

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
}
