// Callers of the SRT port as feeds. In: the listener's calls, on its thread. Out: a request to the authority, then feed
// events to its sink from a thread of the feed's own, `.ended` exactly once for each accepted feed. Nobody waits for a
// feed's thread; what it cannot keep up with is dropped by its conveyor and counted.

import Codecs
import CoreMetrics
package import Logging
import Media
import NIOCore
package import SRT
import Synchronization

package struct SRTFeeds: SRTDoor {
    private let authority: any FeedAuthority
    private let metrics = SRTMetrics()
    private let logger: Logger

    package init(authority: any FeedAuthority, logger: Logger) {
        self.authority = authority
        self.logger = logger
    }

    package func verdict(on streamID: SRTStreamID, peer: String) -> SRTVerdict {
        switch authority.check(key: streamID.key, peer: peer) {
        case .welcome(let passphrase): return .welcome(passphrase: passphrase)
        case .refused(let reason):
            turnedAway(peer: peer, reason: reason)
            return .forbidden
        }
    }

    package func turnedAway(peer: String, reason: String) {
        metrics.refused.increment()
        logger.notice(
            "publish refused",
            metadata: [
                "peer": "\(ClientAddress.short(peer: peer))", "reason": "\(reason)", "transport": "srt",
            ])
    }

    package func connected(
        _ streamID: SRTStreamID, peer: String, disconnect: @escaping @Sendable (_ reason: String) -> Void
    ) -> any SRTReceiver {
        metrics.connections.increment()
        let peer = ClientAddress.short(peer: peer)
        let feed = SRTFeed(peer: peer, disconnect: disconnect, metrics: metrics, logger: logger)
        let request = FeedRequest(
            application: "live", key: streamID.key, peer: peer, transport: "srt", disconnect: disconnect)
        authority.admit(request) { feed.admitted($0) }
        return feed
    }
}

/// What the SRT port counts, for all connections together, and each feed's own health.
struct SRTMetrics: Sendable {
    let connections = Meter(label: "shopcast_srt_connections")
    let refused = Counter(label: "shopcast_srt_refused_total")
    let bytes = Counter(label: "shopcast_srt_bytes_total")
    /// Bytes that found a feed's conveyor full.
    let droppedBytes = Counter(label: "shopcast_srt_dropped_bytes_total")
    let droppedUnits = Counter(label: "shopcast_srt_dropped_units_total")

    /// Of one feed; the newest connection's.
    struct Line: Sendable {
        let roundTrip: Gauge
        let lost: Gauge
        let retransmitted: Gauge
        let dropped: Gauge
        let buffered: Gauge

        init(show: ShowID) {
            let labels = [("show", show.text)]
            roundTrip = Gauge(label: "shopcast_srt_round_trip_seconds", dimensions: labels)
            lost = Gauge(label: "shopcast_srt_packets_lost", dimensions: labels)
            retransmitted = Gauge(label: "shopcast_srt_packets_retransmitted", dimensions: labels)
            dropped = Gauge(label: "shopcast_srt_packets_dropped", dimensions: labels)
            buffered = Gauge(label: "shopcast_srt_buffer_seconds", dimensions: labels)
        }
    }
}

/// One caller.
final class SRTFeed: SRTReceiver {
    /// Seconds of the heaviest feed that is served.
    private static let room = 4 << 20

    private struct State {
        var line: SRTMetrics.Line?
        var sink: (any FeedSink)?
        var why = ""
        var isOver = false
    }

    private let peer: String
    private let disconnect: @Sendable (String) -> Void
    private let metrics: SRTMetrics
    private let logger: Logger
    private let conveyor = ByteConveyor(bound: SRTFeed.room)
    private let state = Mutex(State())

    init(
        peer: String, disconnect: @escaping @Sendable (String) -> Void, metrics: SRTMetrics, logger: Logger
    ) {
        self.peer = peer
        self.disconnect = disconnect
        self.metrics = metrics
        self.logger = logger
    }

    func receive(_ bytes: ByteBuffer) {
        metrics.bytes.increment(by: bytes.readableBytes)
        if !conveyor.put(bytes) { metrics.droppedBytes.increment(by: bytes.readableBytes) }
    }

    func measured(_ statistics: SRTStatistics) {
        let (line, sink) = state.withLock { ($0.line, $0.sink) }
        guard let line else { return }
        line.roundTrip.record(statistics.roundTrip / 1000)
        line.lost.record(statistics.lost)
        line.retransmitted.record(statistics.retransmitted)
        line.dropped.record(statistics.dropped)
        line.buffered.record(Double(statistics.buffered) / 1000)
        sink?.measured(
            FeedLine(
                roundTrip: statistics.roundTrip, received: statistics.received, lost: statistics.lost,
                retransmitted: statistics.retransmitted, dropped: statistics.dropped,
                buffered: statistics.buffered))
    }

    func ended(reason: String) {
        metrics.connections.decrement()
        state.withLock { state in
            if state.why.isEmpty { state.why = reason }
            state.isOver = true
            state.sink = nil
        }
        conveyor.close()
    }

    func admitted(_ admission: FeedAdmission) {
        switch admission {
        case .refused(let reason):
            metrics.refused.increment()
            logger.notice(
                "publish refused", metadata: ["peer": "\(peer)", "reason": "\(reason)", "transport": "srt"])
            disconnect(reason)
        case .accepted(let show, let sink):
            state.withLock { state in
                state.line = SRTMetrics.Line(show: show)
                state.sink = sink
            }
            var logger = logger
            logger[metadataKey: "show.id"] = "\(show)"
            logger[metadataKey: "peer"] = "\(peer)"
            logger.info("feed published", metadata: ["transport": "srt"])
            do throws(CodecFault) {
                try CodecThread.start(name: "srt \(show)") { [self, logger] in read(into: sink, logger) }
                    .detach()
            } catch {
                logger.error("the feed cannot be read", metadata: ["error": "\(error)"])
                disconnect("the server has no room for this feed")
                sink.receive(.ended(reason: "\(error)"))
            }
        }
    }

    /// The feed's thread, until its bytes end.
    private func read(into sink: any FeedSink, _ logger: Logger) {
        let conveyor = conveyor
        var dropped = 0
        do throws(CodecFault) {
            var reader = try TransportStreamReader.open { conveyor.take($0) }
            var deadline = PictureDeadline(parametersComeWithKeys: true)
            while let event = try reader.next() {
                // Pictures before the first parameters are no events.
                if reader.sawVideo { deadline.sawPicture(isKey: false) }
                if let reason = deadline.judge(event) { throw CodecFault.unsupported(reason) }
                sink.receive(event)
            }
            dropped = reader.dropped
        } catch {
            let reason = state.withLock { state in
                // A connection that ends before its stream has begun is no fault of the stream.
                if !state.isOver { state.why = "\(error)" }
                return state.why
            }
            logger.notice("the feed cannot be read", metadata: ["reason": "\(reason)"])
            disconnect(reason)
        }
        metrics.droppedUnits.increment(by: dropped)
        let why = state.withLock { $0.why }
        logger.info("feed ended", metadata: ["reason": "\(why)", "dropped": "\(dropped)"])
        sink.receive(.ended(reason: why))
    }
}
