// In: the sound of one run, in a queue. Out: captions in the hall. A thread of its own, nicer than others, decodes, keeps
// `captiond` running and talks to it, and waits for the store; nobody waits for the thread. Bound: `SpeechRun.most` units
// (some ten seconds); policy: the oldest goes; counter: shopcast_speech_dropped_units_total.

import Captioning
import Codecs
import DequeModule
import Logging
import Media
import Metrics

final class SpeechRun: Sendable {
    enum Item: Sendable {
        case format(AACFormat)
        case unit(AccessUnit)
    }

    private struct Queue {
        var items = Deque<Item>()
        var isEnded = false
        var isOver = false
    }

    private static let most = 512
    /// So many units are taken together: a tenth of a second.
    private static let batch = 5

    private let queue = Monitor(Queue())
    private let dropped: Counter

    init(
        show: ShowID, track: SpeechTrack, epoch: Int64, hall: CaptionHall, bureau: SpeechBureau,
        logger: Logger
    ) {
        dropped = Counter(label: "shopcast_speech_dropped_units_total", dimensions: [("show", show.text)])
        do throws(CodecFault) {
            let thread = try CodecThread.start(name: "speech") { [self] in
                CodecThread.stepBack()
                var work = SpeechWork(
                    show: show, track: track, epoch: epoch, hall: hall, bureau: bureau, logger: logger)
                while let items = take() { work.step(items) }
                work.finish()
                queue.withLock { $0.isOver = true }
            }
            thread.detach()
        } catch {
            logger.error("nobody hears the show", metadata: ["error": "\(error)"])
            queue.withLock { $0.isOver = true }
        }
    }

    func put(_ item: Item) {
        let isFull = queue.change { queue in
            guard !queue.isEnded, !queue.isOver else { return (false, false) }
            let isFull = queue.items.count >= SpeechRun.most
            if isFull { SpeechRun.dropUnit(&queue.items) }
            queue.items.append(item)
            return (queue.items.count >= SpeechRun.batch, isFull)
        }
        if isFull { dropped.increment() }
    }

    /// What the units are coded in stays.
    private static func dropUnit(_ items: inout Deque<Item>) {
        let place = items.firstIndex { if case .unit = $0 { true } else { false } }
        if let place { items.remove(at: place) }
    }

    /// Nothing more comes: what was said last is still written down.
    func end() {
        queue.change { queue in
            queue.isEnded = true
            return (true, ())
        }
    }

    var isOver: Bool { queue.withLock { $0.isOver } }

    /// What has come; nothing after a tenth of a second without; nil at the end.
    private func take() -> [Item]? {
        let items = queue.wait(atMost: .milliseconds(100)) { queue -> [Item]?? in
            if queue.items.count >= SpeechRun.batch || (queue.isEnded && !queue.items.isEmpty) {
                defer { queue.items.removeAll(keepingCapacity: true) }
                return .some(Array(queue.items))
            }
            return queue.isEnded ? .some(nil) : nil
        }
        guard let items else {
            return queue.withLock { queue in
                defer { queue.items.removeAll(keepingCapacity: true) }
                return Array(queue.items)
            }
        }
        return items
    }
}
