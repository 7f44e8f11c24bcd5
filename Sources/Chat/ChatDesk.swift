// In: commands of visitors, from event loops and wherever, which never wait. Out: answers once what they do is on disk,
// and events for everybody's readers. The room decides at once and in order; the history tells what is on disk already.

import Dispatch
package import Foundation
package import Media
import People
import Synchronization
package import Translation

/// One open room, with all that it needs.
package final class ChatDesk: Sendable {
    /// What a desk works with; one for all desks.
    struct Surroundings: Sendable {
        let store: any ChatStore
        let writer: ChatWriter
        let reads: DispatchQueue
        let settings: ChatSettings
        let passes: GuestPasses
        let reading: ChatReading.Rules
        let showLanguage: @Sendable (ShowID) -> LanguageTag?
        let isOnAir: @Sendable (ShowID) -> Bool
        let tell: @Sendable (ShowID, [RoomEvent]) -> Void
        let tellHeld: @Sendable (ShowID, [HeldNews]) -> Void
    }

    private struct Inside {
        /// Nil while it is read anew.
        var room: ChatRoom?
        /// Counts how often it was: what was thought of before is not written after.
        var generation = 0
        var isClosed = false
    }

    package typealias Answer = Result<ChatAnswer, ChatRefusal>

    package let show: ShowID
    private let surroundings: Surroundings
    private let inside: Mutex<Inside>
    private let history: Mutex<ChatHistory>
    private let used = Mutex(MonotonicTime.now)
    private let words: Mutex<Glossary>

    init(_ show: ShowID, _ kept: KeptRoom, _ surroundings: Surroundings) {
        self.show = show
        self.surroundings = surroundings
        words = Mutex(kept.glossary)
        inside = Mutex(Inside(room: ChatRoom(show, kept, surroundings.settings)))
        history = Mutex(
            ChatHistory(
                kept, keep: surroundings.settings.history, usual: surroundings.settings.mode))
    }

    static let busy = ChatRefusal(
        .busy, "the chat cannot be written just now: try again in a moment", retryAfter: .seconds(1))

    // MARK: Reading

    /// What a reader begins with; it never waits. Every event with a sequence above that of the snapshot is told to the
    /// hall's listeners after this returns, or while it does: who registers a reader on the same event loop to which
    /// the listener hands events loses none, and tells by the sequence which are in the snapshot already.
    package func snapshot(for reader: AuthorID?, after: Int? = nil, tag: String? = nil) -> RoomSnapshot {
        used.withLock { $0 = .now }
        return history.withLock { $0.snapshot(for: reader, after: after, tag: tag) }
    }

    /// A message as it is shown now; nil where it is not, or is held in memory no more.
    package func message(_ id: MessageID) -> ChatMessage? { history.withLock { $0.message(id) } }

    /// How the room is run, with its link: for those who run it.
    package var mode: RoomMode? { inside.withLock { $0.room?.mode } }

    /// Why this visitor cannot write now; nil where they can.
    package func obstacle(for visitor: ChatVisitor, at now: Date = .now) -> ChatRefusal? {
        inside.withLock { inside in
            guard let room = inside.room else { return ChatDesk.busy }
            return room.obstacle(for: visitor, at: now) { surroundings.passes.mark(ofLink: $0) }
        }
    }

    /// The show's words that no translation touches.
    package var glossary: Glossary { words.withLock { $0 } }

    func set(_ glossary: Glossary) { words.withLock { $0 = glossary } }

    package var heldCount: Int { inside.withLock { $0.room?.heldCount ?? 0 } }

    /// Reactions since this was last asked, by emoji.
    package func drainReactions() -> [String: Int] {
        inside.withLock { $0.room?.drainReactions() ?? [:] }
    }

    var lastUse: MonotonicTime { used.withLock { $0 } }

    // MARK: Names

    /// A guest with this name: the one of `pass` where there is one, else a new one. `link` is the secret of the host's link,
    /// where the guest came by it; `isProtected`: the show is for holders of a playback token, which was shown. It never waits.
    package func guest(
        named name: String, pass: GuestPass? = nil, link: String? = nil, isProtected: Bool = false,
        address: String, at now: Date = .now
    ) -> Result<(author: ChatAuthor, linkMark: String?, secret: String), ChatRefusal> {
        let clean = ChatText.name(name)
        let badName = surroundings.reading.refuses(name: clean)
        let answer = inside.withLock { inside -> Result<GuestPass, ChatRefusal> in
            guard var room = inside.room.take() else { return .failure(ChatDesk.busy) }
            defer { inside.room = room }
            if let badName { return .failure(badName) }
            return room.guest(
                named: clean, pass: pass, link: link, address: address, at: now, clock: .now,
                mark: { surroundings.passes.mark(ofLink: $0) })
        }
        return answer.map { pass in
            var pass = pass
            if isProtected { pass.show = show }
            return (
                ChatAuthor(id: pass.id, name: pass.name), pass.linkMark, surroundings.passes.secret(of: pass)
            )
        }
    }

    // MARK: Acting

    /// Decides at once; `then` is called once it is on disk, on a thread that must not be kept waiting, or at once where it
    /// was refused. `target` is the message that the command names, as the store has it, where the room may hold it no
    /// more. It never waits.
    package func perform(
        _ command: ChatCommand, by visitor: ChatVisitor, target: ChatMessage? = nil, at now: Date = .now,
        then: @escaping @Sendable (Answer) -> Void
    ) {
        used.withLock { $0 = .now }
        let reading = command.text.map {
            ChatReading(
                $0, surroundings.reading, prior: visitor.language ?? surroundings.showLanguage(show))
        }
        let moment = ChatMoment(
            date: now.toMilliseconds, clock: .now, isOnAir: surroundings.isOnAir(show))
        let atOnce = inside.withLock { inside -> Answer? in
            guard !surroundings.writer.isFull, var room = inside.room.take() else {
                return .failure(ChatDesk.busy)
            }
            defer { inside.room = room }
            let held = room.held
            switch room.handle(
                command, reading, by: visitor, target: target, at: moment,
                mark: { surroundings.passes.mark(ofLink: $0) })
            {
            case .refused(let refusal): return .failure(refusal)
            case .answered(let answer): return .success(answer)
            case .done(let deed, let answer):
                enqueue(
                    deed, answer, room.heldNews(since: held), generation: inside.generation, then: then)
                return nil
            }
        }
        if let atOnce { then(atOnce) }
    }

    /// The same for who can wait, and for messages that the room holds no more.
    package func perform(_ command: ChatCommand, by visitor: ChatVisitor, at now: Date = .now)
        async throws(ChatRefusal) -> ChatAnswer
    {
        var target: ChatMessage?
        if let id = command.message, inside.withLock({ $0.room?.holds(id) != true }) {
            target = await withCheckedContinuation { continuation in
                surroundings.reads.async { [self] in
                    continuation.resume(returning: try? surroundings.store.message(id, of: show))
                }
            }
        }
        return try await withCheckedContinuation { continuation in
            perform(command, by: visitor, target: target, at: now) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Under the lock of the room, so that deeds are in the order of their sequences.
    private func enqueue(
        _ deed: ChatDeed, _ answer: ChatAnswer, _ held: [HeldNews], generation: Int,
        then: @escaping @Sendable (Answer) -> Void
    ) {
        surroundings.writer.add(
            ChatWriter.Entry(
                deed: deed, isGood: { [self] in inside.withLock { $0.generation == generation } }
            ) { [self] outcome in
                switch outcome {
                case .kept:
                    tell(deed.events)
                    if !held.isEmpty { surroundings.tellHeld(show, held) }
                    then(.success(answer))
                case .gone: then(.failure(ChatRefusal(.unknown, "there is no such show any more")))
                case .failed:
                    failed(generation)
                    then(.failure(ChatDesk.busy))
                }
            })
    }

    /// In order: the writer does one after the other.
    private func tell(_ events: [RoomEvent]) {
        guard !events.isEmpty else { return }
        history.withLock { history in
            for event in events { history.apply(event) }
            // Under the lock, so that no snapshot knows less than a listener was told before it.
            surroundings.tell(show, events)
        }
    }

    // MARK: When the disk fails

    /// The room has gone on, the disk has not: it is read again as it was last acknowledged.
    private func failed(_ generation: Int) {
        let isFirst = inside.withLock { inside in
            guard inside.generation == generation else { return false }
            inside.generation += 1
            inside.room = nil
            return true
        }
        if isFirst { readAnew() }
    }

    /// On the queue of the writer.
    private func readAnew() {
        do {
            guard let kept = try surroundings.store.openRoom(show, keep: surroundings.settings.history) else {
                return
            }
            // A transaction that was reported as failed may be on disk all the same.
            let last = history.withLock { $0.sequence }
            tell(kept.events.filter { $0.sequence > last })
            inside.withLock { inside in
                if !inside.isClosed { inside.room = ChatRoom(show, kept, surroundings.settings) }
            }
        } catch {
            surroundings.writer.later { [self] in readAnew() }
        }
    }

    /// What waits is not written, and says so.
    func close() {
        inside.withLock { inside in
            inside.generation += 1
            inside.room = nil
            inside.isClosed = true
        }
    }
}
