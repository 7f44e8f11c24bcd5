import Glibc
package import Media

/// What 100 ms of sound were like.
package struct SoundReading: Hashable, Sendable {
    package var at: MonotonicTime
    /// The largest sample of each side; 1 is full scale.
    package var left: Float
    package var right: Float
    /// Runs of samples at full scale.
    package var clips: Int
    /// LUFS.
    package var momentary: Double
    package var shortTerm: Double
    package var integrated: Double

    fileprivate var isHeard: Bool { max(left, right) >= 0.01 }

    package init(
        at: MonotonicTime, left: Float, right: Float, clips: Int = 0, momentary: Double, shortTerm: Double,
        integrated: Double
    ) {
        self.at = at
        self.left = left
        self.right = right
        self.clips = clips
        self.momentary = momentary
        self.shortTerm = shortTerm
        self.integrated = integrated
    }
}

/// The sound of the last ten seconds. Bound: a hundred readings.
package struct SoundWatch: Sendable {
    private static let most = 100
    /// LUFS; below it is a pause, not quiet speech.
    private static let pause = -50.0

    private var readings: [SoundReading] = []

    package init() {}

    package mutating func add(_ reading: SoundReading) {
        readings.append(reading)
        if readings.count > SoundWatch.most { readings.removeFirst(readings.count - SoundWatch.most) }
    }

    package mutating func reset() { readings = [] }

    package var last: SoundReading? { readings.last }

    /// Times in the last ten seconds that the sound was cut off at full scale.
    package func clips(at now: MonotonicTime) -> Int {
        readings.reduce(0) { now - $1.at < .seconds(10) ? $0 + $1.clips : $0 }
    }

    /// LUFS of the last ten seconds without their pauses; nil where there are less than four seconds of sound.
    package var loudness: Double? {
        let heard = readings.map(\.momentary).filter { $0 > SoundWatch.pause }
        guard heard.count >= 40 else { return nil }
        let power = heard.reduce(0) { $0 + pow(10, $1 / 10) } / Double(heard.count)
        return 10 * log10(power)
    }

    /// Nothing is heard on either side right now.
    package var isPause: Bool { last.map { !$0.isHeard } ?? true }

    /// Something was heard in the last three seconds: the pauses of speech are shorter.
    package func isSpoken(at now: MonotonicTime) -> Bool {
        readings.last { $0.isHeard }.map { now - $0.at < .seconds(3) } ?? false
    }

    /// The side on which nothing is heard while there is something on the other.
    package var deafSide: String? {
        guard let last else { return nil }
        if last.left < 0.001, last.right > 0.01 { return "left" }
        if last.right < 0.001, last.left > 0.01 { return "right" }
        return nil
    }
}
