import HLSClient

/// A live show by the clock, as a good server would list it: segments of 2 s in parts of 0.5 s.
struct FakeShow {
    struct Answer {
        /// Seconds; when it can be sent.
        var at: Double
        var status = 200
        var text = ""
        var bytes = 0
        var location: String?
        var failure: HTTPFailure?
    }

    /// Unix time at which segment 100 begins; the test's clock starts there.
    static let epoch = 1_790_000_000.0
    static let firstSegment = 100

    var isDated = true
    var hasSound = true
    var deltas = true
    var window = 15
    /// Seconds from the end of a part to its listing.
    var delay = 0.02
    /// Seconds at which the show ends, on a segment's edge.
    var ends: Double?
    /// Segments that are missing.
    var gaps: Set<Int> = []
    /// Segments that begin with another init section.
    var changes: Set<Int> = []
    var variants = [("720p", 3_000_000, 720), ("360p", 700_000, 360)]

    func multivariant() -> String {
        var text = "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        if hasSound {
            text += "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"A\",DEFAULT=YES,URI=\"audio/index.m3u8\"\n"
        }
        for (name, bandwidth, height) in variants {
            text += "#EXT-X-STREAM-INF:BANDWIDTH=\(bandwidth),RESOLUTION=\(height * 16 / 9)x\(height)"
            text += (hasSound ? ",AUDIO=\"a\"" : "") + "\n\(name)/index.m3u8\n"
        }
        return text
    }

    /// Parts listed at a time, from the show's first.
    func listed(at time: Double) -> Int {
        let last = ends.map { Int($0 * 2) } ?? .max
        return min(last, max(0, Int(((time - delay) * 2 + 1e-6).rounded(.down))))
    }

    /// When so many parts are listed.
    func time(of parts: Int) -> Double { Double(parts) / 2 + delay }

    func playlist(_ name: String, at time: Double, skips: Bool) -> String {
        let count = listed(at: time)
        let isEnded = ends.map { count >= Int($0 * 2) } ?? false
        let open = count / 4
        let first = max(0, open - window)
        var text = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n"
        text += "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.62,HOLD-BACK=6"
        text += (deltas ? ",CAN-SKIP-UNTIL=12" : "") + "\n#EXT-X-PART-INF:PART-TARGET=0.54\n"
        text += "#EXT-X-MEDIA-SEQUENCE:\(FakeShow.firstSegment + first)\n"
        let skipped = skips && deltas && !isEnded ? max(0, open - 6 - first) : 0
        if skipped > 0 { text += "#EXT-X-SKIP:SKIPPED-SEGMENTS=\(skipped)\n" }
        for segment in (first + skipped)...open where segment * 4 < count || segment < open {
            let number = FakeShow.firstSegment + segment
            if changes.contains(number) { text += "#EXT-X-DISCONTINUITY\n" }
            if changes.contains(number) || segment == first + skipped {
                let version = changes.filter { $0 <= number }.max() ?? 0
                text += "#EXT-X-MAP:URI=\"init-\(version).mp4\"\n"
            }
            if isDated { text += "#EXT-X-PROGRAM-DATE-TIME:\(FakeShow.date(Double(segment) * 2))\n" }
            let isGap = gaps.contains(number)
            if segment > open - 3, !isEnded {
                for part in 0..<min(4, count - segment * 4) {
                    text += "#EXT-X-PART:DURATION=0.5,URI=\"\(number).\(part).mp4\""
                    text += (part == 0 ? ",INDEPENDENT=YES" : "") + (isGap ? ",GAP=YES" : "") + "\n"
                }
            }
            if segment < open {
                text += (isGap ? "#EXT-X-GAP\n" : "") + "#EXTINF:2.0,\n\(number).mp4\n"
            }
        }
        if isEnded { return text + "#EXT-X-ENDLIST\n" }
        text += "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"\(FakeShow.firstSegment + open).\(count % 4).mp4\"\n"
        for (other, _, _) in variants where other != name {
            text +=
                "#EXT-X-RENDITION-REPORT:URI=\"../\(other)/index.m3u8\",LAST-MSN=\(FakeShow.firstSegment + (count - 1) / 4)"
            text += ",LAST-PART=\((count - 1) % 4)\n"
        }
        return text
    }

    /// What a request is answered, and when at the soonest.
    func answer(_ address: WebAddress, at time: Double) -> Answer {
        let path = address.path.split(separator: "/").map(String.init)
        let query = address.target.split(separator: "?").dropFirst().joined()
        if path.count < 2 { return Answer(at: time, text: multivariant()) }
        if path[1] == "index.m3u8" {
            var directives: [String: String] = [:]
            for pair in query.split(separator: "&") {
                let sides = pair.split(separator: "=")
                directives[String(sides[0])] = String(sides[1])
            }
            let skips = directives["_HLS_skip"] == "YES"
            var at = time
            if let segment = directives["_HLS_msn"].flatMap({ Int($0) }) {
                let part = directives["_HLS_part"].flatMap { Int($0) } ?? 3
                let wanted = (segment - FakeShow.firstSegment) * 4 + part + 1
                if wanted > listed(at: time) + 8 { return Answer(at: time, status: 400) }
                let last = ends.map { Int($0 * 2) } ?? .max
                at = max(time, self.time(of: min(wanted, last)))
            }
            return Answer(at: at, text: playlist(path[0], at: at, skips: skips))
        }
        let name = path[1].split(separator: ".")
        let rate = variants.first { $0.0 == path[0] }?.1 ?? 128_000
        guard let number = Int(name[0]) else { return Answer(at: time, bytes: 800) }
        guard !gaps.contains(number) else { return Answer(at: time, status: 404) }
        let index = name.count == 3 ? Int(name[1]) ?? 0 : 3
        let parts = (number - FakeShow.firstSegment) * 4 + index + 1
        if parts > listed(at: time) + 1 { return Answer(at: time, status: 404) }
        // A hinted part is held until it is whole.
        return Answer(
            at: max(time, self.time(of: parts) - 0.01), bytes: rate / 16 * (name.count == 3 ? 1 : 4))
    }

    /// `time` seconds after the epoch, as a playlist writes it.
    static func date(_ time: Double) -> String {
        // The epoch is 2026-09-21T14:13:20Z; the tests stay on its day.
        let milliseconds = Int((time * 1000).rounded()) + ((14 * 60 + 13) * 60 + 20) * 1000
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let rest = milliseconds % 1000
        let padded = String(repeating: "0", count: 3 - String(rest).count) + String(rest)
        return "2026-09-21T\(two(milliseconds / 3_600_000)):\(two(milliseconds / 60_000 % 60)):"
            + "\(two(milliseconds / 1000 % 60)).\(padded)Z"
    }
}
