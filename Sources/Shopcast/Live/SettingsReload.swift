import Foundation
import Logging
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Reads the settings file anew on SIGHUP: what can change while the server runs is taken up at once, the rest is named.
/// A file that cannot be used changes nothing.
struct SettingsReload: Service {
    let settings: Settings
    let environment: [String: String]
    let logger: Logger
    /// Trapped before the server says that it is ready: an untrapped signal would end the process.
    let signals: UnixSignalsSequence
    /// Takes up what `SettingsDifference.changeable` names.
    let apply: @Sendable (Settings) -> Void

    func run() async throws {
        var text = await read()
        for await _ in signals.cancelOnGracefulShutdown() {
            text = await reload(from: text) ?? text
        }
    }

    /// The text of the file that counts now; nil where nothing has changed.
    private func reload(from old: String?) async -> String? {
        guard let file = settings.file else {
            logger.warning("SIGHUP: there is no settings file to read; start with --config")
            return nil
        }
        guard let new = await read() else {
            logger.error("the settings file cannot be read; the settings stay", metadata: ["file": "\(file)"])
            return nil
        }
        let fresh: Settings
        do {
            fresh = try Settings.load(path: file, environment: environment)
        } catch {
            logger.error(
                "the settings cannot be used; those before stay", metadata: ["error": "\(error)"])
            return nil
        }
        let difference = SettingsDifference(from: old ?? "", to: new, environment: environment)
        guard !difference.isEmpty else {
            logger.notice("settings read: nothing has changed")
            return new
        }
        apply(fresh)
        if !difference.live.isEmpty {
            logger.notice(
                "settings changed", metadata: ["settings": "\(difference.live.joined(separator: " "))"])
        }
        if !difference.resting.isEmpty {
            logger.warning(
                "these settings have changed and wait for a restart",
                metadata: ["settings": "\(difference.resting.joined(separator: " "))"])
        }
        return new
    }

    private func read() async -> String? {
        guard let file = settings.file else { return nil }
        let data = try? await NIOThreadPool.singleton.runIfActive {
            FileManager.default.contents(atPath: file)
        }
        return (data ?? nil).flatMap { String(data: $0, encoding: .utf8) }
    }
}
