import Metrics

/// Counts what leaves, by purpose and outcome; both are words of few.
struct OutboundMetrics: Sendable {
    func answered(_ status: Int, purpose: String, after time: Duration) {
        count(purpose, "answered_\(min(max(status / 100, 1), 5))xx")
        let (seconds, attoseconds) = time.components
        Recorder(
            label: "shopcast_outbound_milliseconds", dimensions: [("purpose", purpose)], aggregate: true
        ).record(Double(seconds) * 1000 + Double(attoseconds) / 1e15)
    }

    func failed(_ fault: OutboundFault, purpose: String) {
        count(purpose, fault.label)
    }

    private func count(_ purpose: String, _ outcome: String) {
        Counter(
            label: "shopcast_outbound_requests_total",
            dimensions: [("purpose", purpose), ("outcome", outcome)]
        ).increment()
    }
}
