/// Rollups as a table for spreadsheets (RFC 4180): a line for each hour and slice.
package enum AudienceCSV {
    package static let header = [
        "hour", "slice", "name", "viewers_mean", "viewers_peak", "starts", "joins", "failures",
        "watched_seconds", "stalls", "stalled_seconds", "stall_ratio", "bitrate_kbps", "latency_p50_s",
        "latency_p95_s", "join_p50_s", "join_p95_s", "dropped_frames",
    ]

    package static func text(_ rollups: [AudienceRollup]) -> String {
        var text = header.joined(separator: ",") + "\r\n"
        for rollup in rollups {
            let hour = AudienceReport.date(rollup.start)
            for (slice, cell) in rollup.cells.sorted(by: { $0.key < $1.key }) {
                let figures = Figures(cell)
                let columns: [String] = [
                    hour, slice.kind, slice.name, number(figures.viewers), "\(figures.viewersPeak)",
                    "\(figures.starts)", "\(figures.joins)", "\(figures.failures)",
                    number(figures.watchedSeconds), "\(figures.stalls)", number(figures.stalledSeconds),
                    number(figures.stallRatio), number(figures.bitrateKilobits),
                    number(figures.latencySecondsP50), number(figures.latencySecondsP95),
                    number(figures.joinSecondsP50), number(figures.joinSecondsP95),
                    "\(figures.droppedFrames)",
                ]
                text += columns.map(field).joined(separator: ",") + "\r\n"
            }
        }
        return text
    }

    private static func number(_ value: Double?) -> String {
        guard let value else { return "" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    /// Names are checked before they come here; what is quoted cannot break a line, and what a spreadsheet would take for a
    /// formula is text.
    private static func field(_ text: String) -> String {
        var text = text
        if let first = text.first, "=+-@\t".contains(first), Double(text) == nil { text = "'" + text }
        guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
