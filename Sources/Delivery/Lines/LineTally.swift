import Metrics

/// What one event loop's lines did since it last told.
struct LineTally {
    /// By kind.
    var opened = [0, 0]
    var ended = [Int](repeating: 0, count: Ending.allCases.count)
    var parcels = 0
    var bytes = 0
    var heard = 0
    var isEmpty = true

    /// How a line came to its end.
    enum Ending: Int, CaseIterable {
        /// The reader left, or the connection broke.
        case left
        /// The server stops.
        case stopping
        /// What stands behind the line ended it.
        case guest
        /// The reader did what the protocol does not allow.
        case fault
        /// It sent too much, or did not say in time who it is.
        case policy
        /// It took nothing for too long.
        case stalled
        /// It did not answer when it was asked whether it is there.
        case silent

        var label: String { "\(self)" }
    }
}

/// The counters that the tallies add up in.
final class LineMetrics: Sendable {
    private let opened = LineKind.allCases.map {
        Counter(label: "shopcast_lines_opened_total", dimensions: [("kind", $0.label)])
    }
    private let ended = LineTally.Ending.allCases.map {
        Counter(label: "shopcast_lines_ended_total", dimensions: [("reason", $0.label)])
    }
    private let parcels = Counter(label: "shopcast_line_parcels_sent_total")
    private let bytes = Counter(label: "shopcast_line_sent_bytes_total")
    private let heard = Counter(label: "shopcast_line_messages_heard_total")
    private let open = Gauge(label: "shopcast_lines_open")

    func add(_ tally: LineTally) {
        for (counter, count) in zip(opened, tally.opened) where count > 0 { counter.increment(by: count) }
        for (counter, count) in zip(ended, tally.ended) where count > 0 { counter.increment(by: count) }
        if tally.parcels > 0 { parcels.increment(by: tally.parcels) }
        if tally.bytes > 0 { bytes.increment(by: tally.bytes) }
        if tally.heard > 0 { heard.increment(by: tally.heard) }
    }

    func record(open count: Int) { open.record(count) }
}
