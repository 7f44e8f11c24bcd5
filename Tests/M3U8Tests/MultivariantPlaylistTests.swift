import M3U8
import NIOCore
import Testing

private func text(_ playlist: MultivariantPlaylist) -> String {
    var buffer = ByteBuffer()
    playlist.write(into: &buffer)
    return String(buffer: buffer)
}

extension MultivariantPlaylist {
    fileprivate static func random(_ chance: Chance) -> MultivariantPlaylist {
        func rendition(_ chance: Chance) -> AudioRendition {
            AudioRendition(
                group: chance.name("g"), name: chance.name("n"), language: chance.maybe(chance.name("l")),
                isDefault: chance.yes(), channels: chance.number(0...8), uri: chance.name("/index.m3u8"))
        }
        func variant(_ chance: Chance) -> Variant {
            let hasSize = chance.yes()
            return Variant(
                bandwidth: chance.number(0...100_000_000),
                averageBandwidth: chance.maybe(chance.number(0...90_000_000)),
                codecs: (0..<chance.number(0...3)).map { _ in "avc1.\(chance.number(0...999))" },
                width: hasSize ? chance.number(0...8000) : nil,
                height: hasSize ? chance.number(0...8000) : nil,
                frameRate: chance.maybe(Double(chance.number(1...120_000)) / 1000),
                audioGroup: chance.maybe(chance.name("g")), uri: chance.name("/index.m3u8"))
        }
        return MultivariantPlaylist(
            audio: (0..<chance.number(0...3)).map { _ in rendition(chance) },
            variants: (0..<chance.number(0...6)).map { _ in variant(chance) })
    }
}

@Suite struct MultivariantPlaylistTests {
    static let ladder = MultivariantPlaylist(
        audio: [
            .init(
                group: "audio", name: "Sound", language: "de", isDefault: true, channels: 2,
                uri: "audio/index.m3u8"),
            .init(
                group: "audio", name: "Other", language: nil, isDefault: false, channels: 1,
                uri: "b/index.m3u8"),
        ],
        variants: [
            .init(
                bandwidth: 3_328_000, averageBandwidth: 2_628_000, codecs: ["avc1.64001f", "mp4a.40.2"],
                width: 1280,
                height: 720, frameRate: 30_000 / 1001, audioGroup: "audio", uri: "720p/index.m3u8"),
            .init(
                bandwidth: 128_000, averageBandwidth: nil, codecs: ["mp4a.40.2"], width: nil, height: nil,
                frameRate: nil, audioGroup: nil, uri: "audio/index.m3u8"),
        ])

    @Test func ladderStandsAsTheDraftWants() {
        #expect(
            text(Self.ladder) == """
                #EXTM3U
                #EXT-X-VERSION:6
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Sound",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,\
                CHANNELS="2",URI="audio/index.m3u8"
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Other",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="1",\
                URI="b/index.m3u8"
                #EXT-X-STREAM-INF:BANDWIDTH=3328000,AVERAGE-BANDWIDTH=2628000,CODECS="avc1.64001f,mp4a.40.2",\
                RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO="audio",CLOSED-CAPTIONS=NONE
                720p/index.m3u8
                #EXT-X-STREAM-INF:BANDWIDTH=128000,CODECS="mp4a.40.2",CLOSED-CAPTIONS=NONE
                audio/index.m3u8

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
                #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="x",URI="s.m3u8"
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="muxed",NAME="x"
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",CHANNELS="16/JOC",URI="a.m3u8"
                #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="i.m3u8"
                #EXT-X-STREAM-INF:BANDWIDTH=1,SCORE=1.5,CODECS="avc1.64001f,mp4a.40.2"
                v.m3u8
                """)
        #expect(
            read
                == MultivariantPlaylist(
                    audio: [
                        .init(
                            group: "a", name: "x", language: nil, isDefault: false, channels: 16,
                            uri: "a.m3u8")
                    ],
                    variants: [
                        .init(
                            bandwidth: 1, averageBandwidth: nil, codecs: ["avc1.64001f", "mp4a.40.2"],
                            width: nil,
                            height: nil, frameRate: nil, audioGroup: nil, uri: "v.m3u8")
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
