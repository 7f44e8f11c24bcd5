package import Media

/// Which texts were written just now. Pure: time arrives as an argument.
///
/// Bound: `most` texts; policy: those whose time is over are forgotten, then the quarter that is over soonest.
package struct RecentTexts: Sendable {
    private let most: Int
    private var until: [String: MonotonicTime] = [:]

    package init(most: Int = 4096) { self.most = max(1, most) }

    /// How long it counts as written just now; nil where it does not.
    package func wait(for text: String, at now: MonotonicTime) -> Duration? {
        guard let end = until[text], end > now else { return nil }
        return end - now
    }

    package mutating func note(_ text: String, for duration: Duration, at now: MonotonicTime) {
        if until.count >= most { until.thin(to: most, at: now) }
        until[text] = now + duration
    }
}
