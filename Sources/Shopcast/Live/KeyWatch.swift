import Foundation
import Logging
import NIOPosix
import Protection
import ServiceLifecycle

/// Looks every two seconds whether the files with the playback keys have changed, and takes the new keys: they rotate
/// without a restart. Keys that cannot be used are told in the log, and those before them stay good.
struct KeyWatch: Service {
    static let period = Duration.seconds(2)

    let settings: Settings
    let gate: PassGate
    let logger: Logger

    func run() async throws {
        let files = [settings.file, settings.playback.jwks].compactMap { $0 }
        var seen = await FileStamps.now(of: files)
        while !Task.isShuttingDownGracefully {
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: KeyWatch.period) }
            } catch {
                return
            }
            let now = await FileStamps.now(of: files)
            guard now != seen else { continue }
            seen = now
            do {
                let keys = try await PassKeys(reloading: settings)
                gate.change(to: keys)
                logger.notice("playback keys changed", metadata: ["keys": "\(keys.count)"])
            } catch {
                logger.error(
                    "the new playback keys cannot be used; the ones before stay",
                    metadata: ["error": "\(error)"])
            }
        }
    }
}

extension PassKeys {
    /// The keys of the settings. Throws `SettingsFault`.
    init(_ settings: Settings) async throws {
        let playback = settings.playback
        var document: String?
        if let path = playback.jwks {
            let data = try? await NIOThreadPool.singleton.runIfActive {
                FileManager.default.contents(atPath: path)
            }
            guard let data = data ?? nil, data.count <= 1 << 20,
                let text = String(data: data, encoding: .utf8)
            else {
                throw SettingsFault(
                    "the file of playback keys '\(path)' cannot be read: check protection.jwks")
            }
            document = text
        }
        do {
            try await self.init(
                secrets: playback.secrets.map { PassKeys.Secret(kid: $0.kid, secret: $0.secret) },
                jwks: document)
        } catch {
            throw SettingsFault("\(error)")
        }
    }

    /// As the files are now.
    fileprivate init(reloading settings: Settings) async throws {
        var settings = settings
        if let path = settings.file {
            let read = try await NIOThreadPool.singleton.runIfActive {
                try Settings.load(path: path, environment: ProcessInfo.processInfo.environment)
            }
            settings.playback.secrets = read.playback.secrets
        }
        try await self.init(settings)
    }
}
