/// How many cues a track gets, and how long after what they say. Pure.
///
/// Bound: `most` cues of the last minute; policy: the oldest are forgotten.
package struct TrackMeter: Sendable {
    /// Milliseconds.
    static let span: Int64 = 60_000
    static let most = 256

    private var notes: [(at: Int64, delay: Int64)] = []

    package init() {}

    /// A cue has come at `now`; what it says was over at `end` (Unix milliseconds).
    package mutating func note(end: Int64, at now: Int64) {
        notes.removeAll { $0.at <= now - TrackMeter.span }
        if notes.count >= TrackMeter.most { notes.removeFirst() }
        notes.append((now, now - end))
    }

    /// Of the last minute. No delay where most cues came before what they say was over, as those of people who type do.
    package func summary(at now: Int64) -> (cuesPerMinute: Int, delay: Duration?) {
        let recent = notes.filter { $0.at > now - TrackMeter.span && $0.at <= now }
        guard !recent.isEmpty else { return (0, nil) }
        let delays = recent.map(\.delay).sorted()
        let median = delays[delays.count / 2]
        return (recent.count, median < 0 ? nil : .milliseconds(median))
    }
}
