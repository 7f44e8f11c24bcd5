// One RTMP connection as the rest of the house sees it. In: the handler's calls, all on the connection's
// event loop. Out: a request to the authority, then feed events to its sink, `.ended` exactly once for each
// accepted feed. Nobody blocks. What cannot be used is dropped by the converter and counted here.

import CoreMetrics
import Glibc
import Logging
import Media
import NIOCore
import RTMP

final class FeedConnection: RTMPHost {
    private let channel: any Channel
    private let peer: String
    private let transport: String
    private let authority: any FeedAuthority
    private let metrics: IngestMetrics
    private let logger: Logger

    private var converter = FeedConverter()
    private var show: ShowID?
    private var sink: (any FeedSink)?
    private var messages = 0
    private var dropped = 0
    private var others = 0

    init(
        channel: any Channel, peer: String, transport: String, authority: any FeedAuthority,
        metrics: IngestMetrics, logger: Logger
    ) {
        self.channel = channel
        self.peer = peer
        self.transport = transport
        self.authority = authority
        self.metrics = metrics
        self.logger = logger
    }

    func publish(_ request: RTMPPublishRequest, reply: @escaping @Sendable (RTMPDecision) -> Void) {
        let channel = channel
        let eventLoop = channel.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let encoder = request.encoder
        let asked = FeedRequest(
            application: request.application, key: request.key, peer: peer, transport: transport,
            disconnect: { channel.triggerUserOutboundEvent(RTMPDisconnect(reason: $0), promise: nil) })
        authority.admit(asked) { admission in
            // The sink has to be in place before the handler hears "accepted"; both then happen on the
            // event loop, in this order.
            eventLoop.execute { bound.value.admitted(admission, encoder: encoder) }
            switch admission {
            case .accepted: reply(.accepted)
            case .refused(let reason): reply(.refused(reason: reason))
            }
        }
    }

    private func admitted(_ admission: FeedAdmission, encoder: String) {
        switch admission {
        case .accepted(let show, let sink):
            self.show = show
            self.sink = sink
            converter = FeedConverter()
            dropped = 0
            others = 0
            expectWholeMessages()
            logger.info(
                "feed published",
                metadata: ["show.id": "\(show)", "peer": "\(peer)", "encoder": "\(encoder)"])
        case .refused(let reason):
            metrics.refused.increment()
            logger.notice("publish refused", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
        }
    }

    /// ffmpeg writes each message's header (12 bytes at most) and its body separately: waking for the
    /// header alone would double the wake-ups. Fewer bytes than this wait for the next ones, or for the
    /// end, which always wakes; at worst, the last bytes of a picture wait for the next audio frame.
    private func expectWholeMessages() {
        let option = ChannelOptions.Types.SocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_RCVLOWAT))
        channel.setOption(option, value: 13).whenFailure { [logger] error in
            logger.debug("no low-water mark", metadata: ["error": "\(error)"])
        }
    }

    func receive(_ media: RTMPMedia, arrival: MonotonicTime) throws(RTMPRejection) {
        messages += 1
        guard let event = try converter.convert(media, arrival: arrival) else { return }
        if let change = converter.takeChange() { sink?.receive(change) }
        sink?.receive(event)
    }

    func ended(reason: String) {
        countUp()
        guard let sink else { return }
        self.sink = nil
        logger.info(
            "feed ended",
            metadata: [
                "show.id": "\(show.map(\.text) ?? "")", "peer": "\(peer)", "reason": "\(reason)",
                "dropped": "\(converter.dropped)",
            ])
        sink.receive(.ended(reason: reason))
    }

    func read(bytes: Int) {
        metrics.bytes.increment(by: bytes)
        countUp()
    }

    func closed(reason: String) {
        logger.debug("connection closed", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    }

    /// Hands the counts of one read on together: a counter's increment is not free.
    private func countUp() {
        if messages > 0 { metrics.messages.increment(by: messages) }
        messages = 0
        if converter.dropped > dropped { metrics.droppedUnits.increment(by: converter.dropped - dropped) }
        dropped = converter.dropped
        if converter.others > others {
            if others == 0 {
                logger.notice(
                    "the host sends several tracks; only the first is shown",
                    metadata: ["show.id": "\(show.map(\.text) ?? "")", "peer": "\(peer)"])
            }
            metrics.otherTracks.increment(by: converter.others - others)
        }
        others = converter.others
    }
}
