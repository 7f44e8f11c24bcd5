import Foundation
package import Logging
package import Media
import Metrics
package import People
package import Persistence
import ShowTimeline
package import Shows
import Synchronization

/// Writes down what happens to shows, off the media path: moves of their state, their feeds, the use of their keys.
///
/// In: from event loops and codec threads, which never wait. Out: into the store, in order, on a queue of its own; a run
/// of events is one transaction. Where the store cannot be written it is tried again each second. Bound: `most`; policy:
/// what feeds do is left out then, moves never are; counter: shopcast_timeline_dropped_total.
package final class ShowLog: Sendable {
    private enum Entry: Sendable {
        case move(ShowID, ShowState.Event, Actor, Date)
        case event(TimelineDraft)
        case keyUsed(StreamKeyID, Date)
        case recording(ShowID, JSONValue, Date)
    }

    private struct State {
        var waiting: [Entry] = []
        var isScheduled = false
        /// Why the last write failed; nil where it did not.
        var fault: String?
    }

    package static let most = 4096
    private static let batch = 256

    private let store: Store
    private let logger: Logger
    private let queue = DispatchQueue(label: "shopcast.showlog")
    private let state = Mutex(State())
    private let dropped = Counter(label: "shopcast_timeline_dropped_total")

    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// The show's state has moved; to be told in the order of the moves.
    package func move(_ show: ShowID, _ event: ShowState.Event, by actor: Actor) {
        add(.move(show, event, actor, .now), isNeeded: true)
    }

    /// Something about the show's feed. `isOnScreen`: there is a picture now, so it has a time on the show's clock.
    package func feed(
        _ show: ShowID, _ what: String, _ more: [String: JSONValue] = [:], isOnScreen: Bool = false,
        by actor: Actor = .server
    ) {
        let now = Date.now
        add(
            .event(
                TimelineDraft(
                    show: show, showTime: isOnScreen ? now : nil, shopTime: now, kind: .feed,
                    payload: .object(more.merging(["what": .text(what)]) { $1 }), actor: actor)),
            isNeeded: false)
    }

    /// What became of a show's recording; what was told since its end already is not told again.
    package func recording(_ show: ShowID, _ facts: JSONValue) {
        add(.recording(show, facts, .now), isNeeded: true)
    }

    package func used(_ key: StreamKeyID) { add(.keyUsed(key, .now), isNeeded: false) }

    private func add(_ entry: Entry, isNeeded: Bool) {
        let (isKept, isFirst) = state.withLock { state -> (Bool, Bool) in
            guard isNeeded || state.waiting.count < ShowLog.most else { return (false, false) }
            state.waiting.append(entry)
            defer { state.isScheduled = true }
            return (true, !state.isScheduled)
        }
        if !isKept { dropped.increment() }
        if isFirst { queue.async { self.write() } }
    }

    /// Waits until everything up to now is written. Nil where it is; else why not: it is tried again. Blocks.
    package func settle() -> String? {
        queue.sync { write() }
        return state.withLock { $0.waiting.isEmpty ? nil : $0.fault ?? "it is busy" }
    }

    /// On the queue.
    private func write() {
        while true {
            let batch = state.withLock { state -> [Entry] in
                if state.waiting.isEmpty { state.isScheduled = false }
                return ShowLog.batch(of: state.waiting)
            }
            guard !batch.isEmpty else { return }
            do {
                try write(batch)
                state.withLock { state in
                    state.waiting.removeFirst(batch.count)
                    state.fault = nil
                }
            } catch {
                let isNew = state.withLock { state in
                    defer { state.fault = "\(error)" }
                    return state.fault == nil
                }
                if isNew {
                    logger.error(
                        "the store cannot be written: check the disk; it is tried again",
                        metadata: ["error": "\(error)"])
                }
                queue.asyncAfter(deadline: .now() + 1) { self.write() }
                return
            }
        }
    }

    /// The entries that can be written together: events that follow each other, or one of the others.
    private static func batch(of waiting: [Entry]) -> [Entry] {
        let events = waiting.prefix(batch).prefix { if case .event = $0 { true } else { false } }
        return events.isEmpty ? Array(waiting.prefix(1)) : Array(events)
    }

    private func write(_ batch: [Entry]) throws {
        do {
            switch batch[0] {
            case .event:
                try store.append(batch.compactMap { if case .event(let draft) = $0 { draft } else { nil } })
            case .move(let show, let event, let actor, let at):
                _ = try store.moveShow(show, event, by: actor, at: at)
            case .keyUsed(let key, let at): try store.noteKey(key, at: at)
            case .recording(let show, let facts, let at): try store.tellRecording(of: show, facts, at: at)
            }
        } catch let fault as DomainFault {
            // The store knows better, and trying again changes nothing.
            logger.error("a show's move was not written", metadata: ["reason": "\(fault)"])
        }
    }
}
