import CoreMetrics
import Media

/// What is counted of each target of each show.
struct RelayMetrics: Sendable {
    /// 1 while it takes the stream.
    let connected: Gauge
    /// Calls that were made.
    let calls: Counter
    /// Connections that failed or were lost.
    let failures: Counter
    /// Bytes of pictures and sound that its socket took.
    let bytes: Counter
    /// Pictures and frames of sound left out since it was too slow.
    let dropped: Counter

    init(show: ShowID, target: String) {
        let labels = [("show", show.text), ("target", target)]
        connected = Gauge(label: "shopcast_restream_connected", dimensions: labels)
        calls = Counter(label: "shopcast_restream_calls_total", dimensions: labels)
        failures = Counter(label: "shopcast_restream_failures_total", dimensions: labels)
        bytes = Counter(label: "shopcast_restream_bytes_total", dimensions: labels)
        dropped = Counter(label: "shopcast_restream_dropped_units_total", dimensions: labels)
        connected.record(0)
    }
}
