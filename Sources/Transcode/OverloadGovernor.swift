package import Codecs
package import Media

/// Decides what a run does without while its machine cannot keep real time, and when it has it back. Pure.
///
/// In: how late each stage is against real time, some four times a second. Out: one step at a time, and all at once where
/// the machine is far behind, in this order: less
/// effort for each picture, half the pictures of low renditions, renditions switched off from the top of cost, half the
/// pictures of the one that is left, and at last key pictures only. They are taken back in reverse, each on trial: a step
/// back that fails makes the next try wait twice as long. Sound and what is passed through are never touched.
package struct OverloadGovernor: Sendable {
    package struct Limits: Hashable, Sendable {
        /// Later than this is too late; a hiccup of the machine is not.
        package var late = Duration.milliseconds(400)
        /// So late that steps follow each other faster.
        package var urgent = Duration.milliseconds(900)
        /// So late that a step at a time would come too late: every second of it is one that viewers fall behind.
        package var critical = Duration.milliseconds(1800)
        /// Not later than this is well.
        package var calm = Duration.milliseconds(250)
        /// How long it has to be late before a step is taken.
        package var patience = Duration.milliseconds(500)
        /// How long a step has to show what it brings.
        package var settling = Duration.milliseconds(1500)
        package var urgentSettling = Duration.milliseconds(750)
        /// How long all has to be well before a step is taken back, at first and at most.
        package var hold = Duration.seconds(5)
        package var longestHold = Duration.seconds(160)
        /// A step that was taken back is on trial for so long.
        package var trial = Duration.seconds(15)
        /// The busiest stage's share of the time, below which there is room; without room the hold is four times as long.
        package var roomy = 0.75

        package init() {}
    }

    /// A rendition that is encoded.
    package struct Rung: Hashable, Sendable {
        package var name: RenditionName
        /// Pixels.
        package var shortSide: Int
        /// In any unit.
        package var cost: Double

        package init(name: RenditionName, shortSide: Int, cost: Double) {
            self.name = name
            self.shortSide = shortSide
            self.cost = cost
        }
    }

    /// What was measured since the last time.
    package struct Load: Hashable, Sendable {
        package struct Stage: Hashable, Sendable {
            /// The longest that a picture was in arrears, against real time.
            package var lateness: Duration
            /// Pictures for which there was no room.
            package var dropped: Int
            /// The share of the time in which it worked or waited for others.
            package var busy: Double

            package init(lateness: Duration = .zero, dropped: Int = 0, busy: Double = 0) {
                self.lateness = lateness
                self.dropped = dropped
                self.busy = busy
            }
        }

        package var decoding: Stage
        package var rungs: [RenditionName: Stage]
        /// How long the process's event loops waited for a processor: feeds are read late, viewers are answered late.
        package var house: Duration

        package init(decoding: Stage, rungs: [RenditionName: Stage], house: Duration = .zero) {
            self.decoding = decoding
            self.rungs = rungs
            self.house = house
        }

        fileprivate var lateness: Duration {
            max(decoding.lateness, house, rungs.values.map(\.lateness).max() ?? .zero)
        }
        fileprivate var dropped: Int { rungs.values.reduce(0) { $0 + $1.dropped } }
        fileprivate var busy: Double { max(decoding.busy, rungs.values.map(\.busy).max() ?? 0) }
    }

    package enum Step: Hashable, Sendable {
        case spare(EncodingEffort)
        case halveLow
        case shed(RenditionName)
        case halveKept
        case keyPictures
    }

    package struct Change: Hashable, Sendable {
        /// The last one, where several were taken at once.
        package var step: Step
        /// It is taken back.
        package var isBack: Bool
        /// How late the latest stage was, and which one; nil is decoding.
        package var lateness: Duration
        package var stage: RenditionName?
    }

    private let limits: Limits
    private var rungs: [Rung] = []
    /// In the order in which they were taken.
    private var taken: [Step] = []
    private var lateSince: MonotonicTime?
    private var calmSince: MonotonicTime?
    private var settled = MonotonicTime(nanoseconds: 0)
    private var lastLateness = Duration.zero
    private var hold: Duration
    /// When the step that is on trial was taken back.
    private var triedAt: MonotonicTime?

    package init(limits: Limits = Limits()) {
        self.limits = limits
        hold = limits.hold
    }

    /// Looks at the load at `now`, of a run that encodes `rungs`, shed ones included.
    package mutating func decide(_ rungs: [Rung], _ load: Load, now: MonotonicTime) -> Change? {
        adopt(rungs)
        let lateness = load.lateness
        let isFalling = load.dropped == 0 && lateness < lastLateness
        lastLateness = lateness
        // On trial, what is no longer calm is late, and told from a hiccup by being so twice.
        let late = triedAt == nil ? limits.late : limits.calm
        let patience = triedAt == nil ? limits.patience : limits.patience / 2
        note(isLate: lateness > late || load.dropped > 0, isCalm: lateness <= limits.calm, now)
        if let triedAt, now - triedAt >= limits.trial {
            hold = max(limits.hold, hold / 2)
            self.triedAt = nil
        }
        if let lateSince, now - lateSince >= patience, now >= settled, !isFalling {
            return ease(load, now)
        }
        guard let calmSince, !taken.isEmpty else { return nil }
        // What it decodes no longer says nothing of whether there is room for it.
        let isRoomy = load.busy < limits.roomy && taken.last != .keyPictures
        let wait = isRoomy ? hold : min(hold * 4, limits.longestHold)
        guard now - calmSince >= wait else { return nil }
        return takeBack(load, now)
    }

    private mutating func note(isLate: Bool, isCalm: Bool, _ now: MonotonicTime) {
        lateSince = isLate ? lateSince ?? now : nil
        calmSince = isCalm && !isLate ? calmSince ?? now : nil
    }

    private mutating func ease(_ load: Load, _ now: MonotonicTime) -> Change? {
        let possible = OverloadGovernor.steps(rungs).filter { step in
            // Encoders that have no room lose pictures by themselves; a decoder that is late has nothing else to lose.
            !taken.contains(step)
                && (step != .keyPictures || max(load.decoding.lateness, load.house) > limits.calm)
        }
        if triedAt != nil {
            hold = min(limits.longestHold, hold * 2)
            triedAt = nil
        }
        let next = load.lateness >= limits.critical ? possible : Array(possible.prefix(1))
        guard let last = next.last else { return nil }
        taken += next
        settled = now + (load.lateness >= limits.urgent ? limits.urgentSettling : limits.settling)
        return change(last, isBack: false, load)
    }

    private mutating func takeBack(_ load: Load, _ now: MonotonicTime) -> Change? {
        guard let last = taken.popLast() else { return nil }
        triedAt = now
        calmSince = now
        return change(last, isBack: true, load)
    }

    private func change(_ step: Step, isBack: Bool, _ load: Load) -> Change {
        let worst = load.rungs.max { ($0.value.lateness, $0.key.text) < ($1.value.lateness, $1.key.text) }
        let isDecoding = load.decoding.lateness >= worst?.value.lateness ?? .zero
        return Change(
            step: step, isBack: isBack, lateness: load.lateness, stage: isDecoding ? nil : worst?.key)
    }

    /// Renditions come and go with the source's slot.
    private mutating func adopt(_ rungs: [Rung]) {
        guard rungs != self.rungs else { return }
        self.rungs = rungs
        let possible = OverloadGovernor.steps(rungs)
        taken.removeAll { !possible.contains($0) }
    }

    // MARK: What it comes to

    /// All steps for a ladder, in their order.
    package static func steps(_ rungs: [Rung]) -> [Step] {
        guard let kept = kept(rungs) else { return [] }
        let shed = rungs.filter { $0 != kept }.sorted { ($1.cost, $0.name.text) < ($0.cost, $1.name.text) }
        var steps: [Step] = [.spare(.lean), .spare(.least)]
        if !low(rungs).isEmpty { steps.append(.halveLow) }
        steps += shed.map { .shed($0.name) }
        if !low(rungs).contains(kept) { steps.append(.halveKept) }
        steps.append(.keyPictures)
        return steps
    }

    /// The one that is never switched off: the least that is worth watching on a telephone.
    package static func kept(_ rungs: [Rung]) -> Rung? {
        rungs.filter { $0.shortSide >= 360 }.min { $0.shortSide < $1.shortSide }
            ?? rungs.max { $0.shortSide < $1.shortSide }
    }

    private static func low(_ rungs: [Rung]) -> [Rung] {
        let best = rungs.max { $0.cost < $1.cost }
        return rungs.filter { $0.shortSide <= 480 && $0 != best }
    }

    /// How pictures are to be encoded now.
    package var effort: EncodingEffort {
        taken.reduce(.full) { if case .spare(let effort) = $1 { max($0, effort) } else { $0 } }
    }

    package var relief: Relief {
        var halved = taken.contains(.halveLow) ? OverloadGovernor.low(rungs).map(\.name) : []
        if taken.contains(.halveKept), let kept = OverloadGovernor.kept(rungs) { halved.append(kept.name) }
        let shed = rungs.map(\.name).filter { taken.contains(.shed($0)) }
        return Relief(
            level: taken.count, levels: OverloadGovernor.steps(rungs).count, spares: effort > .full,
            halved: rungs.map(\.name).filter { halved.contains($0) && !shed.contains($0) }, shed: shed,
            showsKeyPicturesOnly: taken.contains(.keyPictures))
    }

    /// Takes the first `level` steps, whatever the load says.
    package mutating func force(_ rungs: [Rung], level: Int) {
        adopt(rungs)
        taken = Array(OverloadGovernor.steps(rungs).prefix(level))
    }
}
