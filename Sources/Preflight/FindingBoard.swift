package import Media

/// The findings that stand. A verdict has to hold for a while before it counts, either way, so that nothing flickers.
package struct FindingBoard: Sendable {
    package enum Verdict: Hashable, Sendable {
        case bad(Finding.Severity, Finding.Words)
        case good
        /// Cannot be told now: what stands, stands.
        case unsure
    }

    private struct Entry {
        var finding: Finding?
        var badSince: MonotonicTime?
        var goodSince: MonotonicTime?
    }

    private var entries: [FindingCode: Entry] = [:]

    package init() {}

    /// What stands, gravest first, then oldest first.
    package var findings: [Finding] {
        entries.values.compactMap(\.finding).sorted { a, b in
            if a.severity != b.severity { return a.severity > b.severity }
            return (a.since, a.code.rawValue) < (b.since, b.code.rawValue)
        }
    }

    package func isRaised(_ code: FindingCode) -> Bool { entries[code]?.finding != nil }

    package mutating func judge(_ code: FindingCode, _ verdict: Verdict, at now: MonotonicTime) {
        var entry = entries[code] ?? Entry()
        let patience = code.patience
        switch verdict {
        case .bad(let severity, let words):
            entry.goodSince = nil
            let since = entry.badSince ?? now
            entry.badSince = since
            if entry.finding != nil || now - since >= patience.raise {
                entry.finding = Finding(
                    code: code, severity: severity, words: words, since: entry.finding?.since ?? since)
            }
        case .good:
            entry.badSince = nil
            let since = entry.goodSince ?? now
            entry.goodSince = since
            if now - since >= patience.clear { entry.finding = nil }
        case .unsure:
            // Evidence on either side has to be of one piece.
            entry.badSince = entry.finding == nil ? nil : entry.badSince
            entry.goodSince = nil
        }
        entries[code] = entry
    }
}
