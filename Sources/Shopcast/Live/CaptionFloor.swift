import Captioning
import Chat
import Logging
import Persistence
import ServiceLifecycle
import Translation

/// Has captions translated.
///
/// It stops after the viewers' connections have.
struct CaptionFloor: Service {
    let translator: CueTranslator

    func run() async throws {
        await withGracefulShutdownHandler {
            await translator.run()
        } onGracefulShutdown: {
            translator.finish()
        }
    }
}

extension CueTranslator {
    /// Nil where nothing is translated.
    convenience init?(
        _ settings: Settings, captions: CaptionHall, desk: TranslationDesk, store: Store, chats: ChatHall,
        logger: Logger
    ) {
        guard settings.translation.isOn else { return nil }
        self.init(
            hall: captions, desk: desk,
            glossary: { show in
                // The one of a room that is open is in memory.
                chats.openDesk(show)?.glossary ?? (try? store.glossary(of: show).glossary) ?? .empty
            }, logger: logger)
    }
}
