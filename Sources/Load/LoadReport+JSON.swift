import Foundation
import HLSClient

extension LoadReport {
    /// For machines; seconds, bytes and shares, names in camel case.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(Document(self)) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

private struct Document: Encodable {
    struct Percentiles: Encodable {
        let count: Int
        let p50: Double?
        let p95: Double?
        let p99: Double?

        init(_ values: Distribution) {
            count = values.count
            p50 = values.percentile(0.5)
            p95 = values.percentile(0.95)
            p99 = values.percentile(0.99)
        }
    }

    struct Machine: Encodable {
        let cpuSeconds: Double
        let coresPerThousandViewers: Double?
        let residentBytes: Int
    }

    let url: String
    let viewers: Int
    let seconds: Double
    let rampSeconds: Double
    let came: Int
    let joined: Int
    let sawTheEnd: Int
    let joinSeconds: Percentiles
    let latencySeconds: Percentiles
    let edgeDistanceSeconds: Percentiles
    let viewerStallsPerMinute: Percentiles
    let viewerRebufferingPercent: Percentiles
    let stalls: Int
    let stallsPerViewerMinute: Double
    let rebufferRatio: Double
    let errors: Int
    let errorsByKind: [String: Int]
    let requestsPerSecond: Double
    let bytes: Int
    let connections: Int
    let wholePlaylists: Int
    let deltas: Int
    let deltaMisfits: Int
    let parts: Int
    let segments: Int
    let hints: Int
    let hintMisses: Int
    let switches: Int
    let gaps: Int
    let discontinuities: Int
    let jumps: Int
    let client: Machine
    let server: Machine?
    let failure: String?

    init(_ report: LoadReport) {
        let tally = report.tally
        let span = report.span
        url = report.plan.address.description
        viewers = report.plan.viewers
        seconds = span.seconds
        rampSeconds = report.plan.ramp
        came = tally.viewers
        joined = tally.joined
        sawTheEnd = tally.ended
        joinSeconds = Percentiles(tally.join)
        latencySeconds = Percentiles(tally.latency)
        edgeDistanceSeconds = Percentiles(tally.distance)
        viewerStallsPerMinute = Percentiles(tally.stallsPerMinute)
        viewerRebufferingPercent = Percentiles(tally.rebuffering)
        stalls = tally.stalls
        stallsPerViewerMinute = report.stallsPerMinute
        rebufferRatio = report.rebuffering
        errors = tally.errors
        errorsByKind = Dictionary(
            tally.figures.troubles.map { ($0.key.description, $0.value) }, uniquingKeysWith: +)
        requestsPerSecond = span.seconds > 0 ? Double(span.requests) / span.seconds : 0
        bytes = span.bytes
        connections = tally.connections
        wholePlaylists = tally.figures.wholePlaylists
        deltas = tally.figures.deltas
        deltaMisfits = tally.figures.misfits
        parts = tally.figures.parts
        segments = tally.figures.segments
        hints = tally.figures.hints
        hintMisses = tally.figures.hintMisses
        switches = tally.figures.switches
        gaps = tally.figures.gaps
        discontinuities = tally.figures.discontinuities
        jumps = tally.figures.jumps
        client = Machine(
            cpuSeconds: span.clientCPU, coresPerThousandViewers: report.coresPerThousand(span.clientCPU),
            residentBytes: span.clientResident)
        server = span.serverCPU.map { cpu in
            Machine(
                cpuSeconds: cpu, coresPerThousandViewers: report.coresPerThousand(cpu),
                residentBytes: span.serverResident ?? 0)
        }
        failure = report.failure
    }
}
