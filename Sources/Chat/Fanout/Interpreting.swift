import Media
import Synchronization
import Translation

/// Renders a room's messages in its readers' languages: what is known at once now, the rest later.
final class Interpreting: Sendable {
    /// Which (message, language) were asked for of late. Bound: `most`; policy: all are forgotten.
    private struct Asked {
        var pairs: Set<Pair> = []
        struct Pair: Hashable {
            var text: String
            var language: LanguageTag
        }
    }

    private static let most = 8192

    private let desk: TranslationDesk?
    private let late: LateRenderings?
    private let asked = Mutex(Asked())

    init(desk: TranslationDesk?, late: LateRenderings?) {
        self.desk = desk
        self.late = late
    }

    /// Whether a reader of this language may be told anything that others are not.
    func reaches(_ language: LanguageTag) -> Bool { desk?.reaches(language) ?? false }

    /// The rendering where it is known; where it is not and there may be one, it is asked for and comes as an event.
    func rendering(
        of message: ChatMessage, in language: LanguageTag, glossary: Glossary, for room: RoomFanout
    ) -> Rendering? {
        guard let desk, let late, let from = message.language, from != .undetermined,
            language != .undetermined,
            !message.text.isEmpty, !from.isReadable(by: language)
        else { return nil }
        if let known = desk.atOnce(message.text, from: from, to: language, glossary: glossary) {
            return known
        }
        let pair = Asked.Pair(text: message.id.text + message.text, language: language)
        let isNew = asked.withLock { asked in
            if asked.pairs.count >= Interpreting.most { asked.pairs.removeAll(keepingCapacity: true) }
            return asked.pairs.insert(pair).inserted
        }
        if isNew {
            late.order(.init(message: message, from: from, to: language, glossary: glossary, room: room))
        }
        return nil
    }

    /// Everything may be asked for again: engines come back.
    func forget() { asked.withLock { $0.pairs.removeAll(keepingCapacity: true) } }
}
