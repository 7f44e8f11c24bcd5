import CMAF
import Foundation
import Media
import NIOCore
import Testing

/// What ffmpeg wrote is read, written again by us, and judged by ffprobe and ffmpeg's decoders.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/ffmpeg"))) struct StrangerTests {
    private struct Packet: Decodable {
        let pts: Int64
        let dts: Int64
        /// ffprobe leaves it out of a sound's first packet, whoever wrote the file.
        let duration: Int64?
        let size: String
        let flags: String
    }

    private struct Packets: Decodable { let packets: [Packet] }

    private func run(_ tool: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/" + tool)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }

    /// The samples of a fragmented file that ffmpeg made, moved to begin ten seconds in, as a run does.
    private func samples(_ file: String) throws -> (format: TrackFormat, samples: [AccessUnit]) {
        let bytes = ByteBuffer(bytes: try Data(contentsOf: URL(fileURLWithPath: file)))
        let track = try InitSection.read(bytes)
        let fragments = try FragmentReader(track: track).read(bytes, arrival: MonotonicTime(nanoseconds: 0))
        let start = MediaTime(value: 10, timescale: 1)
        return (
            track.format,
            fragments.flatMap(\.samples).map { sample in
                var sample = sample
                sample.pts += start
                sample.dts += start
                // ffmpeg cuts the last frame of a sound short; here it has all its samples.
                if case .aac(let format) = track.format { sample.duration = format.frameDuration }
                return sample
            }
        )
    }

    private func rewritten(_ samples: [AccessUnit], _ format: TrackFormat, partOf count: Int) -> ByteBuffer {
        let writer = FragmentWriter(format: format)
        var file = InitSection.make(format)
        for (index, start) in stride(from: 0, to: samples.count, by: count).enumerated() {
            let part = Array(samples[start..<min(samples.count, start + count)])
            file.writeImmutableBuffer(writer.write(part, sequence: UInt32(index + 1)))
        }
        return file
    }

    /// The digest of everything that a decoder makes of a file.
    private func digest(_ file: String) throws -> String {
        try run(
            "ffmpeg",
            [
                "-v", "error", "-xerror", "-ignore_editlist", "1", "-i", file, "-fps_mode", "passthrough",
                "-f", "md5", "-",
            ])
    }

    private func check(encoding arguments: [String], partOf count: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cmaf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let theirs = folder.appending(path: "theirs.mp4").path
        let ours = folder.appending(path: "ours.mp4").path
        _ = try run(
            "ffmpeg",
            ["-v", "error", "-f", "lavfi"] + arguments
                + [
                    "-threads", "1", "-movflags", "empty_moov+default_base_moof+frag_keyframe", "-f", "mp4",
                    theirs,
                ])
        let (format, samples) = try samples(theirs)
        try #require(samples.count > 20)
        let file = rewritten(samples, format, partOf: count)
        try Data(file.readableBytesView).write(to: URL(fileURLWithPath: ours))

        let probed = try run("ffprobe", ["-v", "error", "-show_packets", "-of", "json", ours])
        let packets = try JSONDecoder().decode(Packets.self, from: Data(probed.utf8)).packets
        let scale = InitSection.timescale(of: format)
        #expect(packets.map(\.pts) == samples.map { $0.pts.value(timescale: scale) })
        #expect(packets.map(\.dts) == samples.map { $0.dts.value(timescale: scale) })
        #expect(
            packets.dropFirst().map(\.duration)
                == samples.dropFirst().map { $0.duration.value(timescale: scale) })
        #expect(packets.map(\.size) == samples.map { String($0.payload.readableBytes) })
        #expect(packets.map { $0.flags.hasPrefix("K") } == samples.map(\.isSync))
        #expect(try digest(ours) == digest(theirs))
    }

    @Test func pictureWithoutReordering() throws {
        try check(
            encoding: [
                "-i", "testsrc2=size=320x180:rate=30000/1001:duration=2", "-c:v", "libx264", "-preset",
                "ultrafast",
                "-tune", "zerolatency", "-g", "30", "-pix_fmt", "yuv420p",
            ], partOf: 6)
    }

    @Test func pictureWithBFramesAndNarrowPixels() throws {
        try check(
            encoding: [
                "-i", "testsrc2=size=320x180:rate=25:duration=2", "-vf", "setsar=16/11", "-c:v", "libx264",
                "-preset",
                "veryfast", "-bf", "3", "-g", "25", "-pix_fmt", "yuv420p",
            ], partOf: 5)
    }

    @Test(arguments: [44_100, 48_000]) func sound(rate: Int) throws {
        try check(
            encoding: [
                "-i", "sine=frequency=440:duration=2:sample_rate=\(rate)", "-c:a", "aac", "-b:a", "96k",
                "-ac", "2",
            ], partOf: 9)
    }
}
