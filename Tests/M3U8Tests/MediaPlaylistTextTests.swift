import M3U8
import NIOCore
import Testing

func text(_ playlist: MediaPlaylist) -> String {
    var buffer = ByteBuffer()
    playlist.write(into: &buffer)
    return String(buffer: buffer)
}

@Suite struct MediaPlaylistTextTests {
    /// A low-latency playlist as it stands in the middle of a show, with a discontinuity and a gap.
    static let live = MediaPlaylist(
        targetDuration: 2, partTarget: 0.5,
        serverControl: .init(canBlockReload: true, canSkipUntil: 12, holdBack: 6, partHoldBack: 1.62),
        mediaSequence: 1_777_000_000, discontinuitySequence: 3,
        segments: [
            .init(uri: "s1.m4s", duration: 2, map: "init-a.mp4", programDateTime: 1_777_636_800_040),
            .init(uri: "s2.m4s", duration: 1.96667, isGap: true),
            .init(
                uri: "s3.m4s", duration: 1, isDiscontinuity: true, map: "init-b.mp4",
                programDateTime: 1_777_636_804_007,
                parts: [
                    .init(uri: "s3.0.m4s", duration: 0.5, isIndependent: true),
                    .init(uri: "s3.1.m4s", duration: 0.5, isGap: true),
                ]),
            .init(uri: nil, parts: [.init(uri: "s4.0.m4s", duration: 0.50050, isIndependent: true)]),
        ],
        hintedPart: "s4.1.m4s",
        reports: [
            .init(uri: "../360p/index.m3u8", lastSequence: 1_777_000_003, lastPart: 0),
            .init(uri: "../audio/index.m3u8", lastSequence: 1_777_000_002, lastPart: nil),
        ])

