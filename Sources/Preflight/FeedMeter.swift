// In: what arrives of a feed, as small as it can be told, and time. Out: findings and figures. Pure: no clock, no thread,
// no codec; what needs one (sound, pictures) is measured before and told here.

package import Codecs
package import Media

/// Everything that is measured of one feed, and what is to be said of it.
package struct FeedMeter: Sendable {
    let rules: PreflightRules
    let start: MonotonicTime
    var metadata = FeedMetadata()
    var picture: PictureFormat?
    var sound: SoundFormat?
    var bitrate: BitrateMeter
    var cadence = CadenceMeter()
    var clock = ClockMeter()
    var hearing = SoundWatch()
    var sight = PictureWatch()
    var board = FindingBoard()
    var firstPicture: MonotonicTime?
    var lastPicture: MonotonicTime?
    var lastSound: MonotonicTime?
    private var lastJudged: MonotonicTime?

    /// Between two judgements.
    private static let pace = Duration.milliseconds(250)
    /// Before it nothing can be said to be well.
    private static let firstLook = Duration.seconds(5)

    package init(rules: PreflightRules = PreflightRules(), start: MonotonicTime) {
        self.rules = rules
        self.start = start
        bitrate = BitrateMeter(start: start)
    }

    package mutating func metadata(_ metadata: FeedMetadata) { self.metadata = metadata }

    package mutating func format(_ format: PictureFormat) {
        if let picture, picture != format { sight.reset() }
        picture = format
    }

    package mutating func format(_ format: SoundFormat) {
        if let sound, sound != format { hearing.reset() }
        sound = format
    }

    package mutating func picture(_ arrival: PictureArrival) {
        firstPicture = firstPicture ?? arrival.arrival
        lastPicture = arrival.arrival
        bitrate.add(arrival.bytes, .video, at: arrival.arrival)
        cadence.add(arrival)
        clock.add(arrival.dts, arrival: arrival.arrival)
    }

    package mutating func sound(bytes: Int, arrival: MonotonicTime) {
        lastSound = arrival
        bitrate.add(bytes, .audio, at: arrival)
    }

    package mutating func heard(_ reading: SoundReading) { hearing.add(reading) }

    package mutating func seen(_ thumbnail: LumaThumbnail, at time: MonotonicTime) {
        sight.add(thumbnail, at: time)
    }

    /// What arrived could not all be looked at: holes in it are ours, not the host's.
    package mutating func interrupt() { cadence.interrupt() }

    /// Judges, at most four times a second.
    package mutating func tick(now: MonotonicTime) {
        if let lastJudged, now - lastJudged < FeedMeter.pace { return }
        lastJudged = now
        bitrate.advance(to: now)
        judge(at: now)
    }

    /// What there is to tell now.
    package var report: FeedReport {
        var report = FeedReport(findings: board.findings, kilobits: bitrate.series)
        report.encoder = metadata.encoder
        if let picture {
            report.video = FeedReport.Video(
                codec: picture.codecs, width: picture.parameters.width, height: picture.parameters.height,
                framesPerSecond: cadence.summary?.rate, keyframeInterval: cadence.keyframeInterval?.seconds,
                hasBFrames: cadence.hasBFrames, lateness: clock.lateness)
        }
        if let sound {
            report.audio = FeedReport.Audio(
                codec: sound.codecs, sampleRate: sound.sampleRate, channels: sound.channels)
        }
        report.levels = hearing.last
        report.observed = isInformed ? .on : .starting
        return report
    }

    /// Has been at it for a while, and knows what it looks at.
    private var isInformed: Bool {
        guard let lastJudged, lastJudged - start >= FeedMeter.firstLook else { return false }
        return picture != nil && (lastSound == nil || sound != nil)
    }
}

/// A feed's figures and findings at one moment.
package struct FeedReport: Sendable, Hashable {
    package struct Video: Sendable, Hashable {
        /// As RFC 6381 writes it.
        package var codec: String
        package var width: Int
        package var height: Int
        /// Nil in the first seconds.
        package var framesPerSecond: Double?
        /// Seconds; nil before the second key frame.
        package var keyframeInterval: Double?
        package var hasBFrames: Bool
        /// Seconds later than at the best of the last minute.
        package var lateness: Double
    }

    package struct Audio: Sendable, Hashable {
        package var codec: String
        package var sampleRate: Int
        package var channels: Int
    }

    /// What it means that there is no finding.
    package enum Observed: String, Sendable, Hashable {
        /// Nobody looks.
        case off
        /// It is too early to tell.
        case starting
        case on
    }

    package var findings: [Finding]
    /// kbit/s of each of the last seconds, oldest first, at most sixty.
    package var kilobits: [Int]
    package var encoder: String?
    package var video: Video?
    package var audio: Audio?
    package var levels: SoundReading?
    package var observed = Observed.starting
    /// Events that could not be looked at, for want of room.
    package var dropped = 0

    package init(findings: [Finding] = [], kilobits: [Int] = []) {
        self.findings = findings
        self.kilobits = kilobits
    }
}
