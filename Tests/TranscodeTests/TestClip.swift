import Foundation
import Synchronization

/// Short clips that ffmpeg makes at test time, each once for a process.
enum TestClip {
    private static let made = Mutex<[String: String]>([:])
    private static let folder: String = {
        let path = NSTemporaryDirectory() + "shopcast-clips-\(ProcessInfo.processInfo.processIdentifier)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }()

    struct Failed: Error { let text: String }

    /// The path of a file that ffmpeg made with these arguments; `kind` is the file's extension.
    static func make(_ name: String, _ arguments: String, kind: String = "mp4") throws -> String {
        try made.withLock { made in
            if let path = made[name] { return path }
            let path = "\(folder)/\(name).\(kind)"
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments =
                ["ffmpeg", "-nostdin", "-v", "error", "-y"] + arguments.split(separator: " ").map(String.init)
                + [path]
            let errors = Pipe()
            process.standardError = errors
            try process.run()
            let text = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw Failed(text: String(decoding: text, as: UTF8.self))
            }
            made[name] = path
            return path
        }
    }

    static let tone = "-f lavfi -i sine=f=440:r=48000"

    /// Moving bars with a tone, x264, GOP of `gop` pictures.
    static func bars(
        _ name: String, size: String = "320x180", rate: String = "30", seconds: Double = 5, gop: Int = 60,
        extra: String = "-bf 0", audio: String = "-c:a aac -b:a 96k", kind: String = "mp4"
    ) throws -> String {
        try make(
            name,
            "-f lavfi -i testsrc2=s=\(size):r=\(rate) \(tone) -t \(seconds) -c:v libx264 -preset ultrafast"
                + " -tune fastdecode -profile:v high -g \(gop) -keyint_min \(gop) -sc_threshold 0 \(extra) \(audio)"
                + " -pix_fmt yuv420p",
            kind: kind)
    }
}
