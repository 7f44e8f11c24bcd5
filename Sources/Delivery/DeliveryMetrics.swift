import Media
import Metrics
import Synchronization

/// What Delivery counts. Event loops keep tallies of their own and hand them in a few times a second.
final class DeliveryMetrics: Sendable {
    private let requests: [Counter]
    private let bytes = Counter(label: "shopcast_http_sent_bytes_total")
    private let heldTimeouts = Counter(label: "shopcast_http_held_timeouts_total")
    private let heldRefused = Counter(label: "shopcast_http_held_refused_total")
    private let slowReaders = Counter(label: "shopcast_http_slow_readers_closed_total")
    private let refused = Counter(label: "shopcast_http_connections_refused_total")
    private let heldGauge = Gauge(label: "shopcast_http_held_requests")
    private let connectionsGauge = Gauge(label: "shopcast_http_connections")
    private let lines = LineMetrics()
    private let watched = Mutex<Set<ShowID>>([])

    init() {
        requests = RequestKind.allCases.flatMap { kind in
            (1...5).map { status in
                Counter(
                    label: "shopcast_http_requests_total",
                    dimensions: [("kind", kind.label), ("status", "\(status)xx")])
            }
        }
    }

    /// Adds what an event loop has counted since the last time.
    func add(_ tally: Tally) {
        for (counter, count) in zip(requests, tally.requests) where count > 0 { counter.increment(by: count) }
        if tally.bytes > 0 { bytes.increment(by: tally.bytes) }
        if tally.heldTimeouts > 0 { heldTimeouts.increment(by: tally.heldTimeouts) }
        if tally.heldRefused > 0 { heldRefused.increment(by: tally.heldRefused) }
        if tally.slowReaders > 0 { slowReaders.increment(by: tally.slowReaders) }
        if !tally.lines.isEmpty { lines.add(tally.lines) }
    }

    func refusedConnection() { refused.increment() }

    func record(held: Int, connections: Int, lines open: Int, viewers: [ShowID: Int]) {
        heldGauge.record(held)
        connectionsGauge.record(connections)
        lines.record(open: open)
        // A show that nobody watches any longer is told so once.
        let gone = watched.withLock { watched in
            let gone = watched.subtracting(viewers.keys)
            watched = Set(viewers.keys)
            return gone
        }
        for show in gone { gauge(show).record(0) }
        for (show, count) in viewers { gauge(show).record(count) }
    }

    private func gauge(_ show: ShowID) -> Gauge {
        Gauge(label: "shopcast_viewers", dimensions: [("show", show.text)])
    }
}

/// What one event loop has counted since it last told.
struct Tally {
    var requests = [Int](repeating: 0, count: RequestKind.allCases.count * 5)
    var bytes = 0
    var heldTimeouts = 0
    var heldRefused = 0
    var slowReaders = 0
    var lines = LineTally()
    var isEmpty = true

    mutating func count(_ kind: RequestKind, status: Int) {
        requests[kind.rawValue * 5 + min(max(status / 100, 1), 5) - 1] += 1
        isEmpty = false
    }
}
