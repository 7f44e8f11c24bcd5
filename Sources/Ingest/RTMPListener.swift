// The RTMP port, or the RTMPS port. In: TCP connections. Out: feeds, to whom the authority names. Runs on the event loops and
// blocks nobody. Turned away and counted: connections above the limits (in all, and from one address).

import CoreMetrics
package import Logging
import Media
package import NIOCore
import NIOPosix
package import NIOSSL
package import RTMP
import ServiceLifecycle
import Synchronization

package final class RTMPListener: Service {
    package struct Limits: Hashable, Sendable {
        /// Connections in all.
        package var connections: Int
        /// Connections from one address; hosts behind one office router share theirs.
        package var connectionsPerAddress: Int
        /// What each connection may cost.
        package var session: RTMPLimits

        package init(
            connections: Int = 200, connectionsPerAddress: Int = 16, session: RTMPLimits = RTMPLimits()
        ) {
            self.connections = connections
            self.connectionsPerAddress = connectionsPerAddress
            self.session = session
        }
    }

    private let host: String
    private let port: Int
    private let isSecure: Bool
    /// Of the next connection.
    private let tls: Mutex<NIOSSLContext?>
    private let limits: Limits
    private let authority: any FeedAuthority
    private let eventLoopGroup: any EventLoopGroup
    private let logger: Logger
    private let census: ConnectionCensus
    private let metrics = IngestMetrics()
    private let listening = Mutex<(any Channel)?>(nil)
    /// The last connection was let in: the next one that is not is worth a line in the log. A flood gets no
    /// more.
    private let lastWasWelcome = Mutex(true)

    /// `port` 0 takes any free one; `bind` tells which. With `tls` it is RTMPS.
    package init(
        host: String, port: Int, tls: NIOSSLContext? = nil, limits: Limits = Limits(),
        authority: any FeedAuthority,
        eventLoopGroup: any EventLoopGroup, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.tls = Mutex(tls)
        isSecure = tls != nil
        self.limits = limits
        self.authority = authority
        self.eventLoopGroup = eventLoopGroup
        self.logger = logger
        census = ConnectionCensus(total: limits.connections, perAddress: limits.connectionsPerAddress)
    }

    /// Connections that stand now.
    package var connectionCount: Int { census.count }

    /// The certificate of connections from now on.
    package func change(to fresh: NIOSSLContext) { tls.withLock { $0 = fresh } }

    /// The limits from now on; hosts that are in stay.
    package func limit(connections: Int, perAddress: Int) {
        census.limit(total: connections, perAddress: perAddress)
    }

    /// Opens the port and returns its address; hosts are served from here on. Call it at most once, before
    /// `run`.
    package func bind() async throws -> SocketAddress {
        let bootstrap = ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16384, maximum: 131_072)
            )
            .childChannelInitializer { [self] channel in accept(channel) }
        let channel = try await bootstrap.bind(host: host, port: port).get()
        guard let address = channel.localAddress else {
            try await channel.close()
            throw ChannelError.unknownLocalAddress
        }
        listening.withLock { $0 = channel }
        logger.info("listening for hosts", metadata: ["address": "\(address)", "tls": "\(isSecure)"])
        return address
    }

    /// Serves until graceful shutdown, then closes the port and every connection; each feed hears that it
    /// ended.
    package func run() async throws {
        if listening.withLock({ $0 }) == nil { _ = try await bind() }
        try? await gracefulShutdown()
        await close()
    }

    private func close() async {
        let channel = listening.withLock { channel in
            defer { channel = nil }
            return channel
        }
        try? await channel?.close()
        let connections = census.close()
        for connection in connections {
            connection.triggerUserOutboundEvent(
                RTMPDisconnect(reason: "the server is shutting down"), promise: nil)
        }
        // Each closes at the latest when its lingering deadline has passed.
        for connection in connections { try? await connection.closeFuture.get() }
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        let address = channel.remoteAddress?.ipAddress ?? "unknown"
        let verdict = census.enter(channel, address: address)
        guard verdict == .welcome else {
            metrics.refused.increment()
            let isNews = lastWasWelcome.withLock { last in
                defer { last = false }
                return last
            }
            logger.log(
                level: isNews ? .notice : .debug, "connection refused",
                metadata: ["peer": "\(ClientAddress.short(address))", "reason": "\(verdict)"])
            return channel.eventLoop.makeFailedFuture(ChannelError.inappropriateOperationForState)
        }
        lastWasWelcome.withLock { $0 = true }
        metrics.connections.increment()
        channel.closeFuture.whenComplete { [census, metrics] _ in
            census.leave(channel, address: address)
            metrics.connections.decrement()
        }
        return channel.eventLoop.makeCompletedFuture {
            let peer = "\(ClientAddress.short(address)):\(channel.remoteAddress?.port ?? 0)"
            let connection = FeedConnection(
                channel: channel, peer: peer, transport: isSecure ? "rtmps" : "rtmp", authority: authority,
                metrics: metrics, logger: logger)
            if isSecure {
                guard let tls = tls.withLock({ $0 }) else { throw ChannelError.ioOnClosedChannel }
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
            }
            try channel.pipeline.syncOperations.addHandler(
                RTMPServerHandler(
                    host: connection, limits: limits.session, seed: UInt64.random(in: 0...UInt64.max)))
        }
    }
}
