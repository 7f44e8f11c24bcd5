import NIOCore
import NIOHTTP1

/// Stands between HTTP/1.1's encoder and Hummingbird, and tells the connection when an answer is complete.
final class RestEnd: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// The answer is the connection's last, and says so.
    var closesAfter = false
    private let desk: Desk
    private weak var connection: HTTP1Connection?
    private var switchesProtocols = false

    init(_ connection: HTTP1Connection, desk: Desk) {
        self.connection = connection
        self.desk = desk
    }

    /// A request goes to Hummingbird.
    func begin() {
        switchesProtocols = false
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            let code = Int(head.status.code)
            if code == 101 { switchesProtocols = true }
            if code >= 200 {
                desk.tally.count(.other, status: code)
                // Answered before its content is here: what is still to come is not read, and the client is told.
                if connection?.owesContent == true { closesAfter = true }
                if closesAfter { head.headers.replaceOrAdd(name: "connection", value: "close") }
                if head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "close" }) {
                    closesAfter = true
                }
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let body):
            desk.tally.bytes += body.readableBytes
            context.write(wrapOutboundOut(.body(body)), promise: promise)
        case .end(let trailers):
            context.write(wrapOutboundOut(.end(trailers)), promise: promise)
            if !switchesProtocols { connection?.restAnswered(closes: closesAfter) }
        }
    }
}
