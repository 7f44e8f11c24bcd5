// In: connections and streams that ask for something else than media. Out: Hummingbird's conversations with them,
// each a child task of the service. Bound: `Limits.connections`; policy: the newcomer is closed (503 on HTTP/1.1).

import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A connection or stream that Hummingbird is to talk with.
struct RestConversation: Sendable {
    typealias Parts = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let channel: any Channel
    /// Puts Hummingbird's end into the pipeline; called once, on the channel's loop, by the task that then talks.
    /// Nothing is wrapped before, because an async channel may not be dropped unheard.
    let open: @Sendable () throws -> Parts

    /// Hummingbird's end of a connection of HTTP/1.1.
    static func install(_ end: RestEnd, isSecure: Bool, _ channel: any Channel) throws -> Parts {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(end)
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure))
        return try Parts(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    /// Talks until either side ends it.
    func hold(_ handler: HTTP1Channel, _ logger: Logger) async {
        do {
            let parts = try await channel.eventLoop.submit(open).get()
            await handler.handle(value: parts, logger: logger)
        } catch {
            channel.close(promise: nil)
        }
    }
}

/// Where event loops hand conversations to the service's task.
final class RestBridge: Sendable {
    let conversations: AsyncStream<RestConversation>
    private let offers: AsyncStream<RestConversation>.Continuation

    init(atMost: Int) {
        (conversations, offers) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(atMost))
    }

    /// False where the service no longer takes any, or not so many.
    func offer(_ conversation: RestConversation) -> Bool {
        if case .enqueued = offers.yield(conversation) { true } else { false }
    }

    func finish() {
        offers.finish()
    }
}
