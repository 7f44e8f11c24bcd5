import Media
import Restream
import Shows

/// How a show is made: what the store has of it, and what only the settings know. A change counts from the next run on.
struct ShowPlan: Sendable {
    var show: Show
    var protect: Settings.Protect
    /// Where the host's stream is sent on to.
    var restream: [RelayTarget]

    init(_ show: Show, settings: Settings.Show?) {
        self.show = show
        restream = settings?.restream ?? []
        protect = Settings.Protect(
            tokens: show.visibility == .token, encrypt: show.encrypt == .aes128 ? .aes128 : .none,
            keyMinutes: settings?.protect.keyMinutes ?? Settings.Protect().keyMinutes)
    }

    var id: ShowID { show.id }
    var title: String { show.title() }
    var profile: LatencyProfile { show.profile }
    var source: Bool { show.source }
    var slate: String? { show.slate }
    var srtPassphrase: String? { show.srtPassphrase }
    /// A feed begins a rehearsal: also where nobody has said that the show may begin by itself.
    var rehearsal: Bool { show.rehearsal || !show.startsWithFeed }
    /// BCP 47; nil where nobody has said what is spoken.
    var language: String? { show.language == .undetermined ? nil : show.language.text }

    var captions: [CaptionPlan] { show.captions ?? [] }
    /// The language of the captions that come in the picture; nil where they are not wanted.
    var embeddedLanguage: LanguageTag? { captions.first { $0.source == .embedded }?.language }

    /// The ladder of the settings, or of what the show wants of it: a step that the settings do not have gets the rate of
    /// the nearest that they, or the usual ladder, do.
    func steps(of ladder: Settings.LadderSettings) -> [Ladder.Step] {
        guard let rungs = show.rungs else { return ladder.steps }
        let known = ladder.steps + Ladder.standardSteps
        return rungs.sorted(by: >).compactMap { side in
            let nearest = known.min { abs($0.shortSide - side) < abs($1.shortSide - side) }
            return nearest.map { step in
                let scale = Double(side) / Double(step.shortSide)
                return Ladder.Step(
                    shortSide: side, kilobits: max(50, Int(Double(step.kilobits) * scale * scale)))
            }
        }
    }
}
