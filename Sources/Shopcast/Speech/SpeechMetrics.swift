import Media
import Metrics

/// The counters of one show's captions by machine.
struct SpeechMetrics: Sendable {
    let starts: Counter
    let ends: Counter
    let kills: Counter
    let lines: Counter
    let troubles: Counter
    let unsent: Counter
    let dropped: FloatingPointCounter
    let behind: Gauge
    let level: Gauge

    init(show: ShowID) {
        let labels = [("show", show.text)]
        func counter(_ name: String) -> Counter {
            Counter(label: "shopcast_speech_\(name)_total", dimensions: labels)
        }
        starts = counter("process_starts")
        ends = counter("process_ends")
        kills = counter("process_kills")
        lines = counter("lines")
        troubles = counter("troubles")
        unsent = counter("unsent_frames")
        dropped = FloatingPointCounter(label: "shopcast_speech_dropped_seconds_total", dimensions: labels)
        behind = Gauge(label: "shopcast_speech_behind_seconds", dimensions: labels)
        level = Gauge(label: "shopcast_speech_level", dimensions: labels)
    }
}
