import CMAF
import Checker
import Media
import NIOCore

/// A presentation as it should be, as a pure function of time: what each address answers, and when.
///
/// Segments last 2 s, parts about 0.5 s; number 108 follows a discontinuity. Second 0 of the survey is when 15 segments
/// are there and a tenth of a second more.
struct Stage: Sendable {
    enum Rendition: String, CaseIterable, Sendable {
        case hi
        case lo
        case audio
        case subs
        case pic

        var isLowLatency: Bool { self != .subs && self != .pic }
        var suffix: String { self == .subs ? "vtt" : "m4s" }
    }

    static let base = "http://stage.example/show/"
    static let first = 100
    static let cut = 108

    var isLive = true
    var hasParts = true
    /// EXT-X-SERVER-CONTROL stays after the end.
    var keepsControl = false
    /// When the survey begins.
    var segments = 15
    /// Segments kept; 0 keeps all.
    var window = 0
    var scheme = "http"
    /// Seconds that a part is late, by rendition and place in the show.
    var delay: @Sendable (Rendition, Int) -> Double = { _, _ in 0 }

    var base: String { scheme + Stage.base.dropFirst(4) }

    // MARK: - Time

    private func ready(_ part: Int, _ rendition: Rendition) -> Double {
        Double(part + 1) * 0.5 - (2 * Double(segments) + 0.1) + delay(rendition, part)
    }

    /// Parts that are there, counted from the show's beginning.
    func parts(_ rendition: Rendition, at time: Double) -> Int {
        guard isLive else { return segments * 4 }
        let most = max(0, Int(((2 * Double(segments) + 0.1 + time) / 0.5 + 1e-6).rounded(.down)))
        for part in max(0, most - 8)..<max(most, 1) where ready(part, rendition) > time + 1e-9 { return part }
        return most
    }

    /// When so many parts are there.
    func time(of count: Int, _ rendition: Rendition) -> Double {
        (max(0, count - 8)..<max(1, count)).map { ready($0, rendition) }.max() ?? 0
    }

    /// Where a part begins, in samples of its track.
    static func boundary(_ rendition: Rendition, _ part: Int) -> Int {
        rendition == .audio ? (part * 24_000 + 512) / 1024 : (part * 25 + 1) / 2
    }

    static func seconds(_ rendition: Rendition, _ from: Int, _ to: Int) -> Double {
        let samples = Double(boundary(rendition, to) - boundary(rendition, from))
        return rendition == .audio ? samples * 1024 / 48_000 : samples / 25
    }

    static func decimal(_ value: Double) -> String {
        let units = Int((value * 100_000).rounded())
        return "\(units / 100_000)." + String(String(100_000 + units % 100_000).dropFirst())
    }

