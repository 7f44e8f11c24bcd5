import Delivery
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A server on free ports for the length of a test.
enum TestServer {
    struct Running: Sendable {
        var http: Int
        var https: Int
        var service: HTTPService
        var stop: @Sendable () async -> Void
    }

    /// A certificate of its own, made once a process by openssl.
    static let certificate: (certificate: String, key: String) = {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("shopcast-test-\(ProcessInfo.processInfo.processIdentifier)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let paths = (folder.appendingPathComponent("c.pem").path, folder.appendingPathComponent("k.pem").path)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2",
            "-subj", "/CN=localhost", "-keyout", paths.1, "-out", paths.0,
        ]
        process.standardError = FileHandle.nullDevice
        try? process.run()
        process.waitUntilExit()
        return paths
    }()

    /// Requests for `/wait` that are being answered.
    static let waiting = Atomic<Int>(0)

    static func run(
        _ directory: any ShowDirectory, tls: Bool = false, targetDuration: Duration = .seconds(2),
        limits: DeliverySettings.Limits = .init(), lines: (any LineHost)? = nil,
        _ body: @Sendable (Running) async throws -> Void
    ) async throws {
        let router = Router()
        router.get("hello") { _, _ in "Hello" }
        router.get("large") { _, _ in String(repeating: "x", count: 500_000) }
        router.post("echo") { request, _ in
            try await String(buffer: request.body.collect(upTo: 1_000_000))
        }
        router.post("wait") { _, _ in
            TestServer.waiting.add(1, ordering: .relaxed)
            defer { TestServer.waiting.subtract(1, ordering: .relaxed) }
            try await Task.sleep(for: .seconds(20))
            return "Done"
        }
        router.get("broken") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "half"))
                    throw CancellationError()
                })
        }
        var settings = DeliverySettings(http: .init(host: "127.0.0.1", port: 0))
        if tls {
            settings.https = .init(
                address: .init(host: "127.0.0.1", port: 0), certificate: certificate.certificate,
                key: certificate.key)
        }
        settings.limits = limits
        settings.targetDuration = targetDuration
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let service = HTTPService(
            settings: settings, directory: directory, lines: lines, responder: router.buildResponder(),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let ports = try await service.bind()
        let group = ServiceGroup(configuration: .init(services: [service], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let running = Running(
                http: ports.http ?? 0, https: ports.https ?? 0, service: service,
                stop: { await group.triggerGracefulShutdown() })
            do {
                try await body(running)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
