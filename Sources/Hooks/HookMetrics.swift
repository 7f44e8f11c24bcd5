import Metrics

/// How webhooks fare.
struct HookMetrics: Sendable {
    let delivered = Counter(
        label: "shopcast_webhook_attempts_total", dimensions: [("outcome", "delivered")])
    let failed = Counter(label: "shopcast_webhook_attempts_total", dimensions: [("outcome", "failed")])
    /// Given up.
    let dead = Counter(label: "shopcast_webhook_dead_total")
    /// Events that a webhook was not told, since too much waited.
    let dropped = Counter(label: "shopcast_webhook_dropped_total")
    private let waiting = Gauge(label: "shopcast_webhook_deliveries", dimensions: [("state", "pending")])
    private let lost = Gauge(label: "shopcast_webhook_deliveries", dimensions: [("state", "dead")])

    func show(_ counts: [Delivery.State: Int]) {
        waiting.record(counts[.pending] ?? 0)
        lost.record(counts[.dead] ?? 0)
    }
}
