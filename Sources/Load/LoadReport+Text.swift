import HLSClient

extension LoadReport {
    /// For people.
    package var text: String {
        let who = plan.viewer.rendition.map { " of \($0)" } ?? ""
        let moves = plan.stay.map { ", each staying \($0.digits(0)) s on average" } ?? ""
        var lines = [
            "\(plan.viewers) viewers\(who) for \(span.seconds.digits(1)) s after a ramp of \(plan.ramp.digits(1)) s\(moves)",
            "",
            row("", ["p50", "p95", "p99"]),
            row("join, s", tally.join, 3),
            row("latency by the dates, s", tally.latency, 3),
            row("behind the live edge, s", tally.distance, 3),
            row("stalls a viewer's minute", tally.stallsPerMinute, 2),
            row("waiting, % of the time", tally.rebuffering, 2),
            "",
            "viewers: \(tally.viewers) came, \(tally.joined) saw a picture, \(tally.ended) saw the end",
            "stalls: \(tally.stalls), \(stallsPerMinute.digits(3)) a viewer's minute, \((100 * rebuffering).digits(3)) % of the time",
            "errors: \(tally.errors == 0 ? "none" : "\(tally.errors) (\(kinds))")",
            "traffic: \((Double(span.requests) / max(span.seconds, 0.001)).digits(0)) requests/s, "
                + "\((Double(span.bytes) * 8 / 1e6 / max(span.seconds, 0.001)).digits(1)) Mbit/s, "
                + "\(tally.connections) connections",
        ]
        let figures = tally.figures
        lines.append(
            "playlists: \(figures.wholePlaylists) whole, \(figures.deltas) deltas (\(figures.misfits) did not apply); "
                + "media: \(figures.parts) parts, \(figures.segments) segments")
        let odd = [
            ("hints", figures.hints), ("hints missed", figures.hintMisses), ("switches", figures.switches),
            ("gaps", figures.gaps), ("discontinuities", figures.discontinuities), ("jumps", figures.jumps),
            ("redirects", figures.redirects),
        ].filter { $0.1 > 0 }
        if !odd.isEmpty { lines.append(odd.map { "\($0.0): \($0.1)" }.joined(separator: ", ")) }
        lines.append(machine("client", span.clientCPU, span.clientResident))
        if let cpu = span.serverCPU, let memory = span.serverResident {
            lines.append(machine("server", cpu, memory))
        }
        return lines.joined(separator: "\n")
    }

    private func machine(_ name: String, _ cpu: Double, _ memory: Int) -> String {
        let share = coresPerThousand(cpu).map { ", \($0.digits(3)) cores per 1,000 viewers" } ?? ""
        return "\(name): \(cpu.digits(2)) s of CPU\(share), \((Double(memory) / 1_048_576).digits(0)) MiB"
    }

    private func row(_ name: String, _ values: Distribution, _ decimals: Int) -> String {
        row(name, [0.5, 0.95, 0.99].map { values.percentile($0)?.digits(decimals) ?? "-" })
    }

    private func row(_ name: String, _ cells: [String]) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return name + String(repeating: " ", count: max(0, 26 - name.count))
            + cells.map { padded($0, 9) }.joined()
    }
}
