import Foundation
import Logging
import Media
import ServiceLifecycle

/// The server with a show of its own and a sample host in it: what `Deploy/demo` runs.
package struct Demonstration: Sendable {
    private let settings: Settings
    private let file: String

    package init(settings: Settings, file: String?) {
        var settings = settings
        if settings.shows.isEmpty, let id = ShowID("demo") {
            settings.shows = [Settings.Show(id: id, title: "Shopcast demo", streamKey: "demo-stream-key")]
        }
        self.settings = settings
        self.file = file ?? Checkout.cached("clip.flv") ?? "clip.flv"
    }

    package func run() async throws {
        guard let show = settings.shows.first else {
            throw SettingsFault("the demo needs a show in the settings")
        }
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw SettingsFault("the sample clip '\(file)' cannot be read: make it with Samples/make-clip")
        }
        let (host, file) = (settings.http.host, file)
        let rtmpHost = settings.rtmp.host
        try await Server(settings: settings) { addresses in
            let url = "rtmp://\(rtmpHost):\(addresses.rtmp)/live/"
            var lines = ["watch    http://\(host):\(addresses.http)/shows/\(show.id)"]
            if let https = addresses.https {
                lines.append("         https://\(host):\(https)/shows/\(show.id)")
            }
            lines.append(
                "studio   http://\(host):\(addresses.http)/studio/\(show.id)   (key: \(show.streamKey))")
            lines.append("all      http://\(host):\(addresses.http)/")
            lines.append("playlist http://\(host):\(addresses.http)/live/\(show.id)/index.m3u8")
            lines.append("publish  \(url)\(show.streamKey)   (takes over from the sample host)")
            FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n").utf8))
            return [SampleHostService(host: SampleHost(file: file, url: url + show.streamKey))]
        }.run()
    }
}

/// Runs the sample host until the server stops. A host that was pushed off the air by another stays off.
private struct SampleHostService: Service {
    let host: SampleHost

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                try await host.run()
            } catch is CancellationError {
            } catch {
                FileHandle.standardError.write(Data("the sample host has left: \(error)\n".utf8))
            }
        }
        try? await gracefulShutdown()
    }
}
