import Media
import Metrics
import Synchronization

/// What is told of the audience to Prometheus: by show and rendition, never by person, address or country.
final class AudienceMetrics: Sendable {
    private let sessions = Gauge(label: "shopcast_audience_sessions")
    private let minutesLost = Counter(label: "shopcast_audience_minutes_lost_total")
    private let seen = Mutex<Set<ShowID>>([])

    func count(_ answer: SessionBook.Answer) {
        switch answer {
        case .gained: refused("counted")
        case .stale: refused("stale")
        case .full: refused("full")
        }
    }

    func refused(_ result: String) {
        Counter(label: "shopcast_beats_total", dimensions: [("result", result)]).increment()
    }

    func countCMCD(_ result: String) {
        Counter(label: "shopcast_cmcd_total", dimensions: [("result", result)]).increment()
    }

    func lost(_ minutes: Int) { minutesLost.increment(by: minutes) }

    func add(_ gain: BeatGain, to show: ShowID) {
        let name = ("show", show.text)
        if gain.hasFailed {
            Counter(label: "shopcast_audience_failures_total", dimensions: [name]).increment()
        }
        guard !gain.isReplay else { return }
        if let join = gain.join {
            Timer(label: "shopcast_audience_join_seconds", dimensions: [name])
                .recordNanoseconds(Int64(join) * 1_000_000)
        }
        if let latency = gain.latency {
            Timer(label: "shopcast_audience_latency_seconds", dimensions: [name])
                .recordNanoseconds(Int64(latency) * 1_000_000)
        }
        let place = [name, ("rendition", gain.rendition ?? "unknown")]
        if gain.played > 0 {
            FloatingPointCounter(label: "shopcast_audience_played_seconds_total", dimensions: place)
                .increment(by: Double(gain.played) / 1000)
        }
        if gain.stalled > 0 {
            FloatingPointCounter(label: "shopcast_audience_stalled_seconds_total", dimensions: place)
                .increment(by: Double(gain.stalled) / 1000)
        }
        if gain.stalls > 0 {
            Counter(label: "shopcast_audience_stalls_total", dimensions: place).increment(by: gain.stalls)
        }
    }

    func record(_ counts: [ShowID: SessionBook.Count], sessions: Int) {
        self.sessions.record(sessions)
        let gone = seen.withLock { seen in
            defer { seen = Set(counts.keys) }
            return seen.subtracting(counts.keys)
        }
        for show in gone { record(SessionBook.Count(), of: show) }
        for (show, count) in counts { record(count, of: show) }
    }

    private func record(_ count: SessionBook.Count, of show: ShowID) {
        for (kind, number) in [("beats", count.beats), ("cmcd", count.cmcd), ("replay", count.replay)] {
            Gauge(label: "shopcast_audience_viewers", dimensions: [("show", show.text), ("kind", kind)])
                .record(number)
        }
    }
}
