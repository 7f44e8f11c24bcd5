import Delivery
import Media
import Packaging
import Testing

@Suite struct MediaTargetTests {
    private func read(_ text: String) -> MediaTarget.Reading {
        let bytes = Array(text.utf8)
        return MediaTarget.read(bytes.span)
    }

    private func show(_ text: String) throws -> ShowID { try #require(ShowID(text)) }

    @Test func playlists() throws {
        let a = try show("spring-sale")
        let p = RenditionName("720p")
        let table: [(String, MediaTarget)] = [
            ("/live/spring-sale/index.m3u8", .multivariant(a)),
            ("/live/spring-sale/index.m3u8?_HLS_msn=x", .multivariant(a)),
            ("/live/spring-sale/720p/index.m3u8", .playlist(a, p, BlockingRequest())),
            ("/live/spring-sale/720p/index.m3u8?", .playlist(a, p, BlockingRequest())),
            (
                "/live/spring-sale/720p/index.m3u8?_HLS_msn=17&_HLS_part=3",
                .playlist(a, p, BlockingRequest(mediaSequence: 17, part: 3))
            ),
            (
                "/live/spring-sale/720p/index.m3u8?token=a%20b&_HLS_part=0&_HLS_skip=YES&&_HLS_msn=0",
                .playlist(a, p, BlockingRequest(mediaSequence: 0, part: 0, skips: true))
            ),
            (
                "/live/spring-sale/720p/index.m3u8?_HLS_skip=v2",
                .playlist(a, p, BlockingRequest(skips: true))
            ),
            // What no version knows was never offered: the full list.
            ("/live/spring-sale/720p/index.m3u8?_HLS_skip=v3", .playlist(a, p, BlockingRequest())),
            ("/live/spring-sale/720p/index.m3u8?_HLS_skip", .playlist(a, p, BlockingRequest())),
            ("/live/spring-sale/720p/iframes.m3u8", .playlist(a, p, BlockingRequest(list: .iFrames))),
            (
                "/live/spring-sale/720p/iframes.m3u8?_HLS_msn=17&_HLS_skip=YES",
                .playlist(a, p, BlockingRequest(list: .iFrames, mediaSequence: 17, skips: true))
            ),
            ("/live/spring-sale/steering.json?_HLS_pathway=%22a%22&_HLS_throughput=5", .steering(a)),
            (
                "/live/spring-sale/720p/index.m3u8?_HLS_msn=18446744073709551615",
                .playlist(a, p, BlockingRequest(mediaSequence: .max))
            ),
            ("/live/spring-sale/720p/index.m3u8?_HLS_part=1", .playlist(a, p, BlockingRequest(part: 1))),
            ("/live/spring-sale/720p/init.ab12.mp4", .file(a, p, file: "init.ab12.mp4")),
            ("/live/spring-sale/720p/17.3.ab12.mp4?x=y", .file(a, p, file: "17.3.ab12.mp4")),
        ]
        for (text, target) in table { #expect(read(text) == .target(target), "\(text)") }
    }

    @Test(arguments: [
        "/", "", "/liv", "/live", "/health/live", "/lively/a", "/shows/live/", "*", "/LIVE/a/index.m3u8",
    ])
    func elsewhere(_ text: String) { #expect(read(text) == .elsewhere) }

    @Test(
        arguments: [
            "/live/", "/live/a", "/live/a/", "/live/a/720p", "/live/a/720p/", "/live/a//index.m3u8",
            "/live//720p/index.m3u8", "/live/A/index.m3u8", "/live/a/../index.m3u8", "/live/a/720p/x.ts",
            "/live/a/720p/.mp4", "/live/a/720p/..mp4", "/live/a/720p/a/b.mp4", "/live/a/720p/%69nit.mp4",
            "/live/a%2Fb/index.m3u8", "/live/a/index.m3u8/", "/live/a/720p/index.m3u8/x", "/live/a/b c/x.mp4",
            "/live/?/index.m3u8", "/live/a?/index.m3u8", "/live/a/\u{e9}/x.mp4", "/live/a/720p/\0.mp4",
            "/live/a/720p/steering.json", "/live/a/iframes.m3u8",
            "/live/a/720p/" + String(repeating: "x", count: 200) + ".mp4",
        ])
    func nothing(_ text: String) { #expect(read(text) == .nothing) }

    @Test(
        arguments: [
            "_HLS_msn=", "_HLS_msn", "_HLS_msn=-1", "_HLS_msn=1x", "_HLS_msn=+1", "_HLS_msn=1.0",
            "_HLS_msn=%31",
            "_HLS_msn=18446744073709551616", "_HLS_msn=99999999999999999999999", "_HLS_msn=1&_HLS_msn=1",
            "_HLS_msn=1&_HLS_part=", "_HLS_msn=1&_HLS_part=-1", "_HLS_msn=1&_HLS_part=4294967296",
            "_HLS_msn=1&_HLS_part=1&_HLS_part=2", "_HLS_skip=YES&_HLS_skip=YES",
        ])
    func malformed(_ query: String) {
        guard case .malformed = read("/live/a/720p/index.m3u8?" + query) else {
            Issue.record("\(query): \(read("/live/a/720p/index.m3u8?" + query))")
            return
        }
    }

    /// Any bytes are read to some end, and what is read as a target is spelt in plain characters.
    @Test func hostile() {
        var random = SplitMix(seed: 7)
        let seed = Array("/live/a/720p/index.m3u8?_HLS_msn=17&_HLS_part=3".utf8)
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
                        in: 0...255, using: &random)
                case 1: bytes.removeSubrange(Int.random(in: 6..<bytes.count, using: &random)...)
                default:
                    bytes.insert(
                        contentsOf: seed.suffix(9), at: Int.random(in: 0...bytes.count, using: &random))
                }
                if bytes.count < 8 { bytes += seed }
            }
            if case .target(.file(_, _, let file)) = MediaTarget.read(bytes.span) {
                #expect(file.hasSuffix(".mp4") && !file.contains("/") && !file.contains("%"))
            }
        }
    }
}

/// Random numbers that are the same in each run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
