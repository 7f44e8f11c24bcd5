// In: the events of a show's sound rendition, from its thread. Out: the same in a bounded queue, for a thread that has them
// heard (`SpeechRun`), where the show has a track of speech; nothing else. It never blocks.

import Captioning
import Logging
import Media
import Shows
import Synchronization

/// Who listens to what a run sounds like.
protocol ProgrammeEar: AnyObject, Sendable {
    /// A run has been opened; media time zero is at `epoch` (Unix milliseconds) of the show clock.
    func begin(epoch: Int64)
    /// Of the sound rendition, in order. It must not block.
    func hear(_ event: RenditionEvent)
    func end()
}

/// The machine captions of one show.
final class SpeechDesk: Sendable {
    private struct State {
        var track: SpeechTrack?
        /// Runs are numbered; the one that was opened last is heard.
        var next = 1
        var current = 0
        var epoch: Int64?
        var format: AACFormat?
        var run: SpeechRun?
    }

    let show: ShowID
    private let hall: CaptionHall
    private let bureau: SpeechBureau
    private let logger: Logger
    private let state = Mutex(State())

    init(show: ShowID, hall: CaptionHall, bureau: SpeechBureau, logger: Logger) {
        self.show = show
        self.hall = hall
        self.bureau = bureau
        var logger = logger
        logger[metadataKey: "show"] = "\(show)"
        self.logger = logger
    }

    /// The show is made like this from now on.
    func change(to plan: ShowPlan) {
        guard bureau.settings.isOn else { return }
        let track = SpeechTrack(plan)
        let old = state.withLock { state -> SpeechRun? in
            guard state.track != track else { return nil }
            state.track = track
            let old = state.run
            state.run = nil
            open(&state)
            return old
        }
        old?.end()
    }

    /// Of a run that is about to be opened.
    func ear() -> any ProgrammeEar {
        let number = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        return Ear(desk: self, number: number)
    }

    /// What was said last has been written down.
    var isIdle: Bool { state.withLock { $0.run?.isOver ?? true } }

    private func open(_ state: inout State) {
        guard state.run == nil, let track = state.track, let epoch = state.epoch else { return }
        let run = SpeechRun(
            show: show, track: track, epoch: epoch, hall: hall, bureau: bureau, logger: logger)
        if let format = state.format { run.put(.format(format)) }
        state.run = run
    }

    private func with(_ number: Int, _ body: (inout State) -> SpeechRun?) {
        let over = state.withLock { state in state.current == number ? body(&state) : nil }
        over?.end()
    }

    private final class Ear: ProgrammeEar {
        private let desk: SpeechDesk
        private let number: Int

        init(desk: SpeechDesk, number: Int) {
            self.desk = desk
            self.number = number
        }

        func begin(epoch: Int64) {
            let old = desk.state.withLock { state -> SpeechRun? in
                guard number > state.current else { return nil }
                let old = state.run
                (state.current, state.run, state.format, state.epoch) = (number, nil, nil, epoch)
                desk.open(&state)
                return old
            }
            old?.end()
        }

        func hear(_ event: RenditionEvent) {
            desk.with(number) { state in
                switch event {
                case .begin(.aac(let format)):
                    state.format = format
                    state.run?.put(.format(format))
                case .sample(let unit): state.run?.put(.unit(unit))
                default: break
                }
                return nil
            }
        }

        func end() {
            desk.with(number) { state in
                state.epoch = nil
                state.format = nil
                return state.run
            }
        }
    }
}

/// A track that a machine makes of what is said.
struct SpeechTrack: Hashable, Sendable {
    var language: LanguageTag
    /// What is spoken, where that is another language.
    var spoken: LanguageTag?

    /// Nil where the show has none.
    init?(_ plan: ShowPlan) {
        let tracks = plan.captions.filter { $0.source == .speech }
        let spoken = plan.language.flatMap { LanguageTag($0) }
        guard let track = tracks.first(where: { $0.language.primary == spoken?.primary }) ?? tracks.first
        else {
            return nil
        }
        language = track.language
        self.spoken = spoken.flatMap { $0.primary == track.language.primary ? nil : $0 }
    }
}
