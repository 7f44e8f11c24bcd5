import M3U8
import NIOCore
import Testing

private func text(_ playlist: MultivariantPlaylist) -> String {
    var buffer = ByteBuffer()
    playlist.write(into: &buffer)
    return String(buffer: buffer)
}

@Suite struct MultivariantPlaylistTests {
    static let ladder = MultivariantPlaylist(
        steering: .init(uri: "steering.json", pathway: "a"),
        sessionKeys: [.init(method: "AES-128", uri: "key", vector: Array(repeating: 0xAB, count: 16))],
        audio: [
            .init(
                group: "audio", name: "Sound", language: "de", isDefault: true, channels: 2,
                stableID: "audio", uri: "audio/index.m3u8"),
            .init(
                group: "audio", name: "Other", language: nil, isDefault: false, channels: 1,
                uri: "b/index.m3u8"),
        ],
        subtitles: [
            .init(
                group: "captions", name: "English", language: "en",
                characteristics: ["public.machine-generated"], uri: "captions-en/index.m3u8")
        ],
        variants: [
            .init(
                bandwidth: 3_328_000, averageBandwidth: 2_628_000, codecs: ["avc1.64001f", "mp4a.40.2"],
                width: 1280, height: 720, frameRate: 30_000 / 1001, videoRange: .standard,
                audioGroup: "audio", subtitleGroup: "captions", score: 2, stableID: "720p", pathway: "a",
                uri: "720p/index.m3u8"),
            .init(
                bandwidth: 128_000, averageBandwidth: nil, codecs: ["mp4a.40.2"], width: nil, height: nil,
                frameRate: nil, audioGroup: nil, score: 1, uri: "audio/index.m3u8"),
        ],
        iFrameVariants: [
            .init(
                bandwidth: 250_000, averageBandwidth: 200_000, codecs: ["avc1.64001f"], width: 1280,
                height: 720, videoRange: .standard, stableID: "720p-iframes", uri: "720p/iframes.m3u8")
        ])

    @Test func ladderStandsAsTheDraftWants() {
        #expect(
            text(Self.ladder) == """
                #EXTM3U
                #EXT-X-VERSION:4
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-CONTENT-STEERING:SERVER-URI="steering.json",PATHWAY-ID="a"
                #EXT-X-SESSION-KEY:METHOD=AES-128,URI="key",IV=0xABABABABABABABABABABABABABABABAB
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Sound",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,\
                CHANNELS="2",STABLE-RENDITION-ID="audio",URI="audio/index.m3u8"
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Other",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="1",\
                URI="b/index.m3u8"
                #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="English",LANGUAGE="en",DEFAULT=NO,\
                AUTOSELECT=YES,CHARACTERISTICS="public.machine-generated",URI="captions-en/index.m3u8"
                #EXT-X-STREAM-INF:BANDWIDTH=3328000,AVERAGE-BANDWIDTH=2628000,SCORE=2.000,\
                CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,\
                STABLE-VARIANT-ID="720p",AUDIO="audio",SUBTITLES="captions",CLOSED-CAPTIONS=NONE,PATHWAY-ID="a"
                720p/index.m3u8
                #EXT-X-STREAM-INF:BANDWIDTH=128000,SCORE=1.000,CODECS="mp4a.40.2",CLOSED-CAPTIONS=NONE
                audio/index.m3u8
                #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=250000,AVERAGE-BANDWIDTH=200000,CODECS="avc1.64001f",\
                RESOLUTION=1280x720,VIDEO-RANGE=SDR,STABLE-VARIANT-ID="720p-iframes",URI="720p/iframes.m3u8"

                """)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        for seed: UInt64 in 0..<3000 {
            let chance = Chance(seed: seed)
            let playlist = MultivariantPlaylist.random(chance)
            let read = try MultivariantPlaylist(parsing: ByteBuffer(string: text(playlist)))
            try #require(read == playlist, "seed \(seed)\n\(text(playlist))")
        }
    }

    @Test func damagedTextNeverTraps() {
        var readable = 0
        for seed: UInt64 in 0..<20_000 {
            let chance = Chance(seed: seed)
            var bytes = Array(text(MultivariantPlaylist.random(chance)).utf8)
            for _ in 0..<chance.number(1...6) { bytes.damage(chance) }
            if (try? MultivariantPlaylist(parsing: ByteBuffer(bytes: bytes))) != nil { readable += 1 }
            _ = try? MediaPlaylist(parsing: ByteBuffer(bytes: bytes))
        }
        #expect((100..<19_900).contains(readable))
    }

    @Test func strangersTextIsRead() throws {
        let read = try MultivariantPlaylist(
            parsing: """
                #EXTM3U
                #EXT-X-DEFINE:NAME="x",VALUE="y"
                #EXT-X-SESSION-DATA:DATA-ID="x",VALUE="y"
                #EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="x",INSTREAM-ID="CC1"
                #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="x",URI="s.m3u8"
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="muxed",NAME="x"
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",CHANNELS="16/JOC",URI="a.m3u8"
                #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="i.m3u8"
                #EXT-X-STREAM-INF:BANDWIDTH=1,SCORE=1.5,CODECS="avc1.64001f,mp4a.40.2",CLOSED-CAPTIONS="cc",VIDEO-RANGE=NEW
                v.m3u8
                """)
        #expect(
            read
                == MultivariantPlaylist(
                    hasIndependentSegments: false,
                    audio: [
                        .init(
                            group: "a", name: "x", language: nil, isDefault: false, channels: 16,
                            uri: "a.m3u8")
                    ],
                    subtitles: [
                        .init(group: "s", name: "x", language: nil, isAutomatic: false, uri: "s.m3u8")
                    ],
                    variants: [
                        .init(
                            bandwidth: 1, averageBandwidth: nil, codecs: ["avc1.64001f", "mp4a.40.2"],
                            width: nil, height: nil, frameRate: nil, audioGroup: nil,
                            closedCaptions: .group("cc"), score: 1.5, uri: "v.m3u8")
                    ],
                    iFrameVariants: [
                        .init(
                            bandwidth: 1, averageBandwidth: nil, codecs: [], width: nil, height: nil,
                            uri: "i.m3u8")
                    ]))
    }

    @Test(
        arguments: [
            (
                "#EXTM3U\n#EXT-X-STREAM-INF:CODECS=\"a\"\nv",
                .missingAttribute("BANDWIDTH", tag: "EXT-X-STREAM-INF", line: 2)
            ),
            ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", .strayAddress(line: 2)),
            ("#EXTM3U\nv\n", .strayAddress(line: 2)),
            ("#EXTM3U\n#EXTINF:2,\n", .wrongKind(tag: "EXTINF", line: 2)),
            (
                "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9223372036854775808\nv",
                .malformed(tag: "EXT-X-STREAM-INF", line: 2)
            ),
            (
                "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=12\nv",
                .malformed(tag: "EXT-X-STREAM-INF", line: 2)
            ),
        ] as [(String, PlaylistFault)])
    func faultIsNamed(text: String, fault: PlaylistFault) {
        #expect(throws: fault) { try MultivariantPlaylist(parsing: text) }
    }
}
