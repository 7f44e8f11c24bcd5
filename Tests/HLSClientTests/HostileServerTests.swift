import HLSClient
import Media
import Testing

/// Servers that no viewer should meet: errors are counted by kind, requests stay few, nothing goes on for ever.
struct HostileServerTests {
    struct Case: CustomStringConvertible, Sendable {
        let description: String
        let kinds: Set<Trouble>
        /// Requests in 60 s.
        let atMost: Int
        let server: @Sendable (WebAddress, Double) -> FakeShow.Answer

        static func media(_ address: WebAddress) -> Bool { address.path.hasSuffix("mp4") }
        static func index(_ address: WebAddress) -> Bool { address.path.hasSuffix("p/index.m3u8") }

        /// A good show, but for one thing.
        static func but(
            _ name: String, _ kinds: Set<Trouble>, atMost: Int,
            _ change: @escaping @Sendable (WebAddress, Double, inout FakeShow.Answer) -> Void
        ) -> Case {
            Case(description: name, kinds: kinds, atMost: atMost) { address, time in
                var answer = FakeShow().answer(address, at: time)
                change(address, time, &answer)
                return answer
            }
        }

        static let all: [Case] = [
            .but("500 for all", [Trouble(status: 500)], atMost: 20) { $2.status = 500 },
            .but("404 for parts", [Trouble(status: 404), .skipped], atMost: 700) {
                if media($0) { $2.status = 404 }
            },
            .but("redirects in a ring", [.redirects], atMost: 120) {
                $2.status = 302
                $2.location = $0.description
            },
            .but("redirects to nowhere", [.badAddress], atMost: 20) {
                $2.status = 301
                $2.location = "gopher://x"
            },
            .but("redirects without an address", [.badAddress], atMost: 20) { $2.status = 307 },
            .but("garbage for all", [.badPlaylist], atMost: 20) { $2.text = "\u{0}\u{1}garbage\n" },
            .but("garbage for the picture's playlist", [.badPlaylist], atMost: 320) {
                if index($0) { $2.text = "#EXTM3U\n#EXTINF:x\n" }
            },
            .but("an empty playlist", [.badPlaylist], atMost: 320) {
                if index($0) { $2.text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n" }
            },
            .but("no variants", [.badPlaylist], atMost: 20) {
                if $0.path == "/index.m3u8" { $2.text = "#EXTM3U\n" }
            },
            .but("addresses that are none", [.badAddress, .skipped], atMost: 700) {
                if index($0) { $2.text.replace("URI=\"1", with: "URI=\"ftp://x/1") }
            },
            .but("reloads that are not held", [.notHeld], atMost: 900) {
                if index($0) {
                    $2 = FakeShow.Answer(at: $1, text: FakeShow().playlist("360p", at: $1, skips: false))
                }
            },
            .but("a playlist that stands still", [.notHeld, .standsStill], atMost: 900) {
                if index($0) {
                    $2 = FakeShow.Answer(at: $1, text: FakeShow().playlist("360p", at: 60, skips: false))
                }
            },
            .but("connections that end", [Trouble(.closed)], atMost: 20) { $2.failure = .closed },
            .but("parts cut short", [Trouble(.cutShort), .skipped], atMost: 700) {
                if media($0) { $2.failure = .cutShort }
            },
            .but("deltas where none was asked for", [.badPlaylist], atMost: 400) {
                if index($0) {
                    $2.text =
                        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:5\n#EXT-X-SKIP:SKIPPED-SEGMENTS=9\n"
                }
            },
            .but("numbers at their end", [.badPlaylist], atMost: 400) {
                if index($0) { $2.text.replace("MEDIA-SEQUENCE:", with: "MEDIA-SEQUENCE:18446744073709551") }
            },
            .but("numbers that jump back", [.wentBack], atMost: 900) {
                if index($0), $1 > 80 { $2.text.replace("MEDIA-SEQUENCE:1", with: "MEDIA-SEQUENCE:") }
            },
            .but("durations beyond sense", [], atMost: 3000) {
                if index($0) { $2.text.replace("DURATION=0.5", with: "DURATION=99999999999") }
            },
            .but("durations of nothing", [], atMost: 3000) {
                if index($0) { $2.text.replace("DURATION=0.5", with: "DURATION=0") }
            },
            .but("news without end", [], atMost: 7000) { address, time, answer in
                guard index(address) else { return }
                answer.at = time
                answer.text.replace("MEDIA-SEQUENCE:1", with: "MEDIA-SEQUENCE:\(Int(time * 10_000))1")
            },
        ]
    }

    @Test(arguments: Case.all) func isSurvivedAndCounted(_ hostile: Case) {
        var settings = ViewerTests.settings()
        settings.usesHints = true
        var stage = Stage(settings: settings) { hostile.server($0, $1) }
        stage.run(until: 120.3)
        let troubles = stage.viewer.figures.troubles
        for kind in hostile.kinds { #expect(troubles[kind, default: 0] > 0, "\(kind) in \(troubles)") }
        #expect(stage.requests.count <= hostile.atMost)
        #expect(stage.pendingAtMost <= 6)
    }

    /// Any text at all in place of a playlist.
    @Test func noiseIsSurvived() {
        for seed in 1...60 as ClosedRange<UInt64> {
            var stage = Stage(settings: ViewerTests.settings()) { address, time in
                var answer = FakeShow().answer(address, at: time)
                guard answer.text.contains("TARGETDURATION") else { return answer }
                var chance = Chance(seed: seed &+ UInt64(time * 1000))
                var bytes = Array(answer.text.utf8)
                for _ in 0..<(chance.next() % 6) {
                    let at = Int(chance.next() % UInt64(bytes.count))
                    if chance.next() % 2 == 0 {
                        bytes[at] = UInt8(ascii: "0") + UInt8(chance.next() % 10)
                    } else {
                        bytes.removeSubrange(at..<min(bytes.count, at + Int(chance.next() % 60)))
                    }
                }
                answer.text = String(decoding: bytes, as: UTF8.self)
                return answer
            }
            stage.run(until: 90)
            #expect(stage.requests.count < 3000)
        }
    }
}
