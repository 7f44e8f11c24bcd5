// In: a feed's events, as they arrive, on the feed's own thread: each costs it a lock and a few words of memory. Out: a
// report four times a second. The work (decoding sound and one key frame in a while) is on one thread of its own that
// gives way to all others; what it cannot keep up with is dropped by its queue and counted. Nobody waits for it.

import Codecs
package import Logging
package import Media
import Metrics
import NIOCore
import Synchronization

/// Watches one feed from its first event to its last.
package final class FeedObserver: Sendable {
    /// Key frames are looked at no more often.
    private static let glance = Duration.milliseconds(900)
    /// Larger pictures are not looked at (bytes).
    private static let largest = 4 << 20
    /// Larger units of sound are not listened to (bytes): a thousand of them may wait.
    private static let loudest = 64 << 10

    private let name: String
    private let rules: PreflightRules
    private let isOn: Bool
    private let logger: Logger
    private let queue = ObservationQueue()
    private let isStarted = Atomic<Bool>(false)
    /// When a key frame was last handed on to be looked at; only the feed's thread asks.
    private let lastLook = Mutex<MonotonicTime?>(nil)
    private let newest = Mutex(FeedReport())

    /// `name` is the show's, for the thread, the log and the counters. Switched off it costs nothing and knows nothing.
    package init(name: String, rules: PreflightRules, isOn: Bool = true, logger: Logger) {
        self.name = name
        self.isOn = isOn
        self.rules = rules
        self.logger = logger
        if !isOn { newest.withLock { $0.observed = .off } }
    }

    deinit { queue.close() }

    /// The newest findings and figures.
    package var report: FeedReport { newest.withLock { $0 } }

    /// Never blocks.
    package func receive(_ event: FeedEvent) {
        guard isOn else { return }
        startOnce()
        switch event {
        case .metadata(let metadata): queue.put(.metadata(metadata))
        case .videoFormat(let format): queue.put(.videoFormat(format))
        case .audioFormat(let format): queue.put(.audioFormat(format))
        case .video(let unit):
            let arrival = PictureArrival(
                bytes: unit.payload.readableBytes, pts: unit.pts, dts: unit.dts, isSync: unit.isSync,
                arrival: unit.arrival)
            queue.put(.picture(arrival, isWorthALook(unit) ? unit : nil))
        case .audio(let unit):
            let bytes = unit.payload.readableBytes
            queue.put(
                .sound(bytes: bytes, arrival: unit.arrival, bytes <= FeedObserver.loudest ? unit : nil))
        case .ended: queue.close()
        }
    }

    private func isWorthALook(_ unit: AccessUnit) -> Bool {
        guard unit.isSync, unit.payload.readableBytes <= FeedObserver.largest else { return false }
        return lastLook.withLock { last in
            if let last, unit.arrival - last < FeedObserver.glance { return false }
            last = unit.arrival
            return true
        }
    }

    private func startOnce() {
        guard !isStarted.load(ordering: .relaxed), !isStarted.exchange(true, ordering: .relaxed) else {
            return
        }
        do throws(CodecFault) {
            let (queue, rules, name, logger) = (queue, rules, name, logger)
            try CodecThread.start(name: "look \(name)") { [weak self] in
                CodecThread.stepBack()
                var work = Observing(rules: rules, name: name, logger: logger)
                while let batch = queue.take() {
                    work.take(batch)
                    let report = work.report(now: .now)
                    self?.newest.withLock { $0 = report }
                }
            }.detach()
        } catch {
            logger.warning("the feed is not observed", metadata: ["error": "\(error)"])
            newest.withLock { $0.observed = .off }
            queue.close()
        }
    }
}

/// What the observing thread does; lives and dies on it.
private struct Observing: ~Copyable {
    private var meter: FeedMeter
    private var ear = Ear()
    private var eye: VideoDecoder?
    private var format: PictureFormat?
    private let counters: Counters
    private let logger: Logger
    private var lastReport = FeedReport()
    private var reportedAt: MonotonicTime?
    private var dropped = 0
    private var cpu = CodecThread.cpuTime

    private struct Counters {
        let dropped: Counter
        let cpu: FloatingPointCounter

        init(_ name: String) {
            let labels = [("show", name)]
            dropped = Counter(label: "shopcast_preflight_dropped_total", dimensions: labels)
            cpu = FloatingPointCounter(
                label: "shopcast_preflight_cpu_seconds_total", dimensions: labels)
        }
    }

    init(rules: PreflightRules, name: String, logger: Logger) {
        meter = FeedMeter(rules: rules, start: .now)
        counters = Counters(name)
        self.logger = logger
    }

    mutating func take(_ batch: ObservationQueue.Batch) {
        for observation in batch.observations { take(observation) }
        guard batch.dropped > 0 else { return }
        dropped += batch.dropped
        counters.dropped.increment(by: batch.dropped)
        meter.interrupt()
    }

    private mutating func take(_ observation: Observation) {
        switch observation {
        case .metadata(let metadata): meter.metadata(metadata)
        case .videoFormat(let format):
            if format != self.format { eye = nil }
            self.format = format
            meter.format(format)
        case .audioFormat(let format):
            ear.open(format, logger)
            meter.format(format)
        case .picture(let arrival, let unit):
            meter.picture(arrival)
            if let unit { look(unit) }
        case .sound(let bytes, let arrival, let unit):
            meter.sound(bytes: bytes, arrival: arrival)
            guard let unit else {
                dropped += 1
                counters.dropped.increment()
                return
            }
            for reading in ear.hear(unit) { meter.heard(reading) }
        }
    }

    private mutating func look(_ unit: AccessUnit) {
        guard let format else { return }
        do throws(CodecFault) {
            if eye == nil { eye = try VideoDecoder.open(format, reorderDepth: 0, isRough: true) }
            var found: LumaThumbnail?
            try eye?.decodeAlone(unit) { found = $0.thumbnail }
            if let found { meter.seen(found, at: unit.arrival) }
        } catch {
            // A damaged picture says nothing of the next one.
            eye = nil
        }
    }

    mutating func report(now: MonotonicTime) -> FeedReport {
        meter.tick(now: now)
        if let reportedAt, now - reportedAt < .milliseconds(240) { return lastReport }
        reportedAt = now
        lastReport = meter.report
        lastReport.dropped = dropped
        let used = CodecThread.cpuTime
        let (seconds, attoseconds) = (used - cpu).components
        counters.cpu.increment(by: Double(seconds) + Double(attoseconds) * 1e-18)
        cpu = used
        return lastReport
    }
}
