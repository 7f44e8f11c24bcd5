import Foundation

/// The checkout that this executable was built in, where it was.
enum Checkout {
    /// A file or folder of the checkout's `.cache`, which `Deploy/` fills; nil where it is not there.
    static func cached(_ name: String) -> String? { file(".cache/\(name)") }

    /// A file or folder of the checkout, by its path there; nil where it is not there.
    static func file(_ name: String) -> String? {
        // .build/TRIPLE/release/shopcast: the checkout is four above the executable.
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        let path = folder.appendingPathComponent(name).path
        return FileManager.default.isReadableFile(atPath: path) ? path : nil
    }
}

/// Where the carried player module (hls.js) is looked for.
enum PlayerModule {
    /// The folder that holds `hls.mjs`: the setting, else `player` beside the executable, else the checkout's cache.
    static func find(_ settings: Settings) -> String? {
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = executable.deletingLastPathComponent().appendingPathComponent("player").path
        let places = settings.player.map { [$0] } ?? [beside, Checkout.cached("player")].compactMap { $0 }
        return places.first { FileManager.default.isReadableFile(atPath: $0 + "/hls.mjs") }
    }
}
