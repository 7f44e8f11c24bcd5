// In: messages that phrasebook and cache do not know in a language. Out: their translations, told to the room's readers of
// that language when they come. Blocks: nothing. Bound: `waitingAtMost` errands wait for a task; policy: the newcomer's
// original stays; counter: shopcast_chat_translations_refused_total. A translation takes as long as the desk lets it.

import Media
import Translation

/// Translations that come after their messages.
package final class LateRenderings: Sendable {
    struct Errand: Sendable {
        var message: ChatMessage
        var from: LanguageTag
        var to: LanguageTag
        var glossary: Glossary
        weak var room: RoomFanout?
    }

    private static let waitingAtMost = 2048

    private let desk: TranslationDesk
    private let metrics: FanoutMetrics
    private let errands: AsyncStream<Errand>
    private let orders: AsyncStream<Errand>.Continuation

    init(desk: TranslationDesk, metrics: FanoutMetrics) {
        self.desk = desk
        self.metrics = metrics
        (errands, orders) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(LateRenderings.waitingAtMost))
    }

    func order(_ errand: Errand) {
        if case .enqueued = orders.yield(errand) { return }
        metrics.untranslated()
    }

    /// Runs errands until it is cancelled or `finish` is called.
    package func run() async {
        await withDiscardingTaskGroup { tasks in
            for await errand in errands {
                tasks.addTask { [desk, metrics] in
                    guard
                        let rendering = await desk.translate(
                            errand.message.text, from: errand.from, to: errand.to, glossary: errand.glossary,
                            show: errand.message.show)
                    else { return }
                    metrics.translatedLate()
                    errand.room?.translated(errand.message, rendering, to: errand.to)
                }
            }
        }
    }

    package func finish() { orders.finish() }
}
