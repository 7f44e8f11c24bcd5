import Foundation
import Ingest
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import SRT
import ServiceLifecycle

/// The ports that hosts publish to: RTMP, RTMPS where there is a certificate, SRT.
struct HostPorts: Sendable {
    struct Ports: Sendable {
        var rtmp: Int
        /// Nil without a certificate.
        var rtmps: Int?
        /// Nil where SRT is switched off.
        var srt: Int?
    }

    let ports: Ports
    let services: [any Service]
    private let listeners: [RTMPListener]
    private let secured: RTMPListener?
    private let srt: SRTListener?

    /// Opens all of them. Throws `SettingsFault` where one cannot be had.
    init(settings: Settings, authority: any FeedAuthority, group: any EventLoopGroup, logger: Logger)
        async throws
    {
        let limits = RTMPListener.Limits(
            connections: settings.limits.feeds, connectionsPerAddress: settings.limits.feedsPerAddress)
        func listener(_ name: String, _ port: Int, _ tls: NIOSSLContext?) async throws -> (RTMPListener, Int)
        {
            let listener = RTMPListener(
                host: settings.rtmp.host, port: port, tls: tls, limits: limits, authority: authority,
                eventLoopGroup: group, logger: logger)
            let address = try await HostPorts.bound(name, settings.rtmp.host, port) {
                try await listener.bind()
            }
            return (listener, address.port ?? 0)
        }
        let rtmp = try await listener("RTMP", settings.rtmp.port, nil)
        var services: [any Service] = [rtmp.0]
        var secure: Int?
        var secured: RTMPListener?
        if let tls = try HostPorts.context(settings) {
            let rtmps = try await listener("RTMPS", settings.rtmps.port, tls)
            services.append(rtmps.0)
            secure = rtmps.1
            secured = rtmps.0
        }
        var open: Int?
        var caller: SRTListener?
        if settings.srt.isOn {
            let srt = try HostPorts.listener(settings, authority, logger)
            services.append(SRTService(listener: srt))
            open = srt.port
            caller = srt
        }
        ports = Ports(rtmp: rtmp.1, rtmps: secure, srt: open)
        self.services = services
        listeners = [rtmp.0] + [secured].compactMap { $0 }
        self.secured = secured
        srt = caller
    }

    /// Hosts at most, from now on; those that are in stay.
    func limit(connections: Int, perAddress: Int) {
        for listener in listeners { listener.limit(connections: connections, perAddress: perAddress) }
        srt?.limit(connections: connections, perAddress: perAddress)
    }

    /// Reads the certificate anew, for hosts from now on. Throws `SettingsFault`, and the one before stays.
    func renewCertificate(_ settings: Settings) throws {
        guard let secured, let fresh = try HostPorts.context(settings) else { return }
        secured.change(to: fresh)
    }

    private static func listener(
        _ settings: Settings, _ authority: any FeedAuthority, _ logger: Logger
    ) throws -> SRTListener {
        do throws(SRTFault) {
            let srt = try SRTListener(
                host: settings.srt.host, port: settings.srt.port,
                limits: .init(
                    connections: settings.limits.feeds,
                    connectionsPerAddress: settings.limits.feedsPerAddress,
                    latency: settings.srt.latency),
                door: SRTFeeds(authority: authority, logger: logger))
            try srt.start()
            return srt
        } catch {
            let place = "SRT port \(settings.srt.port) on \(settings.srt.host)"
            throw SettingsFault(
                error.isInUse
                    ? "\(place) is in use: stop what uses it, or set another port"
                    : "\(place) cannot be opened: \(error.reason)")
        }
    }

    /// The certificate of HTTPS serves hosts too.
    private static func context(_ settings: Settings) throws -> NIOSSLContext? {
        guard let certificate = settings.https.certificate, let key = settings.https.key else { return nil }
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SettingsFault(
                "https.certificate and https.key cannot be used for RTMPS: check both PEM files (\(error))")
        }
    }

    private static func bound<Address>(
        _ name: String, _ host: String, _ port: Int, _ bind: () async throws -> Address
    ) async throws -> Address {
        do {
            return try await bind()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw SettingsFault(
                "\(name) port \(port) on \(host) is in use: stop what uses it, or set another port")
        } catch let error as IOError where error.errnoCode == EACCES {
            throw SettingsFault(
                "\(name) port \(port) on \(host) may not be opened: ports below 1024 need root")
        }
    }
}

/// Keeps the SRT port until shutdown; its thread serves from the start.
private struct SRTService: Service {
    let listener: SRTListener

    func run() async throws {
        try? await gracefulShutdown()
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                listener.stop()
                continuation.resume()
            }
        }
    }
}
