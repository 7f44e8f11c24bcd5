import Foundation

/// Where the carried player module (hls.js) is looked for.
enum PlayerModule {
    /// The folder that holds `hls.mjs`: the setting, else `player` beside the executable, else the checkout's cache.
    static func find(_ settings: Settings) -> String? {
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        var places = [executable.appendingPathComponent("player").path]
        var folder = executable
        // A build inside a checkout: .build/TRIPLE/release is three below it.
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        places.append(folder.appendingPathComponent(".cache/player").path)
        if let set = settings.player { places = [set] }
        return places.first { FileManager.default.isReadableFile(atPath: $0 + "/hls.mjs") }
    }
}
