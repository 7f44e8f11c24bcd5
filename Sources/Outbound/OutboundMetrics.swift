import Metrics

/// Counts what leaves, by purpose and outcome; both are words of few.
struct OutboundMetrics: Sendable {
    func answered(_ status: Int, purpose: String, after time: Duration) {
        count(purpose, "answered_\(min(max(status / 100, 1), 5))xx")
        Recorder(
            label: "shopcast_outbound_milliseconds", dimensions: [("purpose", purpose)], aggregate: true
        ).record(time.inMilliseconds)
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
