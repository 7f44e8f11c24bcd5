import Delivery
import Foundation
import Media
import NIOCore
import NIOHPACK
import NIOHTTP2
import Packaging
import Testing

/// Media that lies in files: the same answers as from memory, however large the file and whatever becomes of it.
extension ServerTests {
    @Suite(.timeLimit(.minutes(1))) struct DiskTests {
        private static let segment = "/live/sale/720p/10.mp4"

        /// A file of `bytes` bytes, each telling its place, in a folder of its own.
        final class Kept: Sendable {
            let path: String
            let bytes: [UInt8]

            init(bytes count: Int) throws {
                path = NSTemporaryDirectory() + "disk-\(UUID().uuidString).mp4"
                bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
                try Data(bytes).write(to: URL(fileURLWithPath: path))
            }

            deinit { try? FileManager.default.removeItem(atPath: path) }

            var window: StagedWindow {
                StagedWindow(
                    StagedSnapshot(
                        upTo: 10, object: MediaObject(kind: .video, file: path, length: bytes.count)))
            }
        }

        private func content(_ client: RawClient) -> [UInt8] {
            let bytes = client.bytes
            for at in bytes.indices.dropLast(3) where bytes[at...].starts(with: [13, 10, 13, 10]) {
                return Array(bytes[(at + 4)...])
            }
            return []
        }

        @Test(arguments: [1, 65_536, 131_072, 131_073, 1_500_000], [false, true])
        func wholeFiles(length: Int, tls: Bool) async throws {
            let kept = try Kept(bytes: length)
            try await TestServer.run(kept.window, tls: tls) { server in
                let client = try await RawClient.connect(
                    port: tls ? server.https : server.http, tls: tls ? ["http/1.1"] : nil)
                try await client.get(Self.segment, "Connection: close\r\n")
                try await client.untilClosed()
                #expect(client.text.hasPrefix("HTTP/1.1 200 OK") && client.text.contains("immutable"))
                #expect(content(client) == kept.bytes)
            }
        }

        @Test func rangesHeadsAndConditions() async throws {
            let kept = try Kept(bytes: 400_000)
            try await TestServer.run(kept.window) { server in
                for range in [0..<1, 131_071..<131_073, 399_999..<400_000, 100_000..<400_000] {
                    let client = try await RawClient.connect(port: server.http)
                    try await client.get(
                        Self.segment,
                        "Range: bytes=\(range.lowerBound)-\(range.upperBound - 1)\r\nConnection: close\r\n")
                    try await client.untilClosed()
                    #expect(client.text.contains("206 Partial Content"))
                    #expect(content(client) == Array(kept.bytes[range]))
                }
                // One after the other on a connection: a head, a condition, a range that is none, the rest.
                let client = try await RawClient.connect(port: server.http)
                try await client.send("HEAD \(Self.segment) HTTP/1.1\r\nHost: x\r\n\r\n")
                try await client.get(Self.segment, "If-None-Match: \"10.mp4\"\r\n")
                try await client.get(Self.segment, "Range: bytes=400000-\r\n")
                try await client.get(Self.segment, "Range: bytes=5-6\r\n")
                try await client.get("/hello")
                let text = try await client.until { $0.hasSuffix("Hello") }
                let codes = text.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
                #expect(codes == ["200", "304", "416", "206", "200"])
                #expect(text.contains("Content-Length: 400000\r\n"))
            }
        }

        @Test func manyStreamsOfOneConnection() async throws {
            let kept = try Kept(bytes: 900_000)
            try await TestServer.run(kept.window, tls: true) { server in
                let client = try await FrameClient.connect(port: server.https)
                for stream in 0..<10 { try await client.get(stream * 2 + 1, Self.segment) }
                let answers = try await client.until { answers, _ in
                    answers.count == 10 && answers.values.allSatisfy(\.isEnded)
                }
                #expect(answers.values.allSatisfy { $0.bytes == 900_000 && $0.reset == nil })
                #expect(answers.values.allSatisfy { $0.headers?.first(name: ":status") == "200" })
            }
        }

        /// A file that is not there is a problem, not half an answer; the connection goes on.
        @Test func goneFiles() async throws {
            let kept = try Kept(bytes: 1000)
            try FileManager.default.removeItem(atPath: kept.path)
            try await TestServer.run(kept.window, tls: true) { server in
                let client = try await RawClient.connect(port: server.http)
                try await client.get(Self.segment)
                try await client.until { $0.contains("404 Not Found") && $0.hasSuffix("}\n") }
                try await client.get("/live/sale/720p/index.m3u8")
                try await client.until { $0.contains("#LAST:10") }
                let other = try await FrameClient.connect(port: server.https)
                try await other.get(1, Self.segment)
                try await other.get(3, "/live/sale/720p/index.m3u8")
                let answers = try await other.ended(1, 3)
                #expect(answers[1]?.headers?.first(name: ":status") == "404")
                #expect(answers[3]?.headers?.first(name: ":status") == "200")
            }
        }

        /// A file that is shorter than it was said to be: what has begun is broken off.
        @Test func shrunkenFiles() async throws {
            let kept = try Kept(bytes: 1_000_000)
            truncate(kept.path, 300_000)
            try await TestServer.run(kept.window, tls: true) { server in
                let client = try await RawClient.connect(port: server.http)
                try await client.get(Self.segment)
                try await client.untilClosed()
                #expect(client.bytes.count < 400_000)
                let other = try await FrameClient.connect(port: server.https)
                try await other.get(1, Self.segment)
                try await other.until { answers, _ in answers[1]?.reset != nil }
                try await other.get(3, "/live/sale/720p/index.m3u8")
                #expect(try await other.ended(3)[3]?.headers?.first(name: ":status") == "200")
            }
        }

        /// Stalled viewers of files cost a slice each, and those who leave cost nothing.
        @Test func stalledReaders() async throws {
            let kept = try Kept(bytes: 8 << 20)
            try await TestServer.run(kept.window) { server in
                var clients: [RawClient] = []
                for _ in 0..<40 {
                    let client = try await RawClient.connect(port: server.http, reads: false)
                    try await client.get(Self.segment)
                    clients.append(client)
                }
                for client in clients.dropFirst() { try await client.close() }
                try await clients[0].startReading()
                try await clients[0].untilBytes(8 << 20)
            }
        }

        /// However many streams a connection has, few of them have a slice of a file; all get on.
        @Test func stalledStreams() async throws {
            let kept = try Kept(bytes: 200_000)
            try await TestServer.run(kept.window, tls: true) { server in
                let before = try ServerTests.resident()
                var clients: [FrameClient] = []
                for _ in 0..<4 {
                    let client = try await FrameClient.connect(port: server.https, window: 100)
                    for stream in 0..<100 { try await client.get(stream * 2 + 1, Self.segment) }
                    try await client.until { answers, _ in
                        answers.count == 100 && answers.values.allSatisfy { $0.bytes == 100 }
                    }
                    clients.append(client)
                }
                let after = try ServerTests.resident()
                #expect(after - before < 24 << 20, "\((after - before) >> 20) MiB")
                try await clients[0].send(
                    0, .settings(.settings([HTTP2Setting(parameter: .initialWindowSize, value: 1 << 20)])))
                try await clients[0].send(0, .windowUpdate(windowSizeIncrement: 1 << 26))
                let answers = try await clients[0].until { answers, _ in
                    answers.values.allSatisfy(\.isEnded)
                }
                #expect(answers.values.allSatisfy { $0.bytes == 200_000 && $0.reset == nil })
                for client in clients { client.channel.close(promise: nil) }
            }
        }

        @Test func recordingsHaveAnAddressOfTheirOwn() {
            func read(_ path: String) -> (reading: MediaTarget.Reading, isReplay: Bool) {
                MediaTarget.readWithReplay(Array(path.utf8).span)
            }
            let show = StagedWindow.show!
            #expect(read("/replay/sale/index.m3u8").reading == .target(.multivariant(show)))
            #expect(read("/replay/sale/index.m3u8").isReplay && !read("/live/sale/index.m3u8").isReplay)
            #expect(
                read("/replay/sale/720p/s1-a.mp4?x").reading
                    == .target(.file(show, RenditionName("720p"), file: "s1-a.mp4")))
            #expect(read("/replay/sale/download.mp4").reading == .elsewhere)
            #expect(read("/replay/sale/download.mp4?rendition=720p").reading == .elsewhere)
            #expect(read("/replay/../x").reading == .nothing && read("/replay/").reading == .nothing)
            #expect(read("/replays/sale/index.m3u8").reading == .elsewhere)
        }

        @Test func noRecordingIsNothing() async throws {
            try await TestServer.run(StagedWindow()) { server in
                let client = try await RawClient.connect(port: server.http)
                try await client.get("/replay/sale/index.m3u8")
                try await client.until { $0.contains("404 Not Found") }
            }
        }
    }
}
