package import Media
import Synchronization

/// What there is to know of a text before a room decides about it; thought of outside of the room, beside others.
package struct ChatReading: Hashable, Sendable {
    /// As it is kept.
    package var text = ""
    /// Why it can be no message, whoever writes it.
    package var fault: ChatRefusal?
    package var words: WordLists.Verdict?
    package var hasLink = false
    package var isQuestion = false
    package var language: LanguageTag?
    /// The same for texts that differ in case, width or signs only.
    package var folded = ""

    /// What texts are read by. The words can change at any time.
    package final class Rules: Sendable {
        fileprivate let settings: ChatSettings
        fileprivate let language: @Sendable (String, LanguageTag?) -> LanguageTag?
        private let words: Mutex<WordLists>

        package init(
            words: WordLists, settings: ChatSettings,
            language: @escaping @Sendable (String, LanguageTag?) -> LanguageTag?
        ) {
            self.words = Mutex(words)
            self.settings = settings
            self.language = language
        }

        package func set(_ words: WordLists) { self.words.withLock { $0 = words } }

        fileprivate var current: WordLists { words.withLock { $0 } }

        /// Why nobody may be called this; nil where they may. `name` is clean.
        package func refuses(name: String) -> ChatRefusal? {
            if !name.contains(where: { $0.isLetter || $0.isNumber }) {
                return ChatRefusal(.empty, "a display name with at least one letter or digit is needed")
            }
            if name.count > settings.longestName || name.utf8.count > 8 * settings.longestName {
                return ChatRefusal(
                    .tooLong, "a display name has at most \(settings.longestName) characters")
            }
            // Nobody speaks a name: the words of all languages count.
            if current.verdict(on: FoldedText(name), language: nil) != nil {
                return ChatRefusal(.word, "this name cannot be used here")
            }
            if LinkSpotter.hasLink(name) { return ChatRefusal(.link, "a display name is no address") }
            return nil
        }
    }

    /// `prior` is the language that is likeliest where the text says nothing of it.
    package init(_ source: String, _ rules: Rules, prior: LanguageTag? = nil) {
        let settings = rules.settings
        // What is much too long costs nothing.
        guard source.utf8.count <= 64 * settings.longestText else {
            fault = ChatReading.tooLong(settings)
            return
        }
        let text = ChatText.message(source)
        guard !text.isEmpty else {
            fault = ChatRefusal(.empty, "there is nothing to be read in it")
            return
        }
        guard text.count <= settings.longestText, text.utf8.count <= 16 * settings.longestText else {
            fault = ChatReading.tooLong(settings)
            return
        }
        let language = rules.language(text, prior)
        let folded = FoldedText(text)
        self.text = text
        words = rules.current.verdict(on: folded, language: language?.primary)
        hasLink = LinkSpotter.hasLink(text)
        isQuestion = QuestionSpotter.isQuestion(text, in: language)
        self.language = language
        self.folded = folded.text
    }

    private static func tooLong(_ settings: ChatSettings) -> ChatRefusal {
        ChatRefusal(.tooLong, "a message has at most \(settings.longestText) characters")
    }
}
