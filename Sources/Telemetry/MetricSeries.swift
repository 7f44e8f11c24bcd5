import CoreMetrics
import Synchronization

/// A sum that only rises, until it is reset.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    private let total = Mutex(0.0)

    var value: Double { total.withLock { $0 } }

    func increment(by amount: Int64) { total.withLock { $0 += Double(amount) } }
    func increment(by amount: Double) { total.withLock { $0 += amount } }
    func reset() { total.withLock { $0 = 0 } }
}

/// A value that goes up and down.
final class GaugeSeries: MeterHandler, RecorderHandler {
    private let current = Mutex(0.0)

    var value: Double { current.withLock { $0 } }

    func set(_ value: Int64) { current.withLock { $0 = Double(value) } }
    func set(_ value: Double) { current.withLock { $0 = value } }
    func increment(by amount: Double) { current.withLock { $0 += amount } }
    func decrement(by amount: Double) { current.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
}

/// Counts of values at or below rising bounds, with their sum.
final class HistogramSeries: RecorderHandler, TimerHandler {
    private struct State {
        var counts: [UInt64]
        var sum = 0.0
        var count: UInt64 = 0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        self.state = Mutex(State(counts: Array(repeating: 0, count: bounds.count)))
    }

    /// Bounds by the unit that the name ends in.
    static func bounds(for label: String) -> [Double] {
        if label.hasSuffix("milliseconds") || label.hasSuffix("_ms") {
            return [
                1, 2, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 220, 250, 300, 400, 500, 750, 1000, 2000,
                5000,
            ]
        }
        if label.hasSuffix("bytes") { return [1e3, 1e4, 1e5, 3e5, 1e6, 3e6, 1e7, 1e8] }
        return [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10]
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.sum += value
            state.count += 1
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func render(name: String, labels: String) -> String {
        let state = state.withLock { $0 }
        let comma = labels.isEmpty ? "" : ","
        let own = labels.isEmpty ? "" : "{\(labels)}"
        var text = ""
        var cumulative: UInt64 = 0
        for (bound, count) in zip(bounds, state.counts) {
            cumulative += count
            text += "\(name)_bucket{\(labels)\(comma)le=\"\(PrometheusText.number(bound))\"} \(cumulative)\n"
        }
        text += "\(name)_bucket{\(labels)\(comma)le=\"+Inf\"} \(state.count)\n"
        text += "\(name)_sum\(own) \(PrometheusText.number(state.sum))\n"
        text += "\(name)_count\(own) \(state.count)\n"
        return text
    }
}
