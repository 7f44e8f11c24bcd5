package import Media

/// What is deleted to keep recordings within their limits: pure, one decision a sweep.
///
/// The oldest recording goes first, one that is on air never. Nothing is deleted that was not announced by the sweep
/// before, and near the limits there is a warning.
package struct RetentionRules: Sendable {
    package struct Limits: Sendable, Hashable {
        /// Age after which a recording is deleted, in days; nil is never.
        package var keepDays: Int?
        /// Bytes of all recordings together.
        package var maximumBytes = 200 << 30
        /// Bytes that stay free on the disk.
        package var floor = 500 << 20

        package init() {}
    }

    /// One show's recording.
    package struct Item: Sendable, Hashable {
        package var show: ShowID
        package var bytes: Int
        /// Unix milliseconds; when it went on air last, for one that is.
        package var ended: Int64
        package var isLive: Bool

        package init(show: ShowID, bytes: Int, ended: Int64, isLive: Bool) {
            self.show = show
            self.bytes = bytes
            self.ended = ended
            self.isLive = isLive
        }
    }

    package enum Reason: String, Sendable, Hashable {
        case age, size, room

        package var text: String {
            switch self {
            case .age: "it is older than recording.keepDays"
            case .size: "recordings take more than recording.maximumGigabytes"
            case .room: "the disk has little more left than recording.minimumFreeMegabytes"
            }
        }
    }

    package enum Step: Sendable, Hashable {
        /// Recordings take nine tenths of what they may.
        case near(used: Int)
        /// A recording will be deleted for its age within a tenth of `keepDays`.
        case ageing(ShowID)
        /// A recording goes with the next sweep.
        case announce(ShowID, Reason)
        case delete(ShowID, Reason)
        /// The limits cannot be kept: what is left is on air.
        case helpless(Reason)
    }

    private let limits: Limits
    private var announced: Set<ShowID> = []
    private var ageing: Set<ShowID> = []
    private var isNear = false
    private var isHelpless = false

    package init(limits: Limits) {
        self.limits = limits
    }

    /// Room is made before the floor is reached, where recording stops: a sweep to announce, one to delete, and what is
    /// recorded meanwhile.
    private var roomWanted: Int { limits.floor + RetentionRules.ahead }

    /// Two minutes of a few full ladders.
    private static let ahead = 1 << 30

    /// What is to be done now. `free` is nil where nobody can tell.
    package mutating func decide(_ items: [Item], free: Int?, unixMilliseconds now: Int64) -> [Step] {
        var steps: [Step] = []
        let used = items.reduce(0) { $0 + $1.bytes }
        let tenth = limits.maximumBytes / 10
        if used >= tenth * 9 {
            if !isNear { steps.append(.near(used: used)) }
            isNear = true
        } else if used < tenth * 8 {
            isNear = false
        }
        let old = items.filter { !$0.isLive }.sorted { ($0.ended, $0.show.text) < ($1.ended, $1.show.text) }
        var doomed: [(ShowID, Reason)] = []
        var gained = 0
        func doom(_ item: Item, _ reason: Reason) {
            doomed.append((item.show, reason))
            gained += item.bytes
        }
        for item in old {
            let days = Double(now - item.ended) / 86_400_000
            if let keep = limits.keepDays, days >= Double(keep) {
                doom(item, .age)
            } else if used - gained > limits.maximumBytes {
                doom(item, .size)
            } else if let free, free + gained < roomWanted {
                doom(item, .room)
            } else if let keep = limits.keepDays, days >= Double(keep) * 0.9,
                ageing.insert(item.show).inserted
            {
                steps.append(.ageing(item.show))
            }
        }
        for (show, reason) in doomed {
            steps.append(announced.contains(show) ? .delete(show, reason) : .announce(show, reason))
        }
        announced = Set(doomed.map(\.0)).subtracting(
            steps.compactMap { if case .delete(let show, _) = $0 { show } else { nil } })
        ageing.formIntersection(items.map(\.show))
        let reason: Reason? =
            used - gained > limits.maximumBytes
            ? .size : free.map { $0 + gained < limits.floor } ?? false ? .room : nil
        if let reason, !isHelpless { steps.append(.helpless(reason)) }
        isHelpless = reason != nil
        return steps
    }
}
