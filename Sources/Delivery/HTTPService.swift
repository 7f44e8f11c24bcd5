// In: TCP connections on the plain and the TLS port. Out: media answered on the event loops, everything else by
// Hummingbird in child tasks of `run`. Blocks: nothing. Bound: `Limits.connections`; policy: newcomers are closed;
// counter: shopcast_http_connections_refused_total. Ends: listeners first, then answers in flight, then the rest.

package import Hummingbird
import HummingbirdCore
package import Logging
package import Media
package import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization

/// The HTTP server: HTTP/1.1 in the clear, HTTP/2 and HTTP/1.1 over TLS.
package final class HTTPService: Service {
    /// The ports that were bound; nil where a listener is off.
    package struct Ports: Sendable, Hashable {
        package var http: Int?
        package var https: Int?
    }

    private let settings: DeliverySettings
    private let house: House
    private let desks: [Desk]
    private let byLoop: [ObjectIdentifier: Desk]
    private let group: any EventLoopGroup
    private let logger: Logger
    private let connectionsAtMost: Atomic<Int>
    /// Of the TLS port's next connection.
    private let tls = Mutex<NIOSSLContext?>(nil)
    private let respond: RestResponder
    private let listeners = Mutex<(channels: [any Channel], ports: Ports)?>(nil)
    private let ticks = Mutex<[RepeatedTask]>([])

    /// - Parameters:
    ///   - directory: the shows' windows.
    ///   - gatekeeper: who may watch them.
    ///   - door: which proxies are believed.
    ///   - notes: hears what players say of themselves.
    ///   - lines: what stands behind the addresses of WebSockets and server-sent events.
    ///   - responder: answers what is not under `/live/` (`router.buildResponder()`).
    package init<R: HTTPResponder>(
        settings: DeliverySettings, directory: any ShowDirectory,
        gatekeeper: any Gatekeeper = OpenHouse(), door: FrontDoor = FrontDoor(),
        notes: (any PlayerNotes)? = nil, lines: (any LineHost)? = nil, responder: R,
        eventLoopGroup: any EventLoopGroup, logger: Logger
    ) where R.Context: InitializableFromSource<ApplicationRequestContextSource> {
        self.settings = settings
        self.group = eventLoopGroup
        self.logger = logger
        connectionsAtMost = Atomic(HTTPService.possible(settings.limits.connections, logger))
        house = House(
            settings: settings, directory: directory, gatekeeper: gatekeeper, door: door, notes: notes,
            lines: lines)
        desks = house.furnish(eventLoopGroup)
        byLoop = Dictionary(uniqueKeysWithValues: desks.map { (ObjectIdentifier($0.loop), $0) })
        respond = RestResponder(responder, logger: logger)
    }

    /// So many of the connections that are wanted as the system's limit of open files allows.
    private static func possible(_ wanted: Int, _ logger: Logger) -> Int {
        // Some files are left for everything else.
        let spare = OpenFiles.raiseLimit() - 256
        let most = max(16, min(wanted, spare))
        if spare < wanted {
            logger.notice(
                "Fewer connections than set: the limit of open files is in the way",
                metadata: ["http.connections": "\(most)", "http.set": "\(wanted)"])
        }
        return most
    }

    /// Viewers' connections at most, from now on; those that stand stay.
    package func limit(connections: Int) {
        connectionsAtMost.store(HTTPService.possible(connections, logger), ordering: .relaxed)
    }

    /// Reads the certificate and its key anew, for connections from now on; where they cannot be used, those before stay.
    package func renewCertificate() throws(DeliveryError) {
        guard let files = settings.https else { return }
        let fresh = try files.context()
        tls.withLock { $0 = fresh }
    }

    /// Asks whoever is here to come again over another connection, while all is still served: the server will stop.
    package func sendAway() {
        house.isLeaving.store(true, ordering: .relaxed)
        for desk in desks { desk.loop.execute { desk.sendAway() } }
    }

    /// Viewers of every show that has some, by who asked for playlists.
    package var viewers: [ShowID: Int] { house.viewers.counts }

    /// Viewers of a show: who asked for one of its playlists in the last ten seconds. Two seconds old at most.
    package func viewers(of show: ShowID) -> Int { house.viewers.count(of: show) }

    /// Open connections of both ports.
    package var connections: Int { house.connections.load(ordering: .relaxed) }

    /// Takes the ports; connections are answered from here on, Hummingbird's routes once `run` goes.
    @discardableResult
    package func bind() async throws(DeliveryError) -> Ports {
        if let bound = listeners.withLock({ $0?.ports }) { return bound }
        var ports = Ports()
        var channels: [any Channel] = []
        do {
            if let address = settings.http {
                let channel = try await listen(on: address, isSecure: false)
                channels.append(channel)
                ports.http = channel.localAddress?.port
            }
            if let files = settings.https {
                let context = try files.context()
                tls.withLock { $0 = context }
                let channel = try await listen(on: files.address, isSecure: true)
                channels.append(channel)
                ports.https = channel.localAddress?.port
            }
        } catch {
            for channel in channels { channel.close(promise: nil) }
            throw error
        }
        house.disk.start()
        listeners.withLock { $0 = (channels, ports) }
        startClocks()
        return ports
    }

    private func listen(
        on address: DeliverySettings.Address, isSecure: Bool
    ) async throws(DeliveryError) -> any Channel {
        var bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try admit(channel, isSecure: isSecure) }
            }
        if isSecure {
            // Many answers share a connection: what is handed to the kernel can no longer be overtaken by a more
            // urgent one, so little is handed over before the network takes it.
            bootstrap =
                bootstrap
                .childChannelOption(.tcpOption(.notSentLowWaterMark), value: 16 * 1024)
                .childChannelOption(
                    .writeBufferWaterMark, value: .init(low: 8 * 1024, high: 32 * 1024))
        }
        do {
            let channel = try await bootstrap.bind(host: address.host, port: address.port).get()
            logger.info(
                "Listening",
                metadata: [
                    "http.host": "\(address.host)", "http.port": "\(channel.localAddress?.port ?? 0)",
                    "http.tls": "\(isSecure)",
                ])
            return channel
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw .addressInUse(host: address.host, port: address.port)
        } catch {
            throw .cannotListen(host: address.host, port: address.port, reason: "\(error)")
        }
    }

    /// On the connection's event loop.
    private func admit(_ channel: any Channel, isSecure: Bool) throws {
        let count = house.connections.wrappingAdd(1, ordering: .relaxed).newValue
        let house = house
        channel.closeFuture.whenComplete { _ in
            house.connections.wrappingSubtract(1, ordering: .relaxed)
        }
        guard count <= connectionsAtMost.load(ordering: .relaxed), !house.isStopping.load(ordering: .relaxed),
            let desk = byLoop[ObjectIdentifier(channel.eventLoop)]
        else {
            house.metrics.refusedConnection()
            throw ChannelError.ioOnClosedChannel
        }
        let pipeline = channel.pipeline.syncOperations
        if isSecure {
            guard let tls = tls.withLock({ $0 }) else { throw ChannelError.ioOnClosedChannel }
            try pipeline.addHandler(NIOSSLServerHandler(context: tls))
            try pipeline.addHandler(Doorway(desk: desk))
        } else {
            try pipeline.addHandler(HTTP1Connection(desk: desk, isSecure: false))
        }
    }

    private func startClocks() {
        let house = house
        var tasks = desks.map { desk in
            desk.loop.scheduleRepeatedTask(initialDelay: Desk.tickPeriod, delay: Desk.tickPeriod) { _ in
                desk.tick()
            }
        }
        tasks.append(
            group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(2)) { _ in
                // Counting a large audience would keep the loop's connections waiting.
                NIOThreadPool.singleton.submit { _ in house.recount() }
            })
        ticks.withLock { $0 = tasks }
    }

    /// Serves until graceful shutdown; binds first where `bind` was not called.
    package func run() async throws {
        try await bind()
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { tasks in
                for await task in house.rest.tasks {
                    tasks.addTask { [respond, logger] in await task.run(respond, logger) }
                }
            }
        } onCancelOrGracefulShutdown: {
            self.stop()
        }
        for task in ticks.withLock({ $0 }) { task.cancel() }
        await house.disk.stop()
        logger.info("Stopped serving")
    }

    /// Closes the listeners, lets answers finish, and closes what is left after `Limits.shutdown`.
    private func stop() {
        guard !house.isStopping.exchange(true, ordering: .relaxed) else { return }
        for channel in listeners.withLock({ $0?.channels ?? [] }) { channel.close(promise: nil) }
        for desk in desks { desk.loop.execute { desk.quiesce() } }
        let end = NIODeadline.now() + TimeAmount(settings.limits.shutdown)
        let (house, desks) = (house, desks)
        group.next().scheduleRepeatedTask(initialDelay: .milliseconds(20), delay: .milliseconds(20)) { task in
            let isEmpty = house.connections.load(ordering: .relaxed) == 0
            guard isEmpty || .now() >= end else { return }
            task.cancel()
            for desk in desks { desk.loop.execute { desk.abort() } }
            house.rest.finish()
        }
    }
}

extension NIOBSDSocket.Option {
    /// TCP_NOTSENT_LOWAT of Linux: unsent bytes above which the socket takes no more.
    static let notSentLowWaterMark = NIOBSDSocket.Option(rawValue: 25)
}
