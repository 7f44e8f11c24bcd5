import Checker
import NIOCore

/// Multivariant playlists, refreshes and sets of renditions that break a rule.
enum BadPresentations {
    static let all: [BadCase] = multivariant + variants + refreshes + liveness + alignment

    private static let live = Stage()

    private static func media(_ line: String) -> Change {
        .insert("", line, before: "#EXT-X-STREAM-INF")
    }

    private static let multivariant: [BadCase] = [
        BadCase("variants", live, media("stray.m3u8")),
        BadCase("independent-segments", live, .line("", "#EXT-X-INDEPENDENT-SEGMENTS")),
        BadCase("pictures-offered", live, .line("", "#EXT-X-I-FRAME-STREAM-INF")),
        BadCase("cellular", live, .replace("", "STREAM-INF:BANDWIDTH=", "STREAM-INF:BANDWIDTH=9")),
        BadCase(
            "language", live,
            .line("", "#EXT-X-MEDIA:TYPE=SUBTITLES") { $0.replacing("LANGUAGE=\"en\",", with: "") }),
        BadCase("channels", live, .replace("", "CHANNELS=\"2\",", "")),
        BadCase(
            "default-once", live,
            media(
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"Second\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES,"
                    + "CHANNELS=\"2\",URI=\"audio/index.m3u8\"")),
        BadCase(
            "name-once", live,
            media(
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=NO,AUTOSELECT=YES,"
                    + "CHANNELS=\"2\",URI=\"audio/index.m3u8\"")),
        BadCase(
            "default-autoselect", live,
            .replace("", "DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO")),
        BadCase(
            "media-uri", live,
            media(
                "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"CC\",INSTREAM-ID=\"CC1\",URI=\"cc/index.m3u8\""
            )),
        BadCase("groups", live, .variant("AUDIO=\"sound\"", "AUDIO=\"other\"")),
        BadCase("stable-ids", live, .replace("", "STABLE-VARIANT-ID=\"hi\"", "STABLE-VARIANT-ID=\"h i\"")),
        BadCase("session-key", live, media("#EXT-X-SESSION-KEY:METHOD=NONE")),
        BadCase(
            "steering", live,
            media("#EXT-X-CONTENT-STEERING:SERVER-URI=\"steer.json\"").and(
                .answer("") { exchange, asked in
                    guard asked.name == "steer.json" else { return }
                    exchange.status = 200
                    exchange.body = ByteBuffer(string: "{\"VERSION\":1}")
                })),
    ]

    private static let variants: [BadCase] = [
        BadCase("codecs-present", live, .variant("CODECS=\"avc1.64001f,mp4a.40.2\",", "")),
        BadCase("codecs-form", live, .variant("avc1.64001f", "avc1.64g")),
        BadCase("average-present", live, .variant("AVERAGE-BANDWIDTH=", "X-AVERAGE=")),
        BadCase("average-below-peak", live, .variant("AVERAGE-BANDWIDTH=", "AVERAGE-BANDWIDTH=9")),
        BadCase("resolution-present", live, .variant("RESOLUTION=1280x720,", "")),
        BadCase("frame-rate-present", live, .variant("FRAME-RATE=25.000,", "")),
        BadCase("video-range", live, .variant("FRAME-RATE=", "VIDEO-RANGE=PQ,FRAME-RATE=")),
        BadCase("score-all", live, .variant("FRAME-RATE=", "SCORE=1.0,FRAME-RATE=")),
        BadCase("captions-none", live, .variant("CLOSED-CAPTIONS=NONE,", "")),
        BadCase("codecs-true", live, .variant("avc1.64001f", "avc1.4d401f")),
        BadCase("resolution-true", live, .variant("1280x720", "640x360")),
        BadCase("frame-rate-true", live, .variant("FRAME-RATE=25.000", "FRAME-RATE=50.000")),
        BadCase("bandwidth-true", live, .variant("BANDWIDTH=\(rates.peak),", "BANDWIDTH=\(rates.average),")),
        BadCase(
            "average-true", live,
            .variant("AVERAGE-BANDWIDTH=\(rates.average)", "AVERAGE-BANDWIDTH=\(rates.average / 3)")),
    ]

    private static var rates: (peak: Int, average: Int) {
        let (picture, sound) = (Stage.rates(.lo), Stage.rates(.audio))
        return (picture.peak + sound.peak, picture.average + sound.average)
    }