    @Test func livePlaylistStandsAsTheDraftWants() {
        #expect(
            text(Self.live) == """
                #EXTM3U
                #EXT-X-VERSION:6
                #EXT-X-TARGETDURATION:2
                #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,PART-HOLD-BACK=1.62,HOLD-BACK=6.0
                #EXT-X-PART-INF:PART-TARGET=0.5
                #EXT-X-MEDIA-SEQUENCE:1777000000
                #EXT-X-DISCONTINUITY-SEQUENCE:3
                #EXT-X-MAP:URI="init-a.mp4"
                #EXT-X-PROGRAM-DATE-TIME:2026-05-01T12:00:00.040Z
                #EXTINF:2.0,
                s1.m4s
                #EXT-X-GAP
                #EXTINF:1.96667,
                s2.m4s
                #EXT-X-DISCONTINUITY
                #EXT-X-MAP:URI="init-b.mp4"
                #EXT-X-PROGRAM-DATE-TIME:2026-05-01T12:00:04.007Z
                #EXT-X-PART:DURATION=0.5,URI="s3.0.m4s",INDEPENDENT=YES
                #EXT-X-PART:DURATION=0.5,URI="s3.1.m4s",GAP=YES
                #EXTINF:1.0,
                s3.m4s
                #EXT-X-PART:DURATION=0.5005,URI="s4.0.m4s",INDEPENDENT=YES
                #EXT-X-PRELOAD-HINT:TYPE=PART,URI="s4.1.m4s"
                #EXT-X-RENDITION-REPORT:URI="../360p/index.m3u8",LAST-MSN=1777000003,LAST-PART=0
                #EXT-X-RENDITION-REPORT:URI="../audio/index.m3u8",LAST-MSN=1777000002

                """)
    }

    @Test func endedPlaylistHasAnEnd() {
        let ended = MediaPlaylist(
            targetDuration: 6, mediaSequence: 0, segments: [.init(uri: "a.m4s", duration: 5.5)], isEnded: true
        )
        #expect(
            text(ended) == """
                #EXTM3U
                #EXT-X-VERSION:3
                #EXT-X-TARGETDURATION:6
                #EXT-X-MEDIA-SEQUENCE:0
                #EXT-X-DISCONTINUITY-SEQUENCE:0
                #EXTINF:5.5,
                a.m4s
                #EXT-X-ENDLIST

                """)
    }

    @Test(arguments: [
        (0, "0.0"), (0.1, "0.1"), (0.33333333, "0.33333"), (1.999999, "2.0"), (0.00001, "0.00001"),
        (0.000004, "0.0"), (10.00500, "10.005"), (-3, "0.0"), (.nan, "0.0"), (.infinity, "1000000000000.0"),
    ])
    func durationIsWritten(seconds: Double, as expected: String) {
        let playlist = MediaPlaylist(
            targetDuration: 2, mediaSequence: 0, segments: [.init(uri: "a", duration: seconds)])
        #expect(text(playlist).contains("#EXTINF:\(expected),\n"))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (1_798_761_599_999, "2026-12-31T23:59:59.999Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
        (Int64.min, "0000-01-01T00:00:00.000Z"),
    ])
    func instantIsWritten(milliseconds: Int64, as expected: String) {
        let playlist = MediaPlaylist(
            targetDuration: 2, mediaSequence: 0, segments: [.init(uri: "a", programDateTime: milliseconds)])
        #expect(text(playlist).contains("#EXT-X-PROGRAM-DATE-TIME:\(expected)\n"))
    }

    @Test func noTextLeavesItsQuotesOrItsLine() {
        let playlist = MediaPlaylist(
            targetDuration: 2, mediaSequence: 0,
            segments: [.init(uri: "#EXT-X-ENDLIST\n#EXT-X-ENDLIST", duration: 1, map: "a\",X=\"b\r\n#c")])
        #expect(
            text(playlist).hasSuffix(
                "#EXT-X-MAP:URI=\"a,X=b#c\"\n#EXTINF:1.0,\nEXT-X-ENDLIST#EXT-X-ENDLIST\n"))
    }

    @Test func mapIsWrittenWhereItChanges() {
        let maps: [String?] = ["a", "a", nil, "b", nil, "b", "a"]
        let playlist = MediaPlaylist(
            targetDuration: 2, mediaSequence: 0, segments: maps.map { .init(uri: "s", duration: 1, map: $0) })
        let written = text(playlist).split(separator: "\n").filter { $0.hasPrefix("#EXT-X-MAP") }
        #expect(written == ["#EXT-X-MAP:URI=\"a\"", "#EXT-X-MAP:URI=\"b\"", "#EXT-X-MAP:URI=\"a\""])
    }

    @Test func everythingHasItsPlace() {
        let playlist = MediaPlaylist(
            targetDuration: 2,
            serverControl: .init(
                canBlockReload: true, canSkipUntil: 12, canSkipDateRanges: true, holdBack: nil,
                partHoldBack: nil),
            mediaSequence: 7, kind: .event, hasIndependentSegments: true, start: .init(offset: -6.5),
            skip: .init(segments: 3, removedDateRanges: ["a", "b"]),
            segments: [
                .init(
                    uri: "f.mp4", duration: 2, map: "f.mp4", mapRange: .init(length: 700, offset: 0),
                    keys: [.init(method: "AES-128", uri: "k?1", vector: Array(0...15))],
                    byteRange: .init(length: 9000, offset: 700)),
                .init(
                    uri: "f.mp4", duration: 2, keys: [.clear],
                    parts: [.init(uri: "p", duration: 2, byteRange: .init(length: 5, offset: nil))],
                    byteRange: .init(length: 100, offset: nil)),
            ],
            dateRanges: [
                .init(
                    id: "pin-1", kind: "com.example.pin", start: 1_777_636_800_000, plannedDuration: 30,
                    endsOnNext: true,
                    attributes: [
                        .init("X-COM-EXAMPLE-SKU", .text("A,1")), .init("X-COM-EXAMPLE-N", .number(2.5)),
                        .init("SCTE35-OUT", .bytes([0xFC, 0x00])),
                    ])
            ],
            hintedPart: "n.mp4", hintedMap: "j.mp4")
        #expect(
            text(playlist) == """
                #EXTM3U
                #EXT-X-VERSION:10
                #EXT-X-TARGETDURATION:2
                #EXT-X-PLAYLIST-TYPE:EVENT
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-START:TIME-OFFSET=-6.5
                #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,CAN-SKIP-DATERANGES=YES
                #EXT-X-MEDIA-SEQUENCE:7
                #EXT-X-DISCONTINUITY-SEQUENCE:0
                #EXT-X-SKIP:SKIPPED-SEGMENTS=3,RECENTLY-REMOVED-DATERANGES="a\tb"
                #EXT-X-KEY:METHOD=AES-128,URI="k?1",IV=0x000102030405060708090A0B0C0D0E0F
                #EXT-X-MAP:URI="f.mp4",BYTERANGE="700@0"
                #EXTINF:2.0,
                #EXT-X-BYTERANGE:9000@700
                f.mp4
                #EXT-X-KEY:METHOD=NONE
                #EXT-X-PART:DURATION=2.0,URI="p",BYTERANGE="5"
                #EXTINF:2.0,
                #EXT-X-BYTERANGE:100
                f.mp4
                #EXT-X-DATERANGE:ID="pin-1",CLASS="com.example.pin",START-DATE="2026-05-01T12:00:00.000Z",\
                PLANNED-DURATION=30.0,END-ON-NEXT=YES,X-COM-EXAMPLE-SKU="A,1",X-COM-EXAMPLE-N=2.5,\
                SCTE35-OUT=0xFC00
                #EXT-X-PRELOAD-HINT:TYPE=MAP,URI="j.mp4"
                #EXT-X-PRELOAD-HINT:TYPE=PART,URI="n.mp4"

                """)
    }

    /// Section 8: the lowest version that has every tag of the list.
    @Test func versionIsNoHigherThanNeeded() {
        let plain = MediaPlaylist.Segment(uri: "a", duration: 1)
        let mapped = MediaPlaylist.Segment(uri: "a", duration: 1, map: "i")
        let ranged = MediaPlaylist.Segment(uri: "a", duration: 1, byteRange: .init(length: 1, offset: 0))
        let table: [(MediaPlaylist, Int)] = [
            (.init(targetDuration: 1, mediaSequence: 0, segments: [plain]), 3),
            (.init(targetDuration: 1, mediaSequence: 0, segments: [ranged]), 4),
            (.init(targetDuration: 1, mediaSequence: 0, isIFramesOnly: true, segments: [plain]), 4),
            (.init(targetDuration: 1, mediaSequence: 0, isIFramesOnly: true, segments: [mapped]), 5),
            (.init(targetDuration: 1, mediaSequence: 0, segments: [plain, mapped]), 6),
            (.init(targetDuration: 1, mediaSequence: 0, skip: .init(segments: 1), segments: [mapped]), 9),
            (
                .init(
                    targetDuration: 1, mediaSequence: 0, skip: .init(segments: 1, removedDateRanges: []),
                    segments: [mapped]), 10
            ),
        ]
        for (playlist, version) in table { #expect(playlist.version == version) }
    }
}
