package import Hearing

/// How hard a recogniser works, by how much sound waits for it. It never asks for more time: first it looks less often, then
/// it tells finals only, then it leaves sound out; and it comes back step by step. Pure: time arrives as an argument.
package struct SpeechPace: Sendable {
    /// Seconds of waiting sound from which on each level holds.
    static let limits: [(level: HearingPace.Level, behind: Double)] = [
        (.dropping, 8), (.finals, 4), (.slow, 2),
    ]
    /// Below so many seconds for so long it takes a step back.
    static let well = 1.0
    static let patience = Duration.seconds(10)

    package private(set) var level = HearingPace.Level.full
    private var wellSince: ContinuousClock.Instant?

    package init() {}

    /// How long it waits between two looks, in seconds of sound.
    package var interval: Double {
        switch level {
        case .full: 1
        case .slow: 2
        case .finals, .dropping: 4
        }
    }

    package var tellsPartials: Bool { level < .finals }

    /// So much sound waits. True where the level is another one than before.
    package mutating func note(behind: Double, at now: ContinuousClock.Instant) -> Bool {
        let wanted = SpeechPace.limits.first { behind > $0.behind }?.level ?? .full
        if wanted > level {
            level = wanted
            wellSince = nil
            return true
        }
        guard behind < SpeechPace.well, let lower = HearingPace.Level(rawValue: level.rawValue - 1) else {
            wellSince = nil
            return false
        }
        let since = wellSince ?? now
        wellSince = since
        guard now - since >= SpeechPace.patience else { return false }
        level = lower
        wellSince = now
        return true
    }
}
