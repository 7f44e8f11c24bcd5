/// Where the parts of a segment end: the frames of the run's grid nearest to each half second of the segment, the
/// same in every rendition.
package struct PartGrid: Sendable, Hashable {
    /// What parts last where nothing else is wanted.
    package static let usualDuration = MediaTime(milliseconds: 500)

    package let rate: FrameRate
    package let partDuration: MediaTime

    package init(rate: FrameRate, partDuration: MediaTime = usualDuration) {
        self.rate = rate
        self.partDuration = partDuration
    }

    /// The end of part `index` of a segment that starts at `start`.
    package func end(ofPart index: Int, from start: MediaTime) -> MediaTime {
        let ideal = partDuration * (index + 1)
        let exact = Double(ideal.ticks) * rate.framesPerSecond / Double(MediaTime.timescale)
        // Ties go to the earlier frame, so that a part never outgrows the promise at 25 or 15 fps.
        let frame = Int64((exact - 0.5).rounded(.up))
        return start + rate.time(ofFrame: max(1, frame))
    }

    /// A segment that ends at `end` has no further part after one that ended at `boundary`.
    package func isSame(_ boundary: MediaTime, _ end: MediaTime) -> Bool {
        (boundary - end).magnitude.ticks * 2 < rate.frameDuration.ticks
    }
}
