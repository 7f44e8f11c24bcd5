// In: deeds of rooms, from event loops and wherever, which never wait. Out: the store, in order, on a queue of its own; a
// run of deeds is one transaction, and a new one begins at most every 20 ms. What is on disk is told then.

import Dispatch
import Media
import Metrics
import Synchronization

/// Brings what rooms do to the disk, many at a time.
///
/// Bound: `atMost` deeds wait; policy: the newcomer is told to come again; counter: shopcast_chat_unwritten_total.
final class ChatWriter: Sendable {
    /// What waits, and whom it is told when it is on disk, or that it is not.
    struct Entry: Sendable {
        let deed: ChatDeed
        /// False: it was thought of in a room that is not so any more.
        let isGood: @Sendable () -> Bool
        let then: @Sendable (Outcome) -> Void
    }

    enum Outcome: Sendable {
        case kept
        /// Its show is gone.
        case gone
        case failed(String)
    }

    private struct State {
        var waiting: [Entry] = []
        var isScheduled = false
    }

    /// So many deeds in one transaction, at most.
    private static let batch = 512
    private static let pace = Duration.milliseconds(20)

    private let store: any ChatStore
    private let atMost: Int
    private let queue = DispatchQueue(label: "shopcast.chat", qos: .userInitiated)
    private let state = Mutex(State())
    private let lastBegin = Mutex<MonotonicTime?>(nil)
    private let dropped = Counter(label: "shopcast_chat_unwritten_total")
    private let commits = Counter(label: "shopcast_chat_commits_total")
    private let duration = Timer(label: "shopcast_chat_commit_seconds")

    init(store: any ChatStore, atMost: Int) {
        self.store = store
        self.atMost = atMost
    }

    /// Too much waits already. Asked before something is decided, so that what is decided is never thrown away; a few may
    /// decide at the same time.
    var isFull: Bool {
        let isFull = state.withLock { $0.waiting.count >= atMost }
        if isFull { dropped.increment() }
        return isFull
    }

    /// It never waits.
    func add(_ entry: Entry) {
        let isFirst = state.withLock { state -> Bool in
            state.waiting.append(entry)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { schedule() }
    }

    /// At once after a pause; else so that deeds gather for 20 ms.
    private func schedule() {
        let since = lastBegin.withLock { $0.map { MonotonicTime.now - $0 } } ?? ChatWriter.pace
        guard since < ChatWriter.pace else { return queue.async { self.write() } }
        let wait = Int((ChatWriter.pace - since).nanoseconds)
        queue.asyncAfter(deadline: .now() + .nanoseconds(wait)) { self.write() }
    }

    /// Waits until everything up to now is written, or has failed.
    func settle() {
        queue.sync { self.drain() }
    }

    /// On the queue of the writer.
    func inTurn(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    /// On the queue of the writer, when a second has passed.
    func later(_ work: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + 1, execute: work)
    }

    /// On the queue: everything that waits.
    func drain() {
        while state.withLock({ !$0.waiting.isEmpty }) { writeOnce() }
    }

    /// On the queue.
    private func write() {
        writeOnce()
        let isMore = state.withLock { state in
            state.isScheduled = !state.waiting.isEmpty
            return state.isScheduled
        }
        if isMore { schedule() }
    }

    /// One transaction.
    private func writeOnce() {
        let taken = state.withLock { state -> [Entry] in
            let taken = Array(state.waiting.prefix(ChatWriter.batch))
            state.waiting.removeFirst(taken.count)
            return taken
        }
        guard !taken.isEmpty else { return }
        lastBegin.withLock { $0 = .now }
        commit(taken)
    }

    private func commit(_ taken: [Entry]) {
        var good: [Entry] = []
        for entry in taken {
            if entry.isGood() { good.append(entry) } else { entry.then(.failed("the room was read anew")) }
        }
        guard !good.isEmpty else { return }
        let begin = MonotonicTime.now
        do {
            let kept = try store.commit(good.map(\.deed))
            duration.recordNanoseconds((MonotonicTime.now - begin).nanoseconds)
            commits.increment()
            for (entry, isKept) in zip(good, kept) { entry.then(isKept ? .kept : .gone) }
        } catch {
            for entry in good { entry.then(.failed("\(error)")) }
        }
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
