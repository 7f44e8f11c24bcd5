import M3U8
import NIOCore
import Testing

@Suite struct MediaPlaylistParsingTests {
    @Test func whatIsWrittenIsReadBack() throws {
        for seed: UInt64 in 0..<3000 {
            let chance = Chance(seed: seed)
            let playlist = MediaPlaylist.random(chance)
            let written = text(playlist)
            let read = try MediaPlaylist(parsing: ByteBuffer(string: written))
            try #require(read == playlist, "seed \(seed)\n\(written)")
        }
    }

    @Test func anInitSectionNamedAgainOpensNoSegment() throws {
        let lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:2", "#EXT-X-MAP:URI=\"i.mp4\"", "#EXTINF:2,", "a.mp4"]
        let once = try MediaPlaylist(parsing: lines.joined(separator: "\n"))
        let again = try MediaPlaylist(parsing: (lines + [lines[2]]).joined(separator: "\n"))
        #expect(again == once)
    }

    @Test func damagedTextNeverTraps() {
        var readable = 0
        for seed: UInt64 in 0..<20_000 {
            let chance = Chance(seed: seed)
            var bytes = Array(text(seed % 4 == 0 ? MediaPlaylistTextTests.live : .random(chance)).utf8)
            for _ in 0..<chance.number(1...8) { bytes.damage(chance) }
            if (try? MediaPlaylist(parsing: ByteBuffer(bytes: bytes))) != nil { readable += 1 }
            _ = try? MultivariantPlaylist(parsing: ByteBuffer(bytes: bytes))
        }
        // Both outcomes are really met.
        #expect((100..<19_900).contains(readable))
    }

