import Dispatch
package import Foundation
package import Logging
package import Media
import Metrics
package import People
import Synchronization
package import Translation

/// All the rooms: opens them when somebody comes, closes those that nobody needs, and forgets what is old.
///
/// Bound: `ChatSettings.rooms` are open; policy: the one that was longest not used makes place; counter:
/// shopcast_chat_rooms_closed_total.
package final class ChatHall: Sendable {
    private struct State {
        var desks: [ShowID: ChatDesk] = [:]
        var lastTidy: MonotonicTime?
    }

    private static let tidyPace = Duration.seconds(3600)

    package let settings: ChatSettings
    package let store: any ChatStore
    package let passes: GuestPasses
    private let writer: ChatWriter
    private let reads = DispatchQueue(label: "shopcast.chat.reads")
    private let surroundings: ChatDesk.Surroundings
    private let reading: ChatReading.Rules
    private let listeners: Listeners<RoomEvent>
    private let heldListeners: Listeners<HeldNews>
    private let state = Mutex(State())
    private let readerCount = Mutex<(@Sendable (ShowID) -> Int)?>(nil)
    private let logger: Logger
    private let closed = Counter(label: "shopcast_chat_rooms_closed_total")

    /// Who is told of something.
    private final class Listeners<News: Sendable>: Sendable {
        private let all = Mutex<[@Sendable (ShowID, [News]) -> Void]>([])
        func add(_ body: @escaping @Sendable (ShowID, [News]) -> Void) {
            all.withLock { $0.append(body) }
        }
        func tell(_ show: ShowID, _ news: [News]) {
            for body in all.withLock({ $0 }) { body(show, news) }
        }
    }

    /// `language` guesses that of a text, the second is the likeliest; `showLanguage` is what is spoken in a show;
    /// `isOnAir` whether viewers see it now. Waits for the disk.
    package init(
        store: any ChatStore, settings: ChatSettings, words: WordLists = WordLists(),
        language: @escaping @Sendable (String, LanguageTag?) -> LanguageTag? = { _, _ in nil },
        showLanguage: @escaping @Sendable (ShowID) -> LanguageTag? = { _ in nil },
        isOnAir: @escaping @Sendable (ShowID) -> Bool = { _ in false }, logger: Logger
    ) throws {
        self.store = store
        self.settings = settings
        self.logger = logger
        passes = GuestPasses(key: try store.guestKey())
        writer = ChatWriter(store: store, atMost: settings.waiting)
        reading = ChatReading.Rules(words: words, settings: settings, language: language)
        let listeners = Listeners<RoomEvent>()
        let heldListeners = Listeners<HeldNews>()
        self.listeners = listeners
        self.heldListeners = heldListeners
        surroundings = ChatDesk.Surroundings(
            store: store, writer: writer, reads: reads, settings: settings, passes: passes, reading: reading,
            showLanguage: showLanguage, isOnAir: isOnAir, tell: { listeners.tell($0, $1) },
            tellHeld: { heldListeners.tell($0, $1) })
    }

    /// Called with the events of a room once they are on disk, in order, on the writer's thread: it must not wait.
    package func onEvents(_ body: @escaping @Sendable (ShowID, [RoomEvent]) -> Void) { listeners.add(body) }

    /// The same for what becomes of messages that wait for a moderator.
    package func onHeld(_ body: @escaping @Sendable (ShowID, [HeldNews]) -> Void) { heldListeners.add(body) }

    /// How many read a room now, as the one who serves them knows.
    package func setReaders(_ count: @escaping @Sendable (ShowID) -> Int) {
        readerCount.withLock { $0 = count }
    }

    package func readers(of show: ShowID) -> Int { readerCount.withLock { $0 }?(show) ?? 0 }

    /// Other words that nobody may use, from now on.
    package func setWords(_ words: WordLists) { reading.set(words) }

    // MARK: Rooms

    /// The room where it is open; it never waits.
    package func openDesk(_ show: ShowID) -> ChatDesk? { state.withLock { $0.desks[show] } }

    /// The room, opened where it is not; nil where there is no such show. `then` may be called at once. It never waits.
    package func desk(_ show: ShowID, then: @escaping @Sendable (Result<ChatDesk?, ChatRefusal>) -> Void) {
        if let desk = openDesk(show) { return then(.success(desk)) }
        writer.inTurn { [self] in then(open(show)) }
    }

    /// The same for who can wait.
    package func desk(_ show: ShowID) async throws(ChatRefusal) -> ChatDesk? {
        try await withCheckedContinuation { continuation in
            desk(show) { continuation.resume(returning: $0) }
        }.get()
    }

    /// On the writer's queue.
    private func open(_ show: ShowID) -> Result<ChatDesk?, ChatRefusal> {
        if let desk = openDesk(show) { return .success(desk) }
        // Nothing of the room is under way any more, should it have been open before.
        writer.drain()
        do {
            guard let kept = try store.openRoom(show, keep: settings.history) else { return .success(nil) }
            let desk = ChatDesk(show, kept, surroundings)
            let surplus = state.withLock { state -> Bool in
                state.desks[show] = desk
                return state.desks.count > settings.rooms
            }
            if surplus { closeOne(except: show) }
            return .success(desk)
        } catch {
            logger.error("a chat cannot be opened", metadata: ["show": "\(show)", "error": "\(error)"])
            return .failure(ChatDesk.busy)
        }
    }

    /// Whoever serves a room asks the hall for its desk each time, and counts as its reader.
    private func closeOne(except show: ShowID) {
        let idle = state.withLock { $0.desks }.filter { $0.key != show && readers(of: $0.key) == 0 }
        guard let (oldest, _) = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        let desk = state.withLock { $0.desks.removeValue(forKey: oldest) }
        desk?.close()
        closed.increment()
    }

    // MARK: Glossaries

    /// As far as the room is open, which it is where anybody reads; it never waits.
    package func glossary(of show: ShowID) -> Glossary { openDesk(show)?.glossary ?? .empty }

    /// Throws `DomainFault.stale` where it is another revision than `ifRevision`. Returns the new one. Waits for the disk.
    package func setGlossary(
        _ glossary: Glossary, of show: ShowID, ifRevision: Int?, by actor: Actor, at now: Date
    ) throws -> Int {
        let revision = try store.setGlossary(glossary, of: show, ifRevision: ifRevision, by: actor, at: now)
        openDesk(show)?.set(glossary)
        return revision
    }

    // MARK: Forgetting

    /// Everything that this author has written, in every show; false where there was nothing. Throws where it cannot be
    /// written.
    package func erase(_ author: AuthorID, by actor: Actor) async throws -> Bool {
        let shows = try await onDisk { [store] in try store.shows(writtenInBy: author) }
        for show in shows {
            _ = try await desk(show)?.perform(
                .erase(author), by: ChatVisitor(actor: actor, isStaff: true, address: ""))
        }
        return !shows.isEmpty
    }

    /// What this author has written is gone from the store: the rooms that are open forget it too, and tell their readers.
    package func forget(_ author: AuthorID, in shows: [ShowID], by actor: Actor) async {
        for show in shows {
            guard let desk = openDesk(show) else { continue }
            do {
                _ = try await desk.perform(
                    .erase(author), by: ChatVisitor(actor: actor, isStaff: true, address: ""))
            } catch {
                logger.error("a chat could not forget somebody", metadata: ["show": "\(show)"])
            }
        }
    }

    /// Forgets what is older than it is kept, once an hour at most. It never waits.
    package func tidy(at now: Date = .now, clock: MonotonicTime = .now) {
        let days = settings.keepDays
        let isDue = state.withLock { state in
            if let last = state.lastTidy, clock - last < ChatHall.tidyPace { return false }
            state.lastTidy = clock
            return true
        }
        guard days > 0, isDue else { return }
        reads.async { [store, logger] in
            do {
                let count = try store.forgetChat(before: now.addingTimeInterval(-Double(days) * 86_400))
                if count > 0 { logger.info("old chat messages are gone", metadata: ["messages": "\(count)"]) }
            } catch {
                logger.error("old chat messages cannot be deleted", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Reads what was acknowledged, off the cooperative pool and beside the writer.
    package func onDisk<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            reads.async { continuation.resume(with: Result { try work() }) }
        }
    }

    /// Waits until everything up to now is written: at the end of the process.
    package func settle() { writer.settle() }
}
