import Checker
import Media
import NIOCore

/// Answers, directives and media that break a rule.
enum BadAnswers {
    static let all: [BadCase] = answers + directives + media + captions

    private static let live = Stage()

    private static func header(
        _ name: String, _ value: String?, where condition: @escaping @Sendable (Exchange, Asked) -> Bool
    )
        -> Change
    {
        .answer("lo") { exchange, asked in if condition(exchange, asked) { exchange.set(name, value) } }
    }

    private static let answers: [BadCase] = [
        BadCase("available", live, .refuse("lo", 404) { $1.name == "seg113.m4s" }),
        BadCase("gzip", live, header("content-encoding", nil) { $1.name == "index.m3u8" }),
        BadCase(
            "playlist-media-type", live, header("content-type", "text/plain") { $1.name == "index.m3u8" }),
        BadCase(
            "media-type", live,
            header("content-type", "application/octet-stream") { $1.name.hasPrefix("seg") }),
        BadCase("cors", live, header("access-control-allow-origin", nil) { $1.name.hasPrefix("seg") }),
        BadCase(
            "http2", live.with { $0.scheme = "https" },
            Change(answer: { exchange, _ in exchange.isHTTP2 = false })),
        BadCase(
            "media-redirect", live,
            .answer("lo") { exchange, asked in
                if asked.name.hasPrefix("seg") { exchange.redirects = ["http://elsewhere.example/seg"] }
            }),
        BadCase(
            "cache-plain", live,
            header("cache-control", "max-age=100") { $1.name == "index.m3u8" && $1.query.isEmpty }),
        BadCase(
            "cache-blocking", live,
            header("cache-control", "no-store") { $1.name == "index.m3u8" && $1.query.contains("_HLS_part") }),
        BadCase("cache-media", live, header("cache-control", "max-age=1") { $1.name.hasPrefix("seg") }),
        BadCase(
            "cache-errors", live,
            header("cache-control", "max-age=1000") { exchange, _ in exchange.status >= 400 }),
        BadCase(
            "range-served", .onDemand,
            .insert("hi", "#EXT-X-BYTERANGE:\(Stage.segment(.hi, 101).readableBytes)@0", atSegment: 101).and(
                .answer("hi") { exchange, asked in if asked.name == "seg101.m4s" { exchange.status = 200 } })),
    ]

    private static func delta(_ edit: @escaping @Sendable (String, Double, String) -> String) -> Change {
        Change(text: { place, query, time, text in
            place == "hi" && query.contains("_HLS_skip") ? edit(query, time, text) : text
        })
    }

    private static let directives: [BadCase] = [
        BadCase(
            "blocking-kept", live,
            Change(text: { place, query, time, text in
                place == "lo" && query.contains("_HLS_part") ? Stage().playlist(.lo, at: time - 0.45) : text
            })),
        BadCase(
            "part-without-msn", live,
            .answer("hi") { exchange, asked in if asked.query == "_HLS_part=0" { exchange.status = 200 } }),
        BadCase(
            "far-ahead", live,
            .answer("hi") { exchange, asked in if asked.query == "_HLS_msn=1114" { exchange.status = 200 } }),
        BadCase("part-beyond", live, .refuse("hi", 400) { $1.query.hasSuffix("_HLS_part=99") }),
        BadCase("long-past", live, .refuse("hi", 400) { $1.query == "_HLS_msn=100" }),
        BadCase(
            "held-bounded", live,
            .answer("hi") { exchange, asked in
                guard asked.query == "_HLS_msn=116" else { return }
                exchange.headed = exchange.headed + .seconds(10)
                exchange.finished = exchange.headed
            }),
        BadCase(
            "ended-directives", .onDemand.with { $0.keepsControl = true },
            .refuse("hi", 400) { $1.query.contains("_HLS_msn") }),
        BadCase("delta-given", live, delta { _, time, _ in Stage().playlist(.hi, at: time) }),
        BadCase("delta-applies", live, delta { $2.replacing("seg110.m4s", with: "seg110x.m4s") }),
        BadCase(
            "delta-boundary", live,
            delta { _, _, text in
                var lines = text.split(separator: "\n").map(String.init)
                guard let skip = lines.firstIndex(where: { $0.hasPrefix("#EXT-X-SKIP") }) else { return text }
                lines[skip] = lines[skip].replacing("SEGMENTS=6", with: "SEGMENTS=8")
                var addresses = 0
                while addresses < 2 { if !lines.remove(at: skip + 1).hasPrefix("#") { addresses += 1 } }
                return lines.joined(separator: "\n")
            }),
        BadCase(
            "delta-dateranges", live,
            delta {
                $2.replacing(",RECENTLY-REMOVED-DATERANGES=\"\"", with: "").replacing(
                    "VERSION:10", with: "VERSION:9")
            }),
        BadCase(
            "delta-smaller", live,
            .answer("hi") { exchange, asked in
                if asked.query.contains("_HLS_skip") { exchange.wireSize = 1_000_000 }
            }),
        BadCase(
            "hint-held", live, .refuse("hi", 404) { exchange, _ in exchange.request.purpose == .hintedPart }),
        BadCase(
            "hint-whole", live,
            .answer("hi") { exchange, _ in
                if exchange.request.purpose == .hintedPart {
                    exchange.finished = exchange.begun + .milliseconds(400)
                }
            }),
        BadCase(
            "part-lifetime", live,
            .refuse("hi", 404) { $0.request.purpose == .removed && $1.name.hasPrefix("part") }),
        BadCase(
            "segment-lifetime",
            live.with {
                $0.segments = 460
                $0.window = 450
            }, .refuse("hi", 404) { $0.request.purpose == .removed && $1.name.hasPrefix("seg") }),
    ]

