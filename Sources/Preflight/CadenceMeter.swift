package import Media

/// How the pictures of the last ten seconds follow each other, by their own times. Bound: `most` pictures.
package struct CadenceMeter: Sendable {
    package static let span = Duration.seconds(10)
    private static let most = 1500

    private struct Step {
        var arrival: MonotonicTime
        var ticks: Int64
    }

    private var steps: [Step] = []
    private var lastTime: MediaTime?
    private var newestShown: MediaTime?
    private var backwards: [MonotonicTime] = []
    private(set) var lastKeyframe: MediaTime?
    /// Between the last two key frames; nil before there were two.
    package private(set) var keyframeInterval: MediaTime?

    package init() {}

    package mutating func add(_ picture: PictureArrival) {
        if let lastTime {
            let step = picture.dts - lastTime
            if step.ticks > 0, step < MediaTime(milliseconds: 5000) {
                steps.append(Step(arrival: picture.arrival, ticks: step.ticks))
            } else {
                // The clock has been set: what came before says nothing of what follows.
                interrupt()
            }
        }
        lastTime = picture.dts
        if let newest = newestShown, picture.pts < newest {
            backwards.append(picture.arrival)
        }
        newestShown = max(newestShown ?? picture.pts, picture.pts)
        if picture.isSync {
            if let lastKeyframe { keyframeInterval = picture.dts - lastKeyframe }
            lastKeyframe = picture.dts
        }
        forget(before: picture.arrival)
    }

    /// Pictures are missing for a reason of ours, or the clock was set: do not take it for the host's.
    package mutating func interrupt() {
        lastTime = nil
        newestShown = nil
        lastKeyframe = nil
    }

    private mutating func forget(before now: MonotonicTime) {
        let stale = steps.prefix { now - $0.arrival > CadenceMeter.span }.count
        let surplus = max(stale, steps.count - CadenceMeter.most)
        if surplus > 0 { steps.removeFirst(surplus) }
        backwards.removeAll { now - $0 > .seconds(5) }
        if backwards.count > CadenceMeter.most { backwards.removeFirst(backwards.count - CadenceMeter.most) }
    }

    /// How long ago, in media time, the last key frame was.
    package var sinceKeyframe: MediaTime? {
        guard let lastKeyframe, let lastTime else { return nil }
        return lastTime - lastKeyframe
    }

    /// Pictures were sent in another order than they are shown.
    package var hasBFrames: Bool { !backwards.isEmpty }

    /// What the steps say together; nil before there are five seconds of them.
    package var summary: Summary? {
        guard let first = steps.first, let last = steps.last, last.arrival - first.arrival > .seconds(4),
            steps.count >= 20
        else { return nil }
        let sorted = steps.map(\.ticks).sorted()
        let nominal = sorted[sorted.count / 2]
        var summary = Summary(step: MediaTime(ticks: nominal))
        var (missing, odd) = (Int64(0), 0)
        let tolerance = max(nominal * 3 / 10, MediaTime(milliseconds: 5).ticks)
        for step in steps {
            if step.ticks * 10 > nominal * 16 {
                missing += (step.ticks + nominal / 2) / nominal - 1
            } else if abs(step.ticks - nominal) > tolerance {
                odd += 1
            }
        }
        summary.dropped = Double(missing) / Double(Int64(steps.count) + missing)
        summary.irregular = Double(odd) / Double(steps.count)
        let total = steps.reduce(Int64(0)) { $0 + $1.ticks }
        summary.meanRate = Double(steps.count) / MediaTime(ticks: total).seconds
        return summary
    }

    package struct Summary: Hashable, Sendable {
        /// From one picture to the next, the usual one.
        package var step: MediaTime
        /// Share of pictures that are missing in the row, 0 to 1.
        package var dropped = 0.0
        /// Share of pictures that come at odd times, 0 to 1.
        package var irregular = 0.0
        /// Pictures a second, all in all.
        package var meanRate = 0.0

        /// Pictures a second where they come regularly; millisecond times are snapped to the rates that cameras have.
        package var rate: Double {
            if irregular > 0.1 { return meanRate }
            let measured = 1 / step.seconds
            let near = FrameRate.standard.min {
                abs($0.framesPerSecond - measured) < abs($1.framesPerSecond - measured)
            }
            guard let near, abs(near.framesPerSecond / measured - 1) < 0.03 else { return measured }
            return near.framesPerSecond
        }
    }
}

/// What is kept of a picture on its way: everything but the picture.
package struct PictureArrival: Sendable, Hashable {
    package var bytes: Int
    package var pts: MediaTime
    package var dts: MediaTime
    package var isSync: Bool
    package var arrival: MonotonicTime

    package init(bytes: Int, pts: MediaTime, dts: MediaTime, isSync: Bool, arrival: MonotonicTime) {
        self.bytes = bytes
        self.pts = pts
        self.dts = dts
        self.isSync = isSync
        self.arrival = arrival
    }
}
