/// What a survey found: every rule with its outcome, worst first.
package struct Report: Sendable {
    package enum State: String, Sendable, Comparable {
        case fail
        case warn
        case pass
        /// There was nothing that the rule is about.
        case unseen

        private var weight: Int {
            switch self {
            case .fail: 0
            case .warn: 1
            case .pass: 2
            case .unseen: 3
            }
        }

        package static func < (a: State, b: State) -> Bool { a.weight < b.weight }
    }

    package struct Outcome: Sendable {
        package let rule: Rule
        package let state: State
        /// How often the rule had something to look at.
        package let looks: Int
        package let findings: [Findings.Finding]
        /// Places of faults that were not kept.
        package let dropped: Int
    }

    /// What was measured of a rendition.
    package struct Figures: Sendable {
        package let url: String
        package let role: RenditionRole
        package let refreshes: Int
        /// The middle one of the refreshes' sizes as sent, in bytes.
        package let refreshBytes: Int?
        /// The delta update's size as sent, in bytes.
        package let deltaBytes: Int?
        /// Segments whose media were read.
        package let segments: Int
        package let parts: Int
        package let bytes: Int
        /// Media that were not fetched, too many fetches being under way.
        package let leftOut: Int
    }

    package let url: String
    package let outcomes: [Outcome]
    package let figures: [Figures]
    package let isLive: Bool
    package let seconds: Double
    /// Renditions that were not looked at, being too many.
    package let leftOut: Int

    init(presentation: Presentation, findings: Findings, seconds: Double, leftOut: Int) {
        url = presentation.url
        self.seconds = seconds
        self.leftOut = leftOut
        isLive = presentation.renditions.contains { $0.last?.isEnded == false }
        outcomes = RuleBook.rules.enumerated().map { index, rule in
            let faults = findings.faults(index)
            let looks = findings.looks(index)
            let state: State =
                !faults.isEmpty ? (rule.level == .must ? .fail : .warn) : looks > 0 ? .pass : .unseen
            return Outcome(
                rule: rule, state: state, looks: looks, findings: faults, dropped: findings.dropped(index))
        }
        figures = presentation.renditions.map { record in
            let sizes = record.refreshSizes.sorted()
            let read = record.media.values.filter { $0.size > 0 }
            return Figures(
                url: record.url, role: record.role, refreshes: sizes.count,
                refreshBytes: sizes.isEmpty ? nil : sizes[sizes.count / 2],
                deltaBytes: record.deltas.first { $0.delta.skip != nil }?.exchange.wireSize,
                segments: read.count, parts: record.media.values.reduce(0) { $0 + $1.parts.count },
                bytes: read.reduce(0) { $0 + $1.size }, leftOut: record.leftOut)
        }
    }

    package func count(_ state: State) -> Int { outcomes.reduce(0) { $0 + ($1.state == state ? 1 : 0) } }

    /// The outcomes in one state, in the order of the rules.
    package func outcomes(_ state: State) -> [Outcome] { outcomes.filter { $0.state == state } }

    /// Whether the command ends with a failure.
    package func isFailure(warningsCount: Bool) -> Bool {
        count(.fail) > 0 || warningsCount && count(.warn) > 0
    }
}
