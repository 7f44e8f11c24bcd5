extension Report {
    /// Places shown of each rule.
    private static let mostShown = 5

    /// For people: failures, warnings, then what was looked at and measured.
    package var text: String {
        var text = "\(url)\n\(isLive ? "live" : "ended"), \(figures.count) media playlists, "
        text += "looked at for \(Figure.seconds((seconds * 10).rounded() / 10))\n"
        if leftOut > 0 { text += "\(leftOut) more media playlists were not looked at\n" }
        for state in [State.fail, .warn] {
            for outcome in outcomes(state) {
                let rule = outcome.rule
                text += "\n\(state.rawValue)  \(rule.id)  [\(rule.section)]  \(rule.demand)\n"
                for finding in outcome.findings.prefix(Report.mostShown) {
                    let fault = finding.fault
                    let place = fault.line.map { "\(fault.url):\($0.number)" } ?? fault.url
                    text += "      \(fault.message)\(finding.count > 1 ? " (\(finding.count) times)" : "")\n"
                    text += "        \(place)\n"
                    if let line = fault.line, !line.text.isEmpty {
                        text += "        \(Report.printable(line.text))\n"
                    }
                }
                let more = outcome.findings.count - Report.mostShown + outcome.dropped
                if more > 0 { text += "      and \(more) more places\n" }
            }
        }
        text += "\n"
        for figure in figures {
            text += "\(figure.role.rawValue)  \(figure.url)\n      \(figure.refreshes) readings"
            if let bytes = figure.refreshBytes { text += " of \(bytes) bytes as sent" }
            if let bytes = figure.deltaBytes { text += ", a delta update \(bytes)" }
            text += "; \(figure.segments) segments and \(figure.parts) parts read, \(figure.bytes) bytes\n"
        }
        let unseen = outcomes(.unseen).map(\.rule.id)
        if !unseen.isEmpty { text += "\nNothing to look at for: \(unseen.joined(separator: ", "))\n" }
        text +=
            "\n\(outcomes.count) rules: \(count(.fail)) failed, \(count(.warn)) warned, \(count(.pass)) passed, "
        text += "\(count(.unseen)) had nothing to look at\n"
        return text
    }

    /// A line of a foreign server on a terminal: without control characters, and not without end.
    static func printable(_ text: String) -> String {
        let plain = String(
            String.UnicodeScalarView(
                text.unicodeScalars.lazy.prefix(240).map { scalar in
                    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "\u{FFFD}" : scalar
                }))
        return text.unicodeScalars.count > 240 ? plain + "…" : plain
    }
}
