import API
import Chat
import Delivery
import Foundation
import Logging
import Media
import NIOPosix
import Persistence
import ServiceLifecycle
import Shows
import Translation

/// Looks every two seconds whether the word lists have changed, and takes the new ones; and has old messages forgotten.
/// Lists that cannot be used are told in the log, and those before them stay.
struct ChatWatch: Service {
    let hall: ChatHall
    /// The folder with the lists; nil where there is none.
    let words: String?
    let logger: Logger

    func run() async throws {
        var seen = await stamps()
        while !Task.isShuttingDownGracefully {
            hall.tidy()
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: KeyWatch.period) }
            } catch {
                return
            }
            guard let words else { continue }
            let now = await stamps()
            guard now != seen else { continue }
            seen = now
            do {
                let lists = try await NIOThreadPool.singleton.runIfActive { try WordLists(folder: words) }
                hall.setWords(lists)
                logger.notice("word lists changed", metadata: ["words": "\(lists.count)"])
            } catch {
                logger.error(
                    "the new word lists cannot be used; those before stay", metadata: ["error": "\(error)"])
            }
        }
    }

    private func stamps() async -> FileStamps {
        guard let words else { return await FileStamps.now(of: []) }
        let names = try? await NIOThreadPool.singleton.runIfActive {
            try FileManager.default.contentsOfDirectory(atPath: words).filter { $0.hasSuffix(".txt") }
                .sorted()
        }
        return await FileStamps.now(of: [words] + (names ?? []).map { "\(words)/\($0)" })
    }
}

extension ChatHall {
    /// The rooms of this server. Throws `SettingsFault` where the word lists cannot be read.
    static func open(
        _ settings: Settings, store: Store, index: ShowIndex, detector: LanguageDetector, logger: Logger
    ) async throws
        -> ChatHall
    {
        try await NIOThreadPool.singleton.runIfActive {
            var words = WordLists()
            do {
                if let folder = settings.chatWords { words = try WordLists(folder: folder) }
            } catch {
                throw SettingsFault("setting 'chat.words': \(error)")
            }
            return try ChatHall(
                store: store, settings: settings.chat, words: words,
                language: { detector.language(of: $0, prior: $1) },
                showLanguage: { index[$0].map(\.language).flatMap { $0 == .undetermined ? nil : $0 } },
                isOnAir: { index[$0]?.state == .live }, logger: logger)
        }
    }
}

extension ChatHouse {
    /// With whom the doorkeeper of the media lets in, too.
    init(hall: ChatHall, doorkeeper: Doorkeeper) {
        self.init(hall: hall) { show, token in
            let entry = doorkeeper.entry(
                to: show, with: Credentials(token: token), at: Int64(Date.now.timeIntervalSince1970))
            return if case .refused = entry { false } else { true }
        }
    }
}