    @Test func strangersTextIsRead() throws {
        let playlist = try MediaPlaylist(
            parsing: [
                "#EXTM3U", "# a comment", "#EXT-X-VERSION:9", "#EXT-X-TARGETDURATION:4.0",
                "#EXT-X-NEW-THING:A=1", "#EXT-X-DEFINE:NAME=\"x\",VALUE=\"y\"",
                "#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=24.0, CAN-BLOCK-RELOAD=NO,PART-HOLD-BACK=3",
                "#EXT-X-MAP:URI=\"i.mp4\",BYTERANGE=\"700@0\"", "#EXTINF:4,a title, with commas", "", "a.ts",
                "#EXT-X-MAP:URI=\"i.mp4\"", "#EXT-X-PROGRAM-DATE-TIME:2026-05-01T14:00:00.5+02:00",
                "#EXTINF:3.99", "b.ts  ", "#EXT-X-PRELOAD-HINT:TYPE=MAP,URI=\"j.mp4\"",
            ].joined(separator: "\r\n"))
        #expect(
            playlist
                == MediaPlaylist(
                    targetDuration: 4,
                    serverControl: .init(
                        canBlockReload: false, canSkipUntil: 24, holdBack: nil, partHoldBack: 3),
                    mediaSequence: 0,
                    segments: [
                        .init(
                            uri: "a.ts", duration: 4, map: "i.mp4", mapRange: .init(length: 700, offset: 0)),
                        .init(uri: "b.ts", duration: 3.99, map: "i.mp4", programDateTime: 1_777_636_800_500),
                    ], hintedMap: "j.mp4"))
    }

    @Test(
        arguments: [
            ("", .notAPlaylist),
            ("#EXTM3U8\n", .notAPlaylist),
            ("#EXTM3U\n", .missingTag("EXT-X-TARGETDURATION")),
            ("#EXTM3U\n#EXT-X-TARGETDURATION:-2", .malformed(tag: "EXT-X-TARGETDURATION", line: 2)),
            ("#EXTM3U\n#EXT-X-TARGETDURATION:", .malformed(tag: "EXT-X-TARGETDURATION", line: 2)),
            (
                "#EXTM3U\n#EXT-X-TARGETDURATION:99999999999999",
                .malformed(tag: "EXT-X-TARGETDURATION", line: 2)
            ),
            (
                "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:18446744073709551616",
                .malformed(tag: "EXT-X-MEDIA-SEQUENCE", line: 2)
            ),
            ("#EXTM3U\n#EXT-X-TARGETDURATION:2\na.ts", .strayAddress(line: 3)),
            ("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n", .strayAddress(line: 3)),
            ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv", .wrongKind(tag: "EXT-X-STREAM-INF", line: 2)),
            ("#EXTM3U\n#EXT-X-PART:DURATION=1", .missingAttribute("URI", tag: "EXT-X-PART", line: 2)),
            ("#EXTM3U\n#EXT-X-PART:DURATION=1,URI=\"a", .malformed(tag: "EXT-X-PART", line: 2)),
            ("#EXTM3U\n#EXT-X-PART:URI=\"a\"b,DURATION=1", .malformed(tag: "EXT-X-PART", line: 2)),
            ("#EXTM3U\n#EXT-X-PART:URI=\"a\",DURATION=1e3", .malformed(tag: "EXT-X-PART", line: 2)),
            (
                "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2026-13-01T00:00:00Z",
                .malformed(tag: "EXT-X-PROGRAM-DATE-TIME", line: 2)
            ),
            (
                "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2026-12-01T00:00:00",
                .malformed(tag: "EXT-X-PROGRAM-DATE-TIME", line: 2)
            ),
            ("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128", .missingAttribute("URI", tag: "EXT-X-KEY", line: 2)),
            (
                "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x0102030405060708090A0B0C0D0E0F1011",
                .malformed(tag: "EXT-X-KEY", line: 2)
            ),
            ("#EXTM3U\n#EXT-X-MAP:URI=\"a\tb\"", .controlCharacter(line: 2)),
            ("#EXTM3U\n#EXTINF:1,\na\u{7F}", .controlCharacter(line: 3)),
            ("#EXTM3U\n#EXT-X-BYTERANGE:1@", .malformed(tag: "EXT-X-BYTERANGE", line: 2)),
            ("#EXTM3U\n#EXT-X-PLAYLIST-TYPE:LIVE", .malformed(tag: "EXT-X-PLAYLIST-TYPE", line: 2)),
            (
                "#EXTM3U\n#EXT-X-START:PRECISE=YES",
                .missingAttribute("TIME-OFFSET", tag: "EXT-X-START", line: 2)
            ),
            (
                "#EXTM3U\n#EXTINF:1,\na\n#EXT-X-SKIP:SKIPPED-SEGMENTS=1",
                .malformed(tag: "EXT-X-SKIP", line: 4)
            ),
            (
                "#EXTM3U\n#EXT-X-DATERANGE:ID=\"a\"",
                .missingAttribute("START-DATE", tag: "EXT-X-DATERANGE", line: 2)
            ),
            (
                "#EXTM3U\n#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2026-05-01T12:00:00Z\",X-A=b",
                .malformed(tag: "EXT-X-DATERANGE", line: 2)
            ),
            (
                "#EXTM3U\n#EXT-X-RENDITION-REPORT:URI=\"a\"",
                .missingAttribute("LAST-MSN", tag: "EXT-X-RENDITION-REPORT", line: 2)
            ),
        ] as [(String, PlaylistFault)])
    func faultIsNamed(text: String, fault: PlaylistFault) {
        #expect(throws: fault) { try MediaPlaylist(parsing: text) }
    }

    @Test func sizesAreBounded() {
        let long = ByteBuffer(repeating: 0x23, count: (4 << 20) + 1)
        #expect(throws: PlaylistFault.tooLong(bytes: (4 << 20) + 1)) { try MediaPlaylist(parsing: long) }
        let line = "#EXTM3U\n#" + String(repeating: "x", count: 64 << 10)
        #expect(throws: PlaylistFault.lineTooLong(line: 2)) { try MediaPlaylist(parsing: line) }
        #expect(throws: PlaylistFault.notUTF8(line: 2)) {
            try MediaPlaylist(parsing: ByteBuffer(bytes: Array("#EXTM3U\n".utf8) + [0xC3, 0x28]))
        }
    }

    @Test(arguments: [
        "0", "1", "0.5", "1.62", "0.33333", "123456.78901", "00000000000000000000000001.5",
        "0.1000000000000000000001",
        "999999999999", "0.000000000000000", ".5", "7.",
    ])
    func numberIsTheNearestDouble(text: String) throws {
        let playlist = try MediaPlaylist(parsing: "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:\(text),\na")
        #expect(playlist.segments.first?.duration == Double("0" + text + (text.hasSuffix(".") ? "0" : "")))
    }
}

extension [UInt8] {
    /// Flips, drops, doubles, inserts or cuts somewhere.
    mutating func damage(_ chance: Chance) {
        guard !isEmpty else { return }
        let place = chance.number(0...(count - 1))
        switch chance.number(0...6) {
        case 0: self[place] = UInt8(truncatingIfNeeded: chance.next())
        case 1: self[place] ^= 1 << UInt8(chance.number(0...7))
        case 2: remove(at: place)
        case 3: insert(Array(",=\":#\n0123456789.x".utf8)[chance.number(0...17)], at: place)
        case 4: removeSubrange(place..<Swift.min(count, place + chance.number(1...40)))
        case 5: insert(contentsOf: self[place..<Swift.min(count, place + 60)], at: chance.number(0...count))
        default: if chance.yes(5) { removeLast(count - place) } else { self[place] = UInt8(ascii: "9") }
        }
    }
}
