import Media
import Transcode

/// A host on simulated clocks: each stream has its own, which may go wrong, jump, and wrap around.
struct SimulatedHost {
    /// A clock of the host's, read in milliseconds (RTMP) or ticks of 90 kHz (a transport stream).
    struct Clock {
        var base = MediaTime.zero
        /// 0.01 is one percent fast.
        var drift = 0.0
        /// From these moments (seconds of real time) on it shows so much more.
        var jumps: [(at: Double, by: MediaTime)] = []
        var unit: Int64 = 1000

        func read(_ real: Double) -> MediaTime {
            var time = base + MediaTime(seconds: real * (1 + drift))
            for jump in jumps where real >= jump.at { time += jump.by }
            return MediaTime(value: time.value(timescale: unit), timescale: unit)
        }
    }

    enum Kind { case picture, sound }

    struct Event {
        var kind: Kind
        /// When it was taken up, in seconds of real time.
        var taken: Double
        var pts: MediaTime
        var dts: MediaTime
        var arrival: MonotonicTime
        var emitted: Double
    }

    var rate = FrameRate(30)
    var bFrames = 0
    var pictureClock = Clock()
    var soundClock = Clock()
    /// Samples a second that the times assume, and how much faster they really come.
    var sampleRate = 48_000
    var sampleDrift = 0.0
    /// Between taking up and sending, in seconds.
    var pictureDelay = 0.080
    var soundDelay = 0.040
    /// What is taken up at these times is never sent.
    var lostPictures: ClosedRange<Double>?
    var lostSounds: ClosedRange<Double>?
    /// The network holds everything up for as long as this now and then, in seconds.
    var burst = 0.0
    var random = SplitMix(state: 1)

    /// What the host sends in `seconds`, in the order in which it is sent.
    mutating func run(seconds: Double, _ body: (Event) -> Void) {
        var (picture, sound) = (Int64(0), Int64(0))
        var held = 0.0
        let group = bFrames + 1
        while true {
            let shownPicture = picture == 0 ? 0 : display(picture, group)
            // Sent once all that it is made from is there.
            let decodingTime = time(of: picture)
            let pictureSent = decodingTime + Double(bFrames > 0 ? 1 : 0) * frame + pictureDelay
            let soundTime = Double(sound * 1024) / (Double(sampleRate) * (1 + sampleDrift))
            let soundSent = soundTime + soundDelay
            let sent = min(pictureSent, soundSent)
            if sent > seconds { return }
            if burst > 0 && sent > held && Int.random(in: 0..<100, using: &random) == 0 {
                held = sent + burst
            }
            let arrival = MonotonicTime(nanoseconds: 1_000_000_000 + Int64(max(sent, held) * 1e9))
            if pictureSent <= soundSent {
                let shown = time(of: shownPicture)
                let jumps = pictureClock.read(decodingTime) - MediaTime(seconds: decodingTime)
                let pts =
                    bFrames == 0
                    ? pictureClock.read(shown) : rounded(jumps + MediaTime(seconds: shown), pictureClock.unit)
                let lead = bFrames > 0 ? MediaTime(seconds: frame) : .zero
                let event =
                    Event(
                        kind: .picture, taken: shown, pts: pts, dts: pictureClock.read(decodingTime) - lead,
                        arrival: arrival, emitted: sent)
                if lostPictures?.contains(shown) != true { body(event) }
                picture += 1
            } else {
                let pts = soundClock.read(soundTime)
                let event =
                    Event(
                        kind: .sound, taken: soundTime, pts: pts, dts: pts, arrival: arrival, emitted: sent)
                if lostSounds?.contains(soundTime) != true { body(event) }
                sound += 1
            }
        }
    }

    private var frame: Double { rate.frameDuration.seconds }
    private func time(of picture: Int64) -> Double { rate.time(ofFrame: picture).seconds }
    private func rounded(_ time: MediaTime, _ unit: Int64) -> MediaTime {
        MediaTime(value: time.value(timescale: unit), timescale: unit)
    }

    /// Which picture is decoded at this place: anchors first, then those between.
    private func display(_ decoding: Int64, _ group: Int) -> Int64 {
        guard group > 1 else { return decoding }
        let (block, place) = ((decoding - 1) / Int64(group), (decoding - 1) % Int64(group))
        return block * Int64(group) + (place == 0 ? Int64(group) : place)
    }
}
