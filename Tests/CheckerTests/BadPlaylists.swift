import Checker
import NIOCore

/// Playlists that break a rule of texts, segments, parts or date ranges.
enum BadPlaylists {
    static let all: [BadCase] = texts + targets + parts + controls + segments + dateRanges

    private static let live = Stage()

    private static let texts: [BadCase] = [
        BadCase("extm3u", live, .line("hi", "#EXTM3U")),
        BadCase("encoding", live, .replace("hi", "#EXTM3U\n", "#EXTM3U\n# \u{7}\n")),
        BadCase("one-kind", live, .replace("", "#EXTM3U\n", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n")),
        BadCase("single-tags", live, .line("hi", "#EXT-X-TARGETDURATION") { $0 + "\n" + $0 }),
        BadCase(
            "attribute-list", live, .replace("hi", "PART-TARGET=0.54", "PART-TARGET=0.54,PART-TARGET=0.54")),
        BadCase(
            "required-attributes", live,
            .line("", "#EXT-X-MEDIA:TYPE=SUBTITLES") { $0.replacing("NAME=\"English\",", with: "") }),
        BadCase(
            "enumerated-values", live,
            .line("", "#EXT-X-MEDIA:TYPE=SUBTITLES") {
                $0.replacing("AUTOSELECT=YES", with: "AUTOSELECT=MAYBE")
            }),
        BadCase("numbers", live, .replace("hi", "EXTINF:2.00000,", "EXTINF:2.00000s,")),
        BadCase(
            "version-once", live, .replace("hi", "#EXT-X-VERSION:6\n", "#EXT-X-VERSION:6\n#EXT-X-VERSION:6\n")
        ),
        BadCase("version-enough", live, .replace("hi", "#EXT-X-VERSION:6\n", "#EXT-X-VERSION:5\n")),
        BadCase("version-needless", live, .replace("hi", "#EXT-X-VERSION:6\n", "#EXT-X-VERSION:9\n")),
    ]

    private static let targets: [BadCase] = [
        BadCase("target-duration", live, .line("hi", "#EXT-X-TARGETDURATION")),
        BadCase("target-duration-covers", .onDemand, .replace(nil, "TARGETDURATION:2", "TARGETDURATION:1")),
        BadCase("addresses", live, .insert("hi", "stray.m4s", before: "#EXT-X-DATERANGE")),
        BadCase(
            "header-order", live,
            .text("hi") { text in
                let lines = text.split(separator: "\n")
                let number = lines.filter { $0.hasPrefix("#EXT-X-MEDIA-SEQUENCE") }
                return (lines.filter { !$0.hasPrefix("#EXT-X-MEDIA-SEQUENCE") } + number).joined(
                    separator: "\n")
            }),
        BadCase("pictures-tag", live, .line("pic", "#EXT-X-I-FRAMES-ONLY")),
        BadCase(
            "pictures-parts", live,
            .text("pic") { text in
                text.replacing(
                    "#EXT-X-I-FRAMES-ONLY", with: "#EXT-X-I-FRAMES-ONLY\n#EXT-X-PART-INF:PART-TARGET=0.54")
                    + "#EXT-X-PART:DURATION=0.52,URI=\"part114.0.m4s\",INDEPENDENT=YES\n"
            }),
        BadCase(
            "delta-offered", live.with { $0.segments = 70 },
            .replace(nil, "CAN-SKIP-UNTIL=18.0,CAN-SKIP-DATERANGES=YES,", "")),
    ]

    private static let parts: [BadCase] = [
        BadCase("part-inf", live, .line("hi", "#EXT-X-PART-INF")),
        BadCase("part-longest", live, .parts("hi", ["0.6", "0.46", "0.46", "0.48"])),
        BadCase("part-shortest", live, .parts("hi", ["0.54", "0.42", "0.54", "0.5"])),
        BadCase("part-place", live, .swap("hi", "#EXT-X-PART:", "#EXTINF")),
        BadCase("part-tags-first", live, .swap("hi", "#EXT-X-PROGRAM-DATE-TIME", "#EXT-X-PART:")),
        BadCase("parts-sum", live, .parts("hi", ["0.52", "0.48", "0.52", "0.3"])),
        BadCase("parts-kept", live, .line("hi", "#EXT-X-PART:") { $0.contains("part113.") ? nil : $0 }),
        BadCase(
            "parts-expire", live,
            .insert(
                "hi",
                (0..<4).map {
                    "#EXT-X-PART:DURATION=0.\($0 % 2 == 0 ? 52 : 48),URI=\"part102.\($0).m4s\""
                        + ($0 == 0 ? ",INDEPENDENT=YES" : "")
                }.joined(separator: "\n"), atSegment: 102)),
        BadCase("hint-present", live, .line("hi", "#EXT-X-PRELOAD-HINT")),
        BadCase("hint-once", live, .line("hi", "#EXT-X-PRELOAD-HINT") { $0 + "\n" + $0 }),
        BadCase(
            "hint-ended", .onDemand,
            .insert("hi", "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"part115.0.m4s\"", before: "#EXT-X-ENDLIST")),
    ]

    private static let controls: [BadCase] = [
        BadCase("can-block-reload", live, .replace(nil, "CAN-BLOCK-RELOAD=YES,", "")),
        BadCase("part-hold-back", live, .replace(nil, "PART-HOLD-BACK=1.62", "PART-HOLD-BACK=1.0")),
        BadCase("part-hold-back-thrice", live, .replace(nil, "PART-HOLD-BACK=1.62", "PART-HOLD-BACK=1.3")),
        BadCase("hold-back", live, .replace(nil, ",HOLD-BACK=9.0", ",HOLD-BACK=5.0")),
        BadCase("can-skip-until", live, .replace(nil, "CAN-SKIP-UNTIL=18.0", "CAN-SKIP-UNTIL=10.0")),
        BadCase("can-skip-dateranges", live, .replace(nil, "CAN-SKIP-UNTIL=18.0,", "")),
        BadCase(
            "report-attributes", live,
            .line("hi", "#EXT-X-RENDITION-REPORT") { line in
                line.firstRange(of: ",LAST-PART").map { String(line[..<$0.lowerBound]) } ?? line
            }),
    ]

    private static let segments: [BadCase] = [
        BadCase(
            "date-present", live,
            .line("hi", "#EXT-X-PROGRAM-DATE-TIME").and(.line("hi", "#EXT-X-DATERANGE"))),
        BadCase("date-form", live, .line("hi", "#EXT-X-PROGRAM-DATE-TIME") { String($0.dropLast()) }),
        BadCase(
            "date-discontinuity", live,
            .line("hi", "#EXT-X-PROGRAM-DATE-TIME:\(Stage.date(.hi, 4 * (Stage.cut - Stage.first)))")),
        BadCase(
            "date-continuous", live,
            Change(text: { place, _, _, text in
                guard let rendition = Stage.Rendition(rawValue: place) else { return text }
                return text.replacing(Stage.date(rendition, 12), with: Stage.date(rendition, 13))
            })),
        BadCase("discontinuity-sequence", live, .line(nil, "#EXT-X-DISCONTINUITY-SEQUENCE")),
        BadCase("discontinuity-map", live, .insert("hi", "#EXT-X-MAP:URI=\"init1b.mp4\"", atSegment: 104)),
        BadCase("map-present", live, .line("hi", "#EXT-X-MAP")),
        BadCase("key", live, .insert("hi", "#EXT-X-KEY:METHOD=AES-128", atSegment: 101)),
        BadCase("byte-range", live, .insert("hi", "#EXT-X-BYTERANGE:100", atSegment: 101)),
    ]

    private static let dateRanges: [BadCase] = [
        BadCase("daterange-date", .onDemand, .line("hi", "#EXT-X-PROGRAM-DATE-TIME")),
        BadCase(
            "daterange-span", live,
            .replace("hi", "DURATION=86400.0", "END-DATE=\"2026-05-01T11:00:00.000Z\"")),
        BadCase(
            "daterange-end-on-next", live,
            .replace("hi", "DURATION=86400.0", "DURATION=86400.0,END-ON-NEXT=YES")),
        BadCase(
            "daterange-same-id", live,
            .line("hi", "#EXT-X-DATERANGE") { $0 + "\n" + $0.replacing("example.pin", with: "example.offer") }
        ),
        BadCase(
            "daterange-client-attribute", live,
            .line("hi", "#EXT-X-DATERANGE") { $0 + ",X-COM-EXAMPLE-A=yes" }),
        BadCase("interstitial", live, .replace("hi", "example.pin", "com.apple.hls.interstitial")),
    ]
}
