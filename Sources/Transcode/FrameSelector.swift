package import Media

/// Makes a constant frame rate out of whatever comes: drops what is too much, repeats what is missing. Pure.
package struct FrameSelector {
    /// A picture of the output.
    package struct Choice: Hashable, Sendable {
        package var time: MediaTime
        /// The picture before is shown again; this one came too late for its place.
        package var isRepeat: Bool
        /// A segment starts here.
        package var cut: CutPlanner.Cut?
    }

    private let rate: FrameRate
    private let half: MediaTime
    private var anchor: MediaTime?
    private var index: Int64 = 0
    private var cuts: [CutPlanner.Cut] = []
    private var lastInput: MediaTime?

    package init(rate: FrameRate) {
        self.rate = rate
        half = MediaTime(ticks: rate.frameDuration.ticks / 2)
    }

    /// A segment is to start at exactly `cut.time`, which lies after all pictures so far; the grid starts anew there.
    package mutating func schedule(_ cut: CutPlanner.Cut) {
        cuts.append(cut)
    }

    /// A picture comes in, in display order. Returns the output's pictures up to it, in order.
    package mutating func picture(at time: MediaTime) -> [Choice] {
        if let lastInput, time <= lastInput { return [] }
        defer { lastInput = time }
        var choices: [Choice] = []
        while let cut = cuts.first, cut.time <= time {
            cuts.removeFirst()
            if anchor != nil {
                while slot <= cut.time - half { choices.append(repeated()) }
            }
            anchor = cut.time
            index = 1
            let isOwn = time - cut.time < half || lastInput == nil
            choices.append(Choice(time: cut.time, isRepeat: !isOwn, cut: cut))
            if isOwn { return choices }
        }
        guard anchor != nil else {
            anchor = time
            index = 1
            return [Choice(time: time, isRepeat: false, cut: nil)]
        }
        while time >= slot + half { choices.append(repeated()) }
        if time > slot - half {
            choices.append(Choice(time: slot, isRepeat: false, cut: nil))
            index += 1
        }
        return choices
    }

    private var slot: MediaTime { (anchor ?? .zero) + rate.time(ofFrame: index) }

    private mutating func repeated() -> Choice {
        defer { index += 1 }
        return Choice(time: slot, isRepeat: true, cut: nil)
    }
}
