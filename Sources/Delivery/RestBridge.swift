// In: connections of HTTP/1.1 and streams of HTTP/2 that ask for something else than media. Out: child tasks of the
// service, each of which talks with one. Bound: `Limits.connections` not yet begun; policy: the newcomer is refused.

import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A connection of HTTP/1.1 that Hummingbird is to talk with.
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
    func hold(_ respond: RestResponder, _ logger: Logger) async {
        let handler = HTTP1Channel(responder: respond.write)
        do {
            let parts = try await channel.eventLoop.submit(open).get()
            await handler.handle(value: parts, logger: logger)
        } catch {
            channel.close(promise: nil)
        }
    }
}

/// What Hummingbird is to do.
enum RestTask: Sendable {
    case conversation(RestConversation)
    case exchange(HTTP2Exchange)

    func run(_ respond: RestResponder, _ logger: Logger) async {
        switch self {
        case .conversation(let conversation): await conversation.hold(respond, logger)
        case .exchange(let exchange): await exchange.hold(respond)
        }
    }
}

/// Where event loops hand over what Hummingbird is to do.
final class RestBridge: Sendable {
    let tasks: AsyncStream<RestTask>
    private let offers: AsyncStream<RestTask>.Continuation

    init(atMost: Int) {
        (tasks, offers) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(atMost))
    }

    /// False where the service no longer takes any, or not so many.
    func offer(_ task: RestTask) -> Bool {
        if case .enqueued = offers.yield(task) { true } else { false }
    }

    func finish() {
        offers.finish()
    }
}
