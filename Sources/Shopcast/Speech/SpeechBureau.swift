import Captioning
import Chat
import Foundation
import Hearing
import Logging
import Media
import Outbound
import Persistence
import Shows
import Synchronization
import Translation

/// What hears shows in this server, as its settings say: which engine, how many at once, what may be spent, and how words are
/// written.
final class SpeechBureau: Sendable {
    /// Why a show cannot be heard, in one sentence that says what to do.
    struct Refusal: Error, CustomStringConvertible { let description: String }

    private struct State {
        var running = 0
        var ledger: SpeechLedger
    }

    let settings: Settings.Speech
    let store: Store
    private let words: String?
    private let allowed: [String]
    private let certificates: String?
    private let state: Mutex<State>

    init(settings: Settings, store: Store) {
        self.settings = settings.speech
        self.store = store
        words = settings.chatWords
        allowed = settings.outboundAllowed
        certificates = settings.outbound.trust
        state = Mutex(
            State(
                ledger: SpeechLedger(
                    perShow: settings.speech.paidPerShow, perDay: settings.speech.paidPerDay)))
    }

    // MARK: How many at once

    func enter() -> Bool {
        state.withLock { state in
            guard state.running < settings.shows else { return false }
            state.running += 1
            return true
        }
    }

    func leave() { state.withLock { $0.running -= 1 } }

    // MARK: What is spent

    private static var today: Int { Int(Date().timeIntervalSince1970 / 86_400) }

    func left(for show: ShowID) -> Int {
        state.withLock { $0.ledger.left(for: show, day: SpeechBureau.today) }
    }

    func spend(_ seconds: Int, on show: ShowID) {
        state.withLock { $0.ledger.spend(seconds, on: show, day: SpeechBureau.today) }
    }

    /// Nil where nothing is paid for.
    func cost(of show: ShowID, _ order: HearingOrder) -> TrackState.Cost? {
        guard order.remote?.secondsLeft != nil else { return nil }
        let spent = state.withLock { $0.ledger.spent(on: show, day: SpeechBureau.today) }
        return .init(.seconds, spent: spent, cap: settings.paidPerShow)
    }

    // MARK: What is used

    var program: String {
        settings.program
            ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("captiond").path
    }

    /// What `captiond` is told for a show in this language. Blocks for the disk.
    func order(for show: ShowID, in language: LanguageTag) -> Result<HearingOrder, Refusal> {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            return .failure(Refusal(description: "'\(program)' is missing: run Deploy/build"))
        }
        let equipment = SpeechEquipment(settings)
        switch equipment.engine(for: language) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let engine):
            var order = HearingOrder(engine: engine, language: language.text)
            order.hints = Array(terms(of: show).prefix(60))
            switch engine {
            case .moonshine: order.folder = equipment.folder
            case .pocketsphinx: break
            case .sidecar: order.program = equipment.sidecar
            case .transcriptions, .listening:
                guard let remote = settings.remote else { break }
                order.remote = .init(
                    url: remote.url, key: remote.key, model: remote.model,
                    deadlineSeconds: settings.remoteDeadline, allowed: allowed, certificates: certificates,
                    secondsLeft: remote.isPaid ? left(for: show) : nil)
                if order.remote?.secondsLeft == 0 {
                    return .failure(
                        Refusal(
                            description:
                                "no more speech is paid for today: raise speech.paidMinutesPerShow or PerDay")
                    )
                }
            }
            return .success(order)
        }
    }

    /// Blocks for the disk.
    private func terms(of show: ShowID) -> [String] {
        (try? store.glossary(of: show).glossary.terms.map(\.text)) ?? []
    }

    /// How the words of a show are written. Blocks for the disk.
    func text(of show: ShowID, in language: LanguageTag) -> SpokenText {
        var isBad: (@Sendable (String) -> Bool)?
        if settings.profanity == .mask, let words, let lists = try? WordLists(folder: words) {
            isBad = { lists.verdict(on: FoldedText($0), language: language.primary) == .refuse }
        }
        return SpokenText(language: language, terms: terms(of: show), isBad: isBad)
    }
}
