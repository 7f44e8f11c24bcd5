import Codecs
import CoreMetrics
import Logging
import Media

// What a run does without while its machine is overloaded: measured here, decided by `OverloadGovernor`, carried out by
// the picture stage. While the feed is away nothing is decided: the slate says nothing of what a picture costs.

/// How a run has kept up with real time since it was last looked at.
struct Burden {
    var clock = DueClock()
    /// When the newest picture was due.
    var due = MonotonicTime(nanoseconds: 0)
    /// The longest that a picture took from there to the rungs.
    var lateness = Duration.zero
    /// The longest that the process's event loops waited for a processor.
    private(set) var hold = Duration.zero
    /// Time in which the source thread worked, or waited for rungs.
    var worked = Duration.zero
    var lookedAt: MonotonicTime?
    var governor: OverloadGovernor?
    /// Levels to be forced, by media time.
    var script: [TranscodeSettings.Governing.Scripted] = []
    var relief = Relief()

    init(_ settings: TranscodeSettings) {
        switch settings.governing {
        case .off: break
        // A file is never late.
        case .byLoad where settings.pace == .offline: break
        case .byLoad(let limits): governor = OverloadGovernor(limits: limits)
        case .scripted(let levels):
            governor = OverloadGovernor()
            script = levels
        }
    }

    mutating func heldUp(_ delay: Duration) { hold = max(hold, delay) }

    /// What the process as a whole was late by.
    mutating func takeHold() -> Duration {
        defer { hold = .zero }
        return hold
    }

    /// The decoding stage's share of what was measured.
    mutating func take(now: MonotonicTime) -> OverloadGovernor.Load.Stage {
        var stage = OverloadGovernor.Load.Stage(lateness: lateness)
        if let lookedAt, now > lookedAt { stage.busy = min(1, worked / (now - lookedAt)) }
        (lateness, worked, lookedAt) = (.zero, .zero, now)
        return stage
    }
}

extension LiveRun {
    private static let interval = Duration.milliseconds(250)
    /// Pictures that come this late to a run that does with less already are dropped where an encoder has no room.
    static let patience = Duration.milliseconds(300)

    /// Slow rungs are to lose pictures, sooner than they would in a run that does with less for no time.
    func isLate(now: MonotonicTime) -> Bool {
        burden.relief.level > 0 && now - burden.due > LiveRun.patience
    }

    /// To be called after each of the host's pictures, once the run has caught up with its feed.
    func lookAtLoad(now: MonotonicTime) {
        guard let pictures, slate == nil, burden.governor != nil else { return }
        follow(pictures)
        guard burden.script.isEmpty,
            now - (burden.lookedAt ?? MonotonicTime(nanoseconds: 0)) >= LiveRun.interval
        else { return }
        let isFirst = burden.lookedAt == nil
        let load = OverloadGovernor.Load(
            decoding: burden.take(now: now), rungs: pictures.load(now: now), house: burden.takeHold())
        // What lies before the first look is the catching up.
        guard !isFirst else { return }
        metrics.record(load)
        let change = burden.governor?.decide(rungs(pictures), load, now: now)
        // Renditions that have come or gone change what is left out, too.
        let relief = burden.governor?.relief ?? Relief()
        if change != nil || max(relief.level, burden.relief.level) > 0 && relief != burden.relief {
            carryOut(pictures)
        }
        if let change { tell(change) }
    }

    /// Does as a script says.
    private func follow(_ pictures: PictureStage) {
        guard let next = burden.script.first, highest >= next.at, !rungs(pictures).isEmpty else { return }
        burden.governor?.force(rungs(pictures), level: next.level)
        // The last one holds.
        if burden.script.count > 1 {
            burden.script.removeFirst()
        } else {
            burden.script[0].at = MediaTime(ticks: .max)
        }
        carryOut(pictures)
    }

    private func rungs(_ pictures: PictureStage) -> [OverloadGovernor.Rung] {
        pictures.rungs.filter { !$0.hasFailed }.map {
            OverloadGovernor.Rung(
                name: $0.rung.name, shortSide: min($0.rung.width, $0.rung.height),
                cost: Double($0.rung.width * $0.rung.height) * $0.rung.frameRate.framesPerSecond)
        }
    }

    private func carryOut(_ pictures: PictureStage) {
        guard let governor = burden.governor else { return }
        burden.relief = governor.relief
        metrics.record(burden.relief)
        sink.news(.relief(burden.relief))
        do throws(CodecFault) {
            try pictures.adopt(burden.relief, effort: governor.effort)
        } catch {
            logger.error("the ladder cannot be changed", metadata: ["error": "\(error)"])
        }
    }

    private func tell(_ change: OverloadGovernor.Change) {
        (change.isBack ? metrics.reliefSteps.back : metrics.reliefSteps.taken).increment()
        let milliseconds = Int((change.lateness / .milliseconds(1)).rounded())
        logger.log(
            level: change.isBack ? .notice : .warning,
            change.isBack
                ? "the machine has room again: a step of relief is taken back"
                : "the machine is too slow for the show: a step of relief is taken",
            metadata: [
                "step": "\(change.step)", "level": "\(burden.relief.level)/\(burden.relief.levels)",
                "shed": "\(burden.relief.shed.map(\.text).joined(separator: " "))",
                "late": "\(milliseconds) ms", "stage": "\(change.stage?.text ?? "decoding")",
            ])
    }
}

extension OverloadGovernor.Step: CustomStringConvertible {
    package var description: String {
        switch self {
        case .spare(let effort): "encoding with \(effort) effort"
        case .halveLow: "low renditions at half the frame rate"
        case .shed(let name): "without \(name)"
        case .halveKept: "half the frame rate"
        case .keyPictures: "key pictures only"
        }
    }
}
