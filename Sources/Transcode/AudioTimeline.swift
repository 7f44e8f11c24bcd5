package import Media

/// Keeps sound on the media clock by counting samples: says where silence goes in and what is cut off. Pure.
package struct AudioTimeline {
    /// What to do with a block before it is appended.
    package struct Placement: Hashable, Sendable {
        /// Samples of silence to put before it.
        package var silence: Int
        /// Samples to cut off its front.
        package var trim: Int

        package init(silence: Int, trim: Int) {
            self.silence = silence
            self.trim = trim
        }
    }

    private let sampleRate: Int
    /// The sample that comes next, counted from media time zero.
    package private(set) var position: Int64
    private let origin: Int64
    private var isAligned = false
    private var expectsAudio: Bool
    /// Sound that comes too late says nothing: its feed has only just come back.
    private var isJoining = false
    /// Where that feed joined: what lies after is late if it comes too late.
    private var joinedAt: Int64 = 0
    /// How long pictures run ahead before silence takes a missing sound's place.
    private var patience = MediaTime(milliseconds: 500)
    private static let longestPatience = MediaTime(milliseconds: 2500)
    /// Deviations up to here are the host's rounding; beyond it eyes and ears notice.
    private let tolerance: Int64
    /// What the host's times deviate by on the average: it grows where its sound card has a clock of its own.
    private var drift = 0.0
    /// A deviation that is not worth a change of the sound, in samples.
    private let slack: Double

    package init(sampleRate: Int, start: MediaTime, expectsAudio: Bool) {
        self.sampleRate = sampleRate
        self.expectsAudio = expectsAudio
        position = start.value(timescale: Int64(sampleRate))
        origin = position
        tolerance = Int64(sampleRate) * 40 / 1000
        slack = Double(sampleRate) * 0.004
    }

    /// By how many samples the next `count` should become more, or fewer where negative, so that they keep up with the
    /// host's times. At most one in fifty, which nobody hears as a change of pitch.
    package func stretch(_ count: Int) -> Int {
        guard abs(drift) > slack else { return 0 }
        let wanted = (drift - (drift < 0 ? -slack : slack)) / 32 * Double(count) / 1024
        let most = Double(count) / 50
        return Int(min(max(wanted, -most), most).rounded())
    }

    /// A block of `count` samples that starts at `start`.
    package mutating func place(_ start: MediaTime, count: Int) -> Placement {
        expectsAudio = true
        let deviation = start.value(timescale: Int64(sampleRate)) - position
        drift = isAligned && abs(deviation) <= tolerance ? drift + (Double(deviation) - drift) / 16 : 0
        var placement = Placement(silence: 0, trim: 0)
        if deviation > (isAligned ? tolerance : 0) {
            placement.silence = Int(deviation)
        } else if deviation < (isAligned ? -tolerance : 0) {
            placement.trim = Int(min(Int64(count), -deviation))
            if placement.trim == count && position > origin
                && (!isJoining || position + deviation >= joinedAt)
            {
                // It came when silence had already taken its place: wait longer from now on.
                let late = MediaTime(value: -deviation, timescale: Int64(sampleRate))
                patience = min(
                    max(patience, patience + late + MediaTime(milliseconds: 50)),
                    AudioTimeline.longestPatience)
            }
        }
        isAligned = placement.trim < count
        if isAligned { isJoining = false }
        position += Int64(placement.silence + count - placement.trim)
        return placement
    }

    /// The feed is away: silence follows the pictures at once.
    package mutating func lose() {
        expectsAudio = false
    }

    /// A feed is back. Its sound is waited for where it had some before; what lies before the present is left out.
    package mutating func rejoin(expectsAudio: Bool) {
        self.expectsAudio = expectsAudio
        isAligned = false
        isJoining = true
        joinedAt = position
    }

    /// Pictures have come as far as `time`: how many samples of silence are due.
    package mutating func advance(to time: MediaTime, isLast: Bool = false) -> Int {
        let target = expectsAudio && !isLast ? time - patience : time
        let missing = target.value(timescale: Int64(sampleRate)) - position
        guard missing > 0 else { return 0 }
        isAligned = false
        position += missing
        return Int(missing)
    }
}

extension AudioTimeline {
    /// For frames that cannot be cut: how many whole frames of silence go before this one; nil where it is to be left
    /// out, because its time has been filled.
    package mutating func placeWhole(_ start: MediaTime, frame: Int) -> Int? {
        var trial = self
        let placement = trial.place(start, count: frame)
        if placement.trim * 2 > frame {
            var late = self
            _ = late.place(start, count: frame)
            patience = late.patience
            return nil
        }
        drift = trial.drift
        if drift < Double(frame) * -0.6 {
            // The host's samples have outrun its times by the better part of a frame.
            drift += Double(frame)
            return nil
        }
        var frames = (placement.silence + frame / 2) / frame
        if frames == 0 && drift > Double(frame) * 0.6 { frames = 1 }
        if frames > 0 { drift = max(0, drift - Double(frame)) }
        position += Int64((frames + 1) * frame)
        isAligned = true
        isJoining = false
        expectsAudio = true
        return frames
    }

    /// Silence that is due, in whole frames; the rest stays due.
    package mutating func advance(to time: MediaTime, isLast: Bool = false, wholeFramesOf frame: Int) -> Int {
        var trial = self
        let whole = trial.advance(to: time, isLast: isLast) / frame * frame
        if whole > 0 {
            isAligned = false
            position += Int64(whole)
        }
        return whole
    }
}
