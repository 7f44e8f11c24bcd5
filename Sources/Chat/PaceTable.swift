package import Media

/// Token buckets by name. Pure: time arrives as an argument.
///
/// Bound: `most` names; policy: those whose bucket is full again are forgotten, then the quarter that is soonest.
package struct PaceTable: Sendable {
    private let pace: ChatSettings.Pace
    private let most: Int
    /// When the bucket of the name would be full again.
    private var fullAt: [String: MonotonicTime] = [:]

    package init(_ pace: ChatSettings.Pace, most: Int = 10_000) {
        self.pace = pace
        self.most = max(1, most)
    }

    package var count: Int { fullAt.count }

    private var oneTakes: Duration { .nanoseconds(Int64(1e9 / max(pace.perSecond, 1e-6))) }

    /// How long until there is one for this name; nil where there is.
    package func wait(for name: String, at now: MonotonicTime) -> Duration? {
        guard let full = fullAt[name] else { return nil }
        let spare = Duration.nanoseconds(Int64((max(pace.burst, 1) - 1) * Double(oneTakes.nanoseconds)))
        let wait = (full - now) - spare
        return wait > .zero ? wait : nil
    }

    /// Takes one, whether or not there was one.
    package mutating func take(_ name: String, at now: MonotonicTime) {
        if fullAt[name] == nil, fullAt.count >= most { fullAt.thin(to: most, at: now) }
        fullAt[name] = max(fullAt[name] ?? now, now) + oneTakes
    }
}

extension Dictionary where Value == MonotonicTime {
    /// Without what is over, nor the quarter that is over soonest where that is not enough: many are forgotten at once, so
    /// that it costs little for each that comes.
    mutating func thin(to most: Int, at now: MonotonicTime) {
        self = filter { $0.value > now }
        guard count > most - most / 4 else { return }
        let ends = values.sorted()
        let first = ends[ends.count / 4]
        self = filter { $0.value > first }
    }
}
