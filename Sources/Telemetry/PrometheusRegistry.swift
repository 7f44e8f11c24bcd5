package import CoreMetrics
import Synchronization

/// Keeps every metric of the process and renders them in Prometheus's text format (version 0.0.4).
///
/// Instruments are found by name and labels, so making the same one twice gives the same series. Durations are
/// recorded in seconds. Labels must be of low cardinality: nothing here forgets a series.
package final class PrometheusRegistry: MetricsFactory {
    struct Series: Hashable {
        let name: String
        let labels: String
    }

    enum Instrument {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)
    }

    private let instruments = Mutex<[Series: Instrument]>([:])

    package init() {}

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions) : gauge(label, dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// All series as text, sorted by name, so that two readings can be compared line by line.
    package func render() -> String {
        let all = instruments.withLock { $0 }
        var text = ""
        var previous = ""
        let ordered = all.sorted { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }
        for (series, instrument) in ordered {
            let type =
                switch instrument {
                case .counter: "counter"
                case .gauge: "gauge"
                case .histogram: "histogram"
                }
            if series.name != previous {
                text += "# TYPE \(series.name) \(type)\n"
                previous = series.name
            }
            switch instrument {
            case .counter(let counter):
                text += "\(series.name)\(braced(series.labels)) \(number(counter.value))\n"
            case .gauge(let gauge):
                text += "\(series.name)\(braced(series.labels)) \(number(gauge.value))\n"
            case .histogram(let histogram):
                text += histogram.render(name: series.name, labels: series.labels)
            }
        }
        return text
    }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        find(label, dimensions, make: { Instrument.counter(CounterSeries()) }) {
            if case .counter(let series) = $0 { series } else { nil }
        } ?? CounterSeries()
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        find(label, dimensions, make: { Instrument.gauge(GaugeSeries()) }) {
            if case .gauge(let series) = $0 { series } else { nil }
        } ?? GaugeSeries()
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        find(
            label, dimensions,
            make: { Instrument.histogram(HistogramSeries(bounds: HistogramSeries.bounds(for: label))) }
        ) {
            if case .histogram(let series) = $0 { series } else { nil }
        } ?? HistogramSeries(bounds: [])
    }

    /// A name that is already taken by another type gets an instrument that nobody sees, rather than a crash.
    private func find<Found>(
        _ label: String, _ dimensions: [(String, String)], make: () -> Instrument,
        pick: (Instrument) -> Found?
    ) -> Found? {
        let series = Series(name: PrometheusText.name(label), labels: PrometheusText.labels(dimensions))
        return instruments.withLock { all in
            let instrument = all[series] ?? make()
            all[series] = instrument
            return pick(instrument)
        }
    }

    private func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }
    private func number(_ value: Double) -> String { PrometheusText.number(value) }
}