    private static let names113: Set<String> = [
        "seg113.m4s", "part113.0.m4s", "part113.1.m4s", "part113.2.m4s", "part113.3.m4s",
    ]

    private static let media: [BadCase] = [
        BadCase(
            "init-section", live,
            .media("lo", ["init2.mp4"]) { $0.getSlice(at: $0.readerIndex, length: 100) ?? $0 }),
        BadCase(
            "init-brand", live,
            .media("lo", ["init2.mp4"]) { bytes in
                var bytes = bytes
                for place in [8, 16, 20, 24] { bytes.setString("isom", at: bytes.readerIndex + place) }
                return bytes
            }),
        BadCase(
            "fragments", live,
            .media("lo", ["seg113.m4s"]) {
                $0.getSlice(at: $0.readerIndex, length: $0.readableBytes / 2 + 7) ?? $0
            }),
        BadCase(
            "time-continuous", live,
            .media("hi", names113) { $0.later(by: 120_000) }.and(
                .media("lo", names113) { $0.later(by: 120_000) }
            )
            .and(.media("audio", names113) { $0.later(by: 24_000) })),
        BadCase("idr-start", live, .media("lo", ["seg113.m4s", "part113.0.m4s"]) { $0.withFirstNAL(0x41) }),
        BadCase("independent-true", live, .replace("hi", ",INDEPENDENT=YES", "")),
        BadCase(
            "parts-equal", live,
            .media("hi", ["part113.1.m4s"]) { bytes in
                var bytes = bytes
                bytes.setInteger(UInt8(0xEE), at: bytes.writerIndex - 1)
                return bytes
            }),
        BadCase(
            "duration-true", .onDemand,
            .media("hi", ["seg114.m4s"]) { bytes in
                let last = Stage.part(.hi, 4 * 14 + 3).readableBytes
                return bytes.getSlice(at: bytes.readerIndex, length: bytes.readableBytes - last) ?? bytes
            }),
        BadCase("pictures-idr", live, .media("pic", ["seg113.m4s"]) { $0.withFirstNAL(0x41) }),
    ]

    private static func caption(_ what: String, _ with: String) -> Change {
        .media("subs", ["seg113.vtt"]) { ByteBuffer(string: String(buffer: $0).replacing(what, with: with)) }
    }

    private static let captions: [BadCase] = [
        BadCase("vtt-header", live, caption("WEBVTT", "WEB VTT")),
        BadCase("vtt-timestamp-map", live, caption("X-TIMESTAMP-MAP", "X-TIME")),
        BadCase("vtt-cues", live, caption("00:00:01.800", "00:00:00.100")),
        BadCase("vtt-period", live, caption("MPEGTS:", "MPEGTS:9")),
        BadCase("vtt-repeated", live, caption("00:00:01.800", "00:00:03.600")),
    ]
}
