/// Names and times of one representation's segments in a period (ISO/IEC 23009-1:2022, 5.3.9.4 and 5.3.9.6).
package struct SegmentTemplate: Hashable, Sendable {
    /// Segments in a row that last equally long.
    package struct Run: Hashable, Sendable {
        /// The first one's earliest presentation time, in ticks of the timescale.
        package var time: Int64
        package var duration: Int64
        package var count: Int

        package var end: Int64 { time + duration * Int64(count) }
    }

    /// Ticks in a second; the media's own.
    package var timescale: Int64
    /// The media time at which the period starts (`presentationTimeOffset`), in ticks.
    package var offset: Int64
    /// The number of the first segment; the others follow without a hole.
    package var startNumber: UInt64
    /// With `$RepresentationID$` and `$Number$`, relative to the description's address.
    package var media: String
    package var initialization: String
    package private(set) var timeline: [Run] = []

    package init(timescale: Int64, offset: Int64, startNumber: UInt64, media: String, initialization: String)
    {
        self.timescale = timescale
        self.offset = offset
        self.startNumber = startNumber
        self.media = media
        self.initialization = initialization
    }

    /// Adds the next segment. One that lasts no time is taken for a tick: the numbers must go on.
    package mutating func append(time: Int64, duration: Int64) {
        let duration = max(1, duration)
        if let last = timeline.indices.last, timeline[last].duration == duration, timeline[last].end == time {
            timeline[last].count += 1
        } else {
            timeline.append(Run(time: time, duration: duration, count: 1))
        }
    }

    package var count: Int { timeline.reduce(0) { $0 + $1.count } }

    /// Whether all but the init section is told with the same words.
    func isInStep(with other: SegmentTemplate) -> Bool {
        var twin = other
        twin.initialization = initialization
        return twin == self
    }
}
