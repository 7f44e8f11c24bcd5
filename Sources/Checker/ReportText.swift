extension Report {
    /// Kinds of finding shown of each rule, and addresses of each kind.
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
                for group in Report.alike(outcome.findings).prefix(Report.mostShown) {
                    text += Report.told(group)
                }
                let more = Report.alike(outcome.findings).count - Report.mostShown
                if more > 0 { text += "      and \(more) more of other kinds\n" }
                if outcome.dropped > 0 { text += "      and \(outcome.dropped) more places\n" }
            }
        }
        text += "\n"
        for figure in figures {
            text += "\(figure.role.rawValue)  \(figure.url)\n      \(figure.refreshes) readings"
            if let bytes = figure.refreshBytes { text += " of \(bytes) bytes as sent" }
            if let bytes = figure.deltaBytes { text += ", a delta update \(bytes)" }
            text += "; \(figure.segments) segments and \(figure.parts) parts read, \(figure.bytes) bytes"
            text += figure.leftOut > 0 ? ", \(figure.leftOut) left out\n" : "\n"
        }
        text += "\nPassed: \(outcomes(.pass).map(\.rule.id).joined(separator: ", "))\n"
        let unseen = outcomes(.unseen).map(\.rule.id)
        if !unseen.isEmpty { text += "Nothing to look at for: \(unseen.joined(separator: ", "))\n" }
        text +=
            "\n\(outcomes.count) rules: \(count(.fail)) failed, \(count(.warn)) warned, \(count(.pass)) passed, "
        text += "\(count(.unseen)) had nothing to look at\n"
        return text
    }

    /// The same said of several places is said once: a window that moves breaks a rule in many lines.
    private static func alike(_ findings: [Findings.Finding]) -> [[Findings.Finding]] {
        var order: [String] = []
        var groups: [String: [Findings.Finding]] = [:]
        for finding in findings {
            if groups[finding.fault.message] == nil { order.append(finding.fault.message) }
            groups[finding.fault.message, default: []].append(finding)
        }
        return order.compactMap { groups[$0] }
    }

    private static func told(_ group: [Findings.Finding]) -> String {
        let count = group.reduce(0) { $0 + $1.count }
        var text = "      \(printable(group[0].fault.message))\(count > 1 ? " (\(count) times)" : "")\n"
        var urls: Set<String> = []
        for finding in group where urls.insert(finding.fault.url).inserted && urls.count <= mostShown {
            let fault = finding.fault
            text += "        \(printable(fault.line.map { "\(fault.url):\($0.number)" } ?? fault.url))\n"
            if let line = fault.line, !line.text.isEmpty { text += "          \(printable(line.text))\n" }
        }
        let more = Set(group.map(\.fault.url)).count - mostShown
        return more > 0 ? text + "        and \(more) more addresses\n" : text
    }

    /// A line of a foreign server on a terminal: without control characters, and not without end.
    static func printable(_ text: String) -> String {
        let plain = String(
            String.UnicodeScalarView(
                text.unicodeScalars.lazy.prefix(400).map { scalar in
                    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "\u{FFFD}" : scalar
                }))
        return text.unicodeScalars.count > 400 ? plain + "…" : plain
    }
}
