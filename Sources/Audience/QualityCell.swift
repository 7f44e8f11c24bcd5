/// What viewers had of a show, of one of its renditions or in one country, during a minute, an hour or longer.
package struct QualityCell: Hashable, Sendable {
    /// Sessions that began.
    package var starts = 0
    /// Sessions that never saw a picture, by what the player said.
    package var failures = 0
    /// Milliseconds of moving pictures, over all viewers.
    package var played = 0
    package var stalls = 0
    /// Milliseconds that pictures stood still for want of data.
    package var stalled = 0
    package var droppedFrames = 0
    /// kbit/s times milliseconds of play, and the milliseconds of which the rate was known.
    package var bitrateSum = 0
    package var bitrateTime = 0
    /// Viewers whenever they were counted.
    package var viewersSum = 0
    package var viewersCounts = 0
    package var viewersPeak = 0
    /// Milliseconds to the first picture, once a session.
    package var join = LogHistogram()
    /// Milliseconds behind the live edge, once a beat.
    package var latency = LogHistogram()

    package init() {}

    package var isEmpty: Bool { self == QualityCell() }

    package mutating func add(_ other: QualityCell) {
        starts += other.starts
        failures += other.failures
        played += other.played
        stalls += other.stalls
        stalled += other.stalled
        droppedFrames += other.droppedFrames
        bitrateSum += other.bitrateSum
        bitrateTime += other.bitrateTime
        viewersSum += other.viewersSum
        viewersCounts += other.viewersCounts
        viewersPeak = max(viewersPeak, other.viewersPeak)
        join.add(other.join)
        latency.add(other.latency)
    }

    mutating func add(_ gain: BeatGain) {
        if gain.isNew { starts += 1 }
        if gain.hasFailed { failures += 1 }
        played += gain.played
        stalls += gain.stalls
        stalled += gain.stalled
        droppedFrames += gain.droppedFrames
        if let bitrate = gain.bitrate, gain.played > 0 {
            bitrateSum += bitrate * gain.played
            bitrateTime += gain.played
        }
        if let join = gain.join { self.join.record(join) }
        if let latency = gain.latency { self.latency.record(latency) }
    }

    mutating func count(viewers: Int) {
        viewersSum += viewers
        viewersCounts += 1
        viewersPeak = max(viewersPeak, viewers)
    }

    /// The share of the time that stood still; nil where nobody watched.
    package var stallRatio: Double? {
        let whole = played + stalled
        return whole > 0 ? Double(stalled) / Double(whole) : nil
    }

    /// Mean kbit/s by time of play.
    package var bitrate: Double? { bitrateTime > 0 ? Double(bitrateSum) / Double(bitrateTime) : nil }

    package var meanViewers: Double? {
        viewersCounts > 0 ? Double(viewersSum) / Double(viewersCounts) : nil
    }
}
