import Metrics

/// Counts what is translated and what is not, by engine and outcome; both are words of few.
struct TranslationMetrics: Sendable {
    private let waiting = Gauge(label: "shopcast_translation_waiting")
    private let hits = Counter(label: "shopcast_translation_cache_hits_total")
    private let busy = Counter(label: "shopcast_translation_dropped_total")
    private let late = Counter(label: "shopcast_translation_late_total")
    private let paid = Counter(label: "shopcast_translation_paid_characters_total")

    func made(by engine: EngineName, after time: Duration) {
        count(engine, "made")
        let (seconds, attoseconds) = time.components
        Recorder(
            label: "shopcast_translation_milliseconds", dimensions: [("engine", engine.rawValue)],
            aggregate: true
        ).record(Double(seconds) * 1000 + Double(attoseconds) / 1e15)
    }

    func failed(_ engine: EngineName, _ outcome: String) { count(engine, outcome) }

    func found() { hits.increment() }

    /// More wait than may.
    func dropped() { busy.increment() }

    func timedOut() { late.increment() }

    func waits(_ count: Int) { waiting.record(count) }

    func spent(_ characters: Int) { paid.increment(by: characters) }

    private func count(_ engine: EngineName, _ outcome: String) {
        Counter(
            label: "shopcast_translations_total",
            dimensions: [("engine", engine.rawValue), ("outcome", outcome)]
        ).increment()
    }
}
