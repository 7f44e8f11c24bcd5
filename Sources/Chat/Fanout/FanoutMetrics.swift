import Metrics

/// What the fan-out counts.
final class FanoutMetrics: Sendable {
    private let messagesCounter = Counter(label: "shopcast_chat_fanout_messages_total")
    private let framesCounter = Counter(label: "shopcast_chat_fanout_frames_total")
    private let putOffCounter = Counter(label: "shopcast_chat_ticks_put_off_total")
    private let sampledCounter = Counter(label: "shopcast_chat_sampled_messages_total")
    private let lostCounter = Counter(label: "shopcast_chat_lost_messages_total")
    private let slowCounter = Counter(label: "shopcast_chat_slow_readers_total")
    private let removedCounter = Counter(label: "shopcast_chat_readers_removed_total")
    private let translationsCounter = Counter(label: "shopcast_chat_late_translations_total")
    private let untranslatedCounter = Counter(label: "shopcast_chat_translations_refused_total")
    private let languagesCounter = Counter(label: "shopcast_chat_languages_refused_total")
    private let readersGauge = Gauge(label: "shopcast_chat_readers")

    /// Frames are counted once for each language, not for each reader.
    func ticked(messages: Int, frames: Int, sampled: Int) {
        if messages > 0 { messagesCounter.increment(by: messages) }
        framesCounter.increment(by: frames)
        if sampled > 0 { sampledCounter.increment(by: sampled) }
    }

    func putOff() { putOffCounter.increment() }
    func lost(_ count: Int) { lostCounter.increment(by: count) }
    func slowed() { slowCounter.increment() }
    func hopeless() { removedCounter.increment() }
    func translatedLate() { translationsCounter.increment() }
    func untranslated() { untranslatedCounter.increment() }
    func languageRefused() { languagesCounter.increment() }
    func record(readers: Int) { readersGauge.record(readers) }
}
