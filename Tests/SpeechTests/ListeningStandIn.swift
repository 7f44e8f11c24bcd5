import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// A service that listens, of the shape of Deepgram's, and behaves as it is told: it says "second N" of each second of sound,
/// once as it comes and once for good.
final class ListeningStandIn: Sendable {
    struct Conduct: Sendable {
        /// The connection ends after so many seconds of sound.
        var hangsUpAfter: Int?
        var isSilent = false
        var saysRubbish = false
    }

    private let asked = Mutex<[(uri: String, fields: HTTPHeaders)]>([])
    private let conduct: @Sendable (Int) -> Conduct
    private let channel = Mutex<(any Channel)?>(nil)

    private init(conduct: @escaping @Sendable (Int) -> Conduct) { self.conduct = conduct }

    var port: Int { channel.withLock { $0?.localAddress?.port } ?? 0 }
    /// The connections that came.
    var connections: [(uri: String, fields: HTTPHeaders)] { asked.withLock { $0 } }

    /// Listens on 127.0.0.1 for as long as `body` runs. `conduct`: of each connection, counted from 0.
    static func run(
        conduct: @escaping @Sendable (Int) -> Conduct = { _ in Conduct() },
        _ body: (ListeningStandIn) async throws -> Void
    ) async throws {
        let service = ListeningStandIn(conduct: conduct)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let upgrader = NIOWebSocketServerUpgrader(
                    shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
                    upgradePipelineHandler: { channel, head in
                        let number = service.asked.withLock { asked in
                            asked.append((head.uri, head.headers))
                            return asked.count - 1
                        }
                        return channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(
                                Listening(service.conduct(number)))
                        }
                    })
                return channel.pipeline.configureHTTPServerPipeline(
                    withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
            }
            .bind(host: "127.0.0.1", port: 0).get()
        service.channel.withLock { $0 = channel }
        do {
            try await body(service)
            try await channel.close()
        } catch {
            try? await channel.close()
            throw error
        }
    }
}

private final class Listening: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let conduct: ListeningStandIn.Conduct
    private var heard = 0
    private var told = 0

    init(_ conduct: ListeningStandIn.Conduct) { self.conduct = conduct }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .binary:
            heard += frame.unmaskedData.readableBytes / 2
            guard !conduct.isSilent else { return }
            if conduct.saysRubbish { return write(context, "<html>") }
            while heard >= (told + 1) * 16_000 {
                result(context, told, isFinal: false)
                result(context, told, isFinal: true)
                told += 1
                if told == conduct.hangsUpAfter { return context.close(promise: nil) }
            }
        case .text where String(buffer: frame.unmaskedData).contains("CloseStream"):
            if heard > told * 16_000 { result(context, told, isFinal: true) }
            write(context, #"{"type":"Metadata","duration":1.5,"channels":1}"#)
            let close = WebSocketFrame(fin: true, opcode: .connectionClose, data: ByteBuffer())
            context.writeAndFlush(wrapOutboundOut(close), promise: nil)
        case .connectionClose: context.close(promise: nil)
        default: break
        }
    }

    private func result(_ context: ChannelHandlerContext, _ second: Int, isFinal: Bool) {
        write(
            context,
            """
            {"type":"Results","start":\(second),"duration":1,"is_final":\(isFinal),"channel":{"alternatives":[
            {"transcript":"Second \(second).","confidence":0.9,"words":[
            {"word":"second","punctuated_word":"Second","start":\(second).1,"end":\(second).5,"speaker":0},
            {"word":"\(second)","punctuated_word":"\(second).","start":\(second).5,"end":\(second).9,"speaker":0}]}]}}
            """)
    }

    private func write(_ context: ChannelHandlerContext, _ text: String) {
        let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