    /// Of a part's start: 12:00 and so many seconds.
    static func date(_ rendition: Rendition, _ part: Int) -> String {
        let milliseconds = Int((seconds(rendition, 0, part) * 1000).rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let fraction = String(String(1000 + milliseconds % 1000).dropFirst())
        let second = milliseconds / 1000
        return
            "2026-05-01T\(two(12 + second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)).\(fraction)Z"
    }

    // MARK: - Playlists

    func multivariant() -> String {
        let (hi, lo, audio) = (Stage.rates(.hi), Stage.rates(.lo), Stage.rates(.audio))
        func variant(_ rates: (peak: Int, average: Int), _ codecs: String, _ more: String, _ id: String)
            -> String
        {
            "#EXT-X-STREAM-INF:BANDWIDTH=\(rates.peak),AVERAGE-BANDWIDTH=\(rates.average),CODECS=\"\(codecs)\"\(more),"
                + "AUDIO=\"sound\",SUBTITLES=\"subs\",CLOSED-CAPTIONS=NONE,STABLE-VARIANT-ID=\"\(id)\"\n\(id)/index.m3u8\n"
        }
        let picture = ",RESOLUTION=1280x720,FRAME-RATE=25.000"
        func sum(_ rates: (peak: Int, average: Int)) -> (peak: Int, average: Int) {
            (rates.peak + audio.peak, rates.average + audio.average)
        }
        return """
            #EXTM3U
            #EXT-X-VERSION:6
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",STABLE-RENDITION-ID="audio-en",URI="audio/index.m3u8"
            #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,URI="subs/index.m3u8"

            """ + variant(sum(hi), "avc1.64001f,mp4a.40.2", picture, "hi")
                + variant(sum(lo), "avc1.64001f,mp4a.40.2", picture, "lo")
                + variant(audio, "mp4a.40.2", "", "audio")
                + "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,AVERAGE-BANDWIDTH=50000,CODECS=\"avc1.64001f\","
                + "RESOLUTION=1280x720,URI=\"pic/index.m3u8\"\n"
    }

    /// A rendition's playlist at a time; with `skip`, its delta update ("YES" or "v2").
    func playlist(_ rendition: Rendition, at time: Double, skip: String? = nil) -> String {
        let parts = parts(rendition, at: time)
        let complete = parts / 4
        let from = window > 0 ? max(0, complete - window) : 0
        let isLowLatency = isLive && hasParts && rendition.isLowLatency
        var lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-TARGETDURATION:2"]
        if isLive || keepsControl {
            lines.append(
                "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=18.0,CAN-SKIP-DATERANGES=YES,HOLD-BACK=9.0"
                    + ",PART-HOLD-BACK=1.62")
        }
        if isLowLatency { lines.append("#EXT-X-PART-INF:PART-TARGET=0.54") }
        lines.append("#EXT-X-MEDIA-SEQUENCE:\(Stage.first + from)")
        lines.append("#EXT-X-DISCONTINUITY-SEQUENCE:\(Stage.first + from > Stage.cut ? 1 : 0)")
        if !isLive { lines.append("#EXT-X-PLAYLIST-TYPE:VOD") }
        if rendition == .pic { lines.append("#EXT-X-I-FRAMES-ONLY") }
        if rendition != .pic {
            lines.append(
                "#EXT-X-DATERANGE:ID=\"a\",CLASS=\"example.pin\",START-DATE=\"2026-05-01T12:00:01.000Z\",DURATION=86400.0"
            )
        }
        var listed: [(lines: [String], length: Double)] = []
        for index in from..<complete + (isLowLatency && parts % 4 > 0 ? 1 : 0) {
            listed.append(
                segment(rendition, index, complete: complete, parts: parts, from: from, isLowLatency))
        }
        if let skip, isLive {
            var kept = 0
            var length = 0.0
            while kept < listed.count, length < 18 {
                kept += 1
                length += listed[listed.count - kept].length
            }
            let skipped = listed.count - kept
            if skipped > 0 {
                lines[1] = "#EXT-X-VERSION:\(skip == "v2" ? 10 : 9)"
                lines.append(
                    "#EXT-X-SKIP:SKIPPED-SEGMENTS=\(skipped)"
                        + (skip == "v2" ? ",RECENTLY-REMOVED-DATERANGES=\"\"" : ""))
                listed.removeFirst(skipped)
                // What is in force stands again.
                listed[0].lines.insert(Stage.map(from + skipped), at: 0)
            }
        }
        lines += listed.flatMap(\.lines)
        if isLowLatency {
            lines.append(
                "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"part\(Stage.first + parts / 4).\(parts % 4).m4s\"")
            for other in Rendition.allCases where other != rendition && other.isLowLatency {
                let last = self.parts(other, at: time) - 1
                lines.append(
                    "#EXT-X-RENDITION-REPORT:URI=\"../\(other.rawValue)/index.m3u8\",LAST-MSN=\(Stage.first + last / 4),"
                        + "LAST-PART=\(last % 4)")
            }
        }
        if !isLive { lines.append("#EXT-X-ENDLIST") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func map(_ index: Int) -> String {
        "#EXT-X-MAP:URI=\"init\(first + index < cut ? 1 : 2).mp4\""
    }

    private func segment(
        _ rendition: Rendition, _ index: Int, complete: Int, parts: Int, from: Int, _ isLowLatency: Bool
    ) -> (lines: [String], length: Double) {
        var lines: [String] = []
        let number = Stage.first + index
        if number == Stage.cut { lines.append("#EXT-X-DISCONTINUITY") }
        if rendition != .subs, index == from || number == Stage.cut { lines.append(Stage.map(index)) }
        lines.append("#EXT-X-PROGRAM-DATE-TIME:\(Stage.date(rendition, 4 * index))")
        if isLowLatency, index >= complete - 3 {
            for part in 4 * index..<min(4 * index + 4, parts) {
                let independent = rendition == .audio || part % 4 == 0 ? ",INDEPENDENT=YES" : ""
                lines.append(
                    "#EXT-X-PART:DURATION=\(Stage.decimal(Stage.seconds(rendition, part, part + 1))),"
                        + "URI=\"part\(number).\(part % 4).m4s\"\(independent)")
            }
        }
        guard index < complete else {
            return (lines, Stage.seconds(rendition, 4 * index, parts))
        }
        let length = Stage.seconds(rendition, 4 * index, 4 * index + 4)
        lines.append("#EXTINF:\(Stage.decimal(length)),")
        lines.append("seg\(number).\(rendition.suffix)")
        return (lines, length)
    }
}
