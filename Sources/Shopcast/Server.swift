import API
import Audience
import Captioning
import Chat
import Codecs
import Delivery
import Foundation
import Hummingbird
import Logging
import Media
import Metrics
import NIOCore
import NIOPosix
import Outbound
import Persistence
import Protection
package import ServiceLifecycle
import Shows
import Telemetry
import UnixSignals

/// The whole server in one process: opens the data folder, wires the rooms, listens, and runs until it is told to stop.
package struct Server: Sendable {
    private let settings: Settings
    private let onReady: @Sendable (Addresses) -> [any Service]

    /// The ports on which the server listens, as it came out (a port 0 in the settings is a real one here).
    package struct Addresses: Sendable {
        package var http: Int
        package var https: Int?
        package var rtmp: Int
        package var rtmps: Int?
        /// Nil where SRT is switched off.
        package var srt: Int?
    }

    /// `onReady` is told the addresses once everything listens; the services that it returns run along.
    package init(settings: Settings, onReady: @escaping @Sendable (Addresses) -> [any Service] = { _ in [] })
    {
        self.settings = settings
        self.onReady = onReady
    }

    /// Runs until SIGTERM or SIGINT. Throws `SettingsFault` where it cannot start: ports in use, folder locked.
    package func run() async throws {
        MediaHeap.limit()
        // First of all: an instrument made before the registry stands counts for nobody.
        let registry = Server.registry
        let threshold = LogThreshold(settings.logLevel)
        let logger = makeLogger(threshold)
        for warning in settings.warnings { logger.warning("settings", metadata: ["note": "\(warning)"]) }
        let folder = try DataFolder(path: settings.data)
        let group = MultiThreadedEventLoopGroup.singleton
        let door = FrontDoor(FrontDoor.Rules(settings))
        let (store, roster) = try await openStore(folder, logger)
        let audience = AudienceDesk(ledger: AudienceLedger(settings, store: store, logger: logger))
        let index = roster.index

        let doorkeeper = Doorkeeper(settings, keys: try await PassKeys(settings)) {
            index[$0]?.visibility == .token
        }
        let hooks = try HookBureau(
            store: store, settings: settings, publicURL: door.rules.publicURL, group: group, logger: logger)
        let bureau = try TranslationBureau(settings: settings, group: group, logger: logger)
        let hall = try await ChatHall.open(
            settings, store: store, index: index, detector: bureau.detector, logger: logger)
        let backstage = Backstage(
            roster: roster, store: store, audience: audience, hooks: hooks,
            chat: ChatHouse(hall: hall, doorkeeper: doorkeeper), settings: settings,
            publicURL: door.rules.publicURL)
        let fanout = Fanout(
            hall: hall, settings: settings.fanout,
            translation: settings.translation.isOn ? bureau.desk : nil, viewers: { audience.viewers(of: $0) })
        let translator = CueTranslator(
            settings, captions: roster.captions, desk: bureau.desk, store: store, chats: hall, logger: logger)
        let site = try Site(
            settings: settings, roster: roster, backstage: backstage, registry: registry, door: door,
            audience: audience)
        let http = HTTPService(
            settings: DeliverySettings(settings), directory: roster,
            gatekeeper: doorkeeper, door: door, notes: audience,
            lines: ChatDoor(
                fanout: fanout, captions: CaptionChannel(hall: roster.captions, fanout: fanout),
                intake: CaptionIntake(bureau: backstage.captions, people: store, shows: store),
                visitors: backstage.visitors, sameOrigin: backstage.sameOrigin,
                gatekeeper: doorkeeper, facts: { index[$0] }),
            responder: try site.makeRouter(gatekeeper: doorkeeper).buildResponder(),
            eventLoopGroup: group, logger: logger)
        audience.setRequests { http.viewers }

        let hosts = try await HostPorts(settings: settings, authority: roster, group: group, logger: logger)
        let ports = try await http.bind()
        let addresses = Addresses(
            http: ports.http ?? 0, https: ports.https, rtmp: hosts.ports.rtmp, rtmps: hosts.ports.rtmps,
            srt: hosts.ports.srt)
        logger.notice(
            "listening",
            metadata: [
                "version": "\(shopcastVersion)", "http": "\(settings.http.host):\(addresses.http)",
                "https": "\(addresses.https.map { "\(settings.http.host):\($0)" } ?? "off")",
                "rtmp": "\(settings.rtmp.host):\(addresses.rtmp)",
                "rtmps": "\(addresses.rtmps.map { "\(settings.rtmp.host):\($0)" } ?? "off")",
                "srt": "\(addresses.srt.map { "\(settings.srt.host):\($0)" } ?? "off")",
                "shows": "\(settings.shows.count)",
            ])
        let heartbeat = Heartbeat(loop: group.next()) { roster.tick(now: $0) }
        let desk = StoreDesk(store: store)
        let viewers = ViewerWords(desk: backstage.viewers)
        let control = ControlSocket(socket: DataFolder.controlSocket(in: settings.data), logger: logger) {
            words in
            if let reply = await viewers.answer(words) { return reply }
            // They wait for the disk.
            let reply = try? await NIOThreadPool.singleton.runIfActive {
                desk.answer(words) ?? roster.answer(words)
            }
            return reply ?? .error("the server is stopping")
        }
        let sweep = StoreSweep(
            store: store, covers: backstage.tidyCovers, keepDays: settings.audit.keepDays, logger: logger)
        try await tellSetUpLink(desk, addresses, logger)
        site.becomeReady(ports: hosts.ports)

        // They stop in the reverse of this order, each when the one behind it has.
        let reload = SettingsReload(
            settings: settings, environment: ProcessInfo.processInfo.environment, logger: logger,
            signals: await UnixSignalsSequence(trapping: .sighup)
        ) { fresh in
            threshold.level = fresh.logLevel
            http.limit(connections: fresh.limits.connections)
            hosts.limit(connections: fresh.limits.feeds, perAddress: fresh.limits.feedsPerAddress)
            site.change(metricsPublic: fresh.metricsPublic)
            door.change(to: FrontDoor.Rules(fresh))
            audience.ledger.change(beatsPerAddress: fresh.audience.beatsPerAddress)
        }
        var services: [any Service] = [
            hooks.dispatcher, audience, control, reload, heartbeat, HeapWatch(), sweep,
        ]
        services.append(ChatFloor(fanout: fanout))
        if let translator { services.append(CaptionFloor(translator: translator)) }
        services.append(ChatWatch(hall: hall, words: settings.chatWords, logger: logger))
        services.append(CertificateWatch(settings: settings, http: http, hosts: hosts, logger: logger))
        services += [http] + hosts.services + [CurtainFall(roster: roster)]
        if !settings.playback.secrets.isEmpty || settings.playback.jwks != nil {
            services.insert(KeyWatch(settings: settings, gate: doorkeeper.gate, logger: logger), at: 0)
        }
        let farewell = Farewell(
            site: site, http: http, drainSeconds: settings.http.drainSeconds, logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: (services + onReady(addresses) + [farewell]).map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10 + settings.http.drainSeconds)
        try await ServiceGroup(configuration: configuration).run()
        await roster.shutDown()
        await hooks.client.shutDown()
        await bureau.shutDown()
        try? await NIOThreadPool.singleton.runIfActive {
            hall.settle()
            try store.close()
        }
        logger.notice("stopped")
    }

    /// Waits for the disk. Throws `SettingsFault` where the store cannot be used.
    private func openStore(_ folder: DataFolder, _ logger: Logger) async throws -> (Store, ShowRoster) {
        let settings = settings
        return try await NIOThreadPool.singleton.runIfActive {
            do {
                let store = try Store(path: DataFolder.store(in: settings.data), logger: logger)
                return (
                    store, try ShowRoster(settings: settings, folder: folder, store: store, logger: logger)
                )
            } catch let fault as StoreFault {
                throw SettingsFault(fault.description)
            }
        }
    }

    /// While no operator can come in, each start tells a new link with which one can.
    private func tellSetUpLink(_ desk: StoreDesk, _ addresses: Addresses, _ logger: Logger) async throws {
        guard let secret = try await NIOThreadPool.singleton.runIfActive({ try desk.inviteFirstOperator() })
        else { return }
        let place =
            settings.http.publicURL ?? addresses.https.map { "https://\(settings.http.host):\($0)" }
            ?? "http://\(settings.http.host):\(addresses.http)"
        logger.notice(
            "nobody can sign in yet: open this link once, within three days, and choose a password",
            metadata: ["link": "\(place)/welcome/\(secret)"])
    }

    /// One registry for the process: swift-metrics has one factory.
    private static let registry: PrometheusRegistry = {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }()

    private func makeLogger(_ threshold: LogThreshold) -> Logger {
        let format = settings.logFormat
        return Logger(label: "shopcast") { OperatorLog(label: $0, format: format, threshold: threshold) }
    }
}