    private static let refreshes: [BadCase] = [
        BadCase(
            "sequence-back", live,
            .replace("hi", "MEDIA-SEQUENCE:100", "MEDIA-SEQUENCE:99", after: 3).and(
                .insert(
                    "hi",
                    "#EXT-X-MAP:URI=\"init1.mp4\"\n#EXT-X-PROGRAM-DATE-TIME:2026-05-01T11:59:58.000Z\n"
                        + "#EXTINF:2.00000,\nseg99.m4s", before: "#EXT-X-MAP", after: 3))),
        BadCase("segment-constant", live, .replace("hi", "seg105.m4s", "seg105.m4s?again", after: 3)),
        BadCase(
            "discontinuity-constant", live,
            .replace(nil, "DISCONTINUITY-SEQUENCE:0", "DISCONTINUITY-SEQUENCE:1", after: 3)),
        BadCase(
            "date-constant", live,
            .line(nil, "#EXT-X-PROGRAM-DATE-TIME", after: 3) { $0.replacing("T12:", with: "T13:") }),
        BadCase("target-constant", live, .replace(nil, "TARGETDURATION:2", "TARGETDURATION:3", after: 3)),
        BadCase("window", live.with { $0.window = 2 }),
        BadCase("window-six", live.with { $0.window = 4 }),
        BadCase("window-dvr", live.with { $0.window = 10 }),
        BadCase(
            "playlist-type", live.with { $0.window = 10 },
            .insert(nil, "#EXT-X-PLAYLIST-TYPE:EVENT", before: "#EXT-X-MEDIA-SEQUENCE")),
        BadCase(
            "hint-true", live, .line("hi", "#EXT-X-PRELOAD-HINT") { $0.replacing(".m4s", with: ".m4s?next") }),
        BadCase("daterange-kept", live, .line(nil, "#EXT-X-DATERANGE", after: 3)),
        BadCase(
            "ended-constant", .onDemand,
            .insert(
                "hi",
                "#EXT-X-PROGRAM-DATE-TIME:\(Stage.date(.hi, 60))\n#EXTINF:2.00000,\nseg115.m4s",
                before: "#EXT-X-ENDLIST", after: 0.023)),
    ]

    private static let liveness: [BadCase] = [
        BadCase("part-due", live.with { $0.delay = { $0.isLowLatency && $1 == 65 ? 0.7 : 0 } }),
        BadCase(
            "segment-due",
            live.with {
                $0.hasParts = false
                $0.delay = { $1 == 67 ? 2.5 : 0 }
            }),
        BadCase("rendition-sync", live.with { $0.delay = { $0 == .hi && $1 >= 60 ? 1.2 : 0 } }),
        BadCase(
            "report-present", live, .line("hi", "#EXT-X-RENDITION-REPORT") { $0.contains("/lo/") ? nil : $0 }),
        BadCase(
            "report-true", live,
            .line("hi", "#EXT-X-RENDITION-REPORT") { $0.replacing("LAST-MSN=11", with: "LAST-MSN=10") }),
    ]

    private static let alignment: [BadCase] = [
        BadCase("server-control-same", live, .replace("hi", ",HOLD-BACK=9.0", ",HOLD-BACK=9.5")),
        BadCase("target-same", live, .replace("hi", "TARGETDURATION:2", "TARGETDURATION:3")),
        BadCase(
            "discontinuity-step", live, .replace("hi", "DISCONTINUITY-SEQUENCE:0", "DISCONTINUITY-SEQUENCE:1")
        ),
        BadCase(
            "date-aligned", live,
            .line("hi", "#EXT-X-PROGRAM-DATE-TIME") { $0.replacing("T12:", with: "T13:") }),
        BadCase(
            "start-aligned", live,
            Change(media: { $0 == "hi" && !$1.hasPrefix("init") ? $2.later(by: 240_000) : $2 })),
        BadCase(
            "duration-aligned", .onDemand,
            .text("lo") { $0.replacing("EXTINF:2.00000,\nseg107", with: "EXTINF:1.70000,\nseg107") }),
        BadCase(
            "daterange-all", live,
            .line("lo", "#EXT-X-DATERANGE") { $0 + "\n" + $0.replacing("\"a\"", with: "\"b\"") }),
        BadCase(
            "ended-together", live,
            .line("lo", "#EXT-X-PRELOAD-HINT").and(.line("lo", "#EXT-X-SERVER-CONTROL")).and(
                .text("lo") { $0 + "#EXT-X-ENDLIST\n" })),
    ]
}
