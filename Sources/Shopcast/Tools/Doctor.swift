import Codecs
import Foundation
import Hearing
import Media
import NIOCore
import NIOPosix
import Shows

/// Looks whether this machine can run the server: each line says ok, or what to do.
package enum Doctor {
    package struct Finding: Sendable, Hashable {
        package var isGood: Bool
        package var text: String
    }

    package static func examine(_ settings: Settings) async -> [Finding] {
        var findings = settings.warnings.map { Finding(isGood: true, text: "settings: \($0)") }
        findings.append(Finding(isGood: true, text: "settings: \(settings.shows.count) shows"))
        if settings.shows.isEmpty {
            findings.append(
                Finding(
                    isGood: false,
                    text: "settings: no show: add one under 'shows' with id, title and streamKey"))
        }
        findings.append(await port("HTTP", settings.http.host, settings.http.port))
        findings.append(await port("RTMP", settings.rtmp.host, settings.rtmp.port))
        if settings.srt.isOn {
            findings.append(await datagramPort("SRT", settings.srt.host, settings.srt.port))
        }
        if let certificate = settings.https.certificate, let key = settings.https.key {
            findings.append(await port("HTTPS", settings.http.host, settings.https.port))
            findings.append(await port("RTMPS", settings.rtmp.host, settings.rtmps.port))
            findings.append(readable("https.certificate", certificate))
            findings.append(readable("https.key", key))
        } else {
            findings.append(
                Finding(isGood: true, text: "HTTPS: off (set https.certificate and https.key for HTTP/2)"))
        }
        findings += CodecInventory.check().map { Finding(isGood: $0.isPresent, text: "codecs: \($0.text)") }
        findings.append(disk(settings.data))
        findings.append(player(settings))
        findings.append(recogniser(settings))
        return findings
    }

    private static func port(_ name: String, _ host: String, _ port: Int) async -> Finding {
        await examine(name, host, port) {
            try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port).get()
        }
    }

    private static func datagramPort(_ name: String, _ host: String, _ port: Int) async -> Finding {
        await examine(name, host, port) {
            try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(host: host, port: port).get()
        }
    }

    private static func examine(
        _ name: String, _ host: String, _ port: Int, _ open: () async throws -> any Channel
    ) async -> Finding {
        do {
            let channel = try await open()
            try await channel.close()
            return Finding(isGood: true, text: "\(name): \(host):\(port) is free")
        } catch {
            return Finding(
                isGood: false,
                text:
                    "\(name): \(host):\(port) cannot be opened (\(error)): stop what uses it, or set another port"
            )
        }
    }

    private static func readable(_ key: String, _ path: String) -> Finding {
        FileManager.default.isReadableFile(atPath: path)
            ? Finding(isGood: true, text: "\(key): '\(path)' can be read")
            : Finding(
                isGood: false, text: "\(key): '\(path)' cannot be read: check the path and its permissions")
    }

    private static func disk(_ path: String) -> Finding {
        var folder = URL(fileURLWithPath: path)
        while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
            folder.deleteLastPathComponent()
        }
        guard FileManager.default.isWritableFile(atPath: folder.path) else {
            return Finding(
                isGood: false, text: "disk: '\(path)' cannot be written: set 'data' to a folder of yours")
        }
        let free =
            try? FileManager.default.attributesOfFileSystem(forPath: folder.path)[.systemFreeSize] as? Int
        let gibibytes = Double(free ?? 0) / Double(1 << 30)
        let text = "disk: \(String(format: "%.1f", gibibytes)) GiB free for '\(path)'"
        return gibibytes < 1
            ? Finding(isGood: false, text: text + ": make room for at least 1 GiB")
            : Finding(isGood: true, text: text)
    }

    /// Only where a show needs one it is a fault that there is none.
    private static func recogniser(_ settings: Settings) -> Finding {
        guard settings.speech.isOn else { return Finding(isGood: true, text: "speech: off") }
        let language =
            settings.shows.lazy.compactMap { show in show.captions.first { $0.source == .speech }?.language }
            .first
        switch SpeechEquipment(settings.speech).engine(for: language ?? .english) {
        case .success(let engine):
            let note = engine.isRough ? ", with many errors (Deploy/speech installs a better one)" : ""
            return Finding(isGood: true, text: "speech: \(engine.rawValue) hears shows\(note)")
        case .failure(let refusal):
            return Finding(isGood: language == nil, text: "speech: \(refusal)")
        }
    }

    private static func player(_ settings: Settings) -> Finding {
        PlayerModule.find(settings) == nil
            ? Finding(
                isGood: false,
                text: "player: hls.mjs is missing (run Deploy/fetch-player); pages play natively only")
            : Finding(isGood: true, text: "player: hls.mjs is there")
    }
}
