import M3U8
import Media
import NIOCore
import Packaging
import Testing

/// The DASH description of a window says what its playlists say.
@Suite struct WindowManifestTests {
    private struct Period: Equatable {
        var id: String
        var start: Double
        /// Start number and segments of each timeline, in order.
        var timelines: [Timeline]
    }

    private struct Timeline: Equatable {
        var number: UInt64
        var timescale: Double
        var offset: Double
        var times: [(Int64, Int64)]

        static func == (a: Timeline, b: Timeline) -> Bool {
            a.number == b.number && a.times.elementsEqual(b.times, by: ==)
        }
    }

    private func text(_ stage: StageFixture) throws -> String {
        String(buffer: try #require(stage.window.snapshot.manifest).plain)
    }

    /// Reads what the description tells of times.
    private func periods(_ text: String) throws -> [Period] {
        try text.split(separator: "<Period ").dropFirst().map { text in
            let head = try #require(text.firstMatch(of: /id="([^"]+)" start="PT([0-9.]+)S"/))
            let timelines = try text.split(separator: "</SegmentTimeline>").dropLast().map { text in
                let template = try #require(
                    text.firstMatch(
                        of: /timescale="(\d+)"(?: presentationTimeOffset="(\d+)")? startNumber="(\d+)"/))
                var times: [(Int64, Int64)] = []
                for run in text.matches(of: /<S(?: t="(\d+)")? d="(\d+)"(?: r="(\d+)")?/) {
                    let duration = try #require(Int64(run.2))
                    var time = run.1.flatMap { Int64($0) } ?? (times.last.map { $0.0 + $0.1 } ?? 0)
                    for _ in 0...(run.3.flatMap { Int($0) } ?? 0) {
                        times.append((time, duration))
                        time += duration
                    }
                }
                return Timeline(
                    number: try #require(UInt64(template.3)), timescale: try #require(Double(template.1)),
                    offset: template.2.flatMap { Double($0) } ?? 0, times: times)
            }
            return Period(id: String(head.1), start: try #require(Double(head.2)), timelines: timelines)
        }
    }

    private static let low = RenditionName(shortSide: 360)

    private func stage(segments: Int = 8) -> StageFixture {
        StageFixture(
            videos: [
                .init(name: .source, rate: FrameRate(30)),
                .init(name: Self.low, rate: FrameRate(30), delay: 3),
            ],
            segments: segments)
    }

    @Test func nothingToTell() {
        let stage = stage()
        #expect(stage.window.snapshot.manifest == nil)
        stage.begin()
        stage.play(59) { $0 % 60 == 0 }
        #expect(stage.window.snapshot.manifest == nil)
    }

    @Test func saysWhatThePlaylistsSay() throws {
        let stage = stage()
        stage.begin()
        stage.play(60 * 12 + 10) { $0 % 60 == 0 }
        let text = try text(stage)
        let period = try #require(try periods(text).first)
        #expect(text.contains("type=\"dynamic\"") && text.contains("lang=\"en\""))
        #expect(text.contains("codecs=\"avc1.64001f\"") && text.contains("codecs=\"mp4a.40.2\""))
        #expect(text.contains("media=\"$RepresentationID$/s$Number$-"))
        // Renditions in step share a timeline: one of the pictures, one of the sound.
        #expect(period.timelines.count == 2)
        let anchor = try #require(text.firstMatch(of: /availabilityStartTime="([^"]+)"/)?.1)
        let zero = try #require(CivilDate.unixMilliseconds(parsing: anchor.utf8))
        for (name, timeline) in zip([RenditionName.source, .audio], period.timelines) {
            let listed = try stage.playlist(name).segments.filter { $0.uri != nil }
            #expect(timeline.times.count == listed.count)
            #expect(listed.first?.uri?.hasPrefix("s\(timeline.number)-") == true)
            for (time, segment) in zip(timeline.times, listed) {
                let lasts = Double(time.1) / timeline.timescale - segment.duration
                #expect(abs(lasts) < 0.001)
                let date = try #require(segment.programDateTime)
                let shown = period.start + (Double(time.0) - timeline.offset) / timeline.timescale
                let late = shown * 1000 - Double(date - zero)
                #expect(abs(late) < 2, "\(name) \(segment.uri ?? "")")
            }
            for index in timeline.times.indices.dropFirst() {
                let before = timeline.times[index - 1]
                #expect(timeline.times[index].0 == before.0 + before.1)
            }
            for file in [listed.first?.map, listed.first?.uri].compactMap({ $0 }) {
                guard case .ready = stage.window.snapshot.media(name, file: file[...]) else {
                    Issue.record("\(name)/\(file) is told of and not there")
                    continue
                }
            }
            let map = try #require(listed.first?.map)
            #expect(text.contains("initialization=\"\(name)/\(map)\""))
        }
    }

    /// What is told of a segment never changes while it is told: players keep what they have read.
    @Test func periodsKeepTheirNamesAndTimes() throws {
        let stage = stage(segments: 6)
        stage.begin()
        stage.play(130) { $0 % 60 == 0 }
        var told: [UInt64: Double] = [:]
        var starts: [String: Double] = [:]
        var zero: Substring?
        func look() throws {
            let text = try text(stage)
            let anchor = try #require(text.firstMatch(of: /availabilityStartTime="([^"]+)"/)?.1)
            #expect(zero == nil || zero == anchor)
            zero = zero ?? anchor
            for period in try periods(text) {
                #expect(starts[period.id] == nil || starts[period.id] == period.start)
                starts[period.id] = period.start
                let timeline = period.timelines[0]
                for (index, time) in timeline.times.enumerated() {
                    let shown = period.start + (Double(time.0) - timeline.offset) / timeline.timescale
                    let number = timeline.number + UInt64(index)
                    #expect(abs((told[number] ?? shown) - shown) < 0.0001)
                    told[number] = shown
                }
            }
        }
        for round in 0..<3 {
            for _ in 0..<40 {
                stage.play(15) { $0 % 60 == 0 }
                try look()
            }
            stage.finish()
            stage.window.loseFeed(now: stage.clock.now)
            stage.away(.seconds(5))
            try look()
            stage.window.feedReturned(now: stage.clock.now)
            stage.begin()
            stage.play(130) { $0 % 60 == 0 }
            try look()
            #expect(starts.count == round + 2)
        }
    }

    @Test func aGapIsLeftOutAndARunIsAPeriod() throws {
        let stage = stage(segments: 20)
        stage.begin()
        stage.play(250) { $0 % 60 == 0 }
        stage.finish()
        stage.window.loseFeed(now: stage.clock.now)
        stage.away(.seconds(6))
        stage.window.feedReturned(now: stage.clock.now)
        stage.begin()
        stage.play(190) { $0 % 60 == 0 }
        let text = try text(stage)
        let periods = try periods(text)
        #expect(periods.count == 2)
        #expect(!text.contains("gap"))
        let listed = try stage.playlist(.source).segments
        let gaps = listed.filter(\.isGap).count
        #expect(gaps >= 2)
        let first = periods[0].timelines[0]
        let second = periods[1].timelines[0]
        #expect(second.number == first.number + UInt64(first.times.count + gaps))
        #expect(periods[1].start > periods[0].start + 8)
        #expect(Set(text.matches(of: /initialization="([^"]+)"/).map(\.1)).count == 6)
    }

    /// A rendition without media at some numbers is not told of there; the others are.
    @Test func aLostSegmentOfOneRendition() throws {
        let stage = stage(segments: 12)
        stage.begin()
        // The cut's own picture is never dropped, so losing the init section's follower alone is not a gap: the whole
        // second half of the segments 3 and 4 goes, and their gaps are in parts only.
        stage.play(60 * 8, dropping: { name, frame in name == Self.low && (180..<300).contains(frame) }) {
            $0 % 60 == 0
        }
        let periods = try periods(try text(stage))
        #expect(periods.count == 1, "a segment with some media is no gap")
        #expect(periods[0].timelines[0].times.count >= 6)
    }

    @Test func theEndIsStaticAndStartsAtZero() throws {
        let stage = stage(segments: 6)
        stage.begin()
        stage.play(60 * 10) { $0 % 60 == 0 }
        stage.finish()
        stage.window.end()
        let text = try text(stage)
        #expect(text.contains("type=\"static\"") && !text.contains("UTCTiming"))
        let period = try #require(try periods(text).first)
        let timeline = period.timelines[0]
        #expect(period.start == 0 && timeline.offset == Double(timeline.times[0].0))
        let total = timeline.times.reduce(0) { $0 + Double($1.1) } / timeline.timescale
        let length = try #require(
            text.firstMatch(of: /mediaPresentationDuration="PT([0-9.]+)S"/).flatMap { Double($0.1) })
        #expect(abs(length - total) < 0.005)
    }

    /// The text is made once for each complete segment, however many parts come between.
    @Test func renderedOncePerSegment() throws {
        let stage = stage()
        stage.begin()
        stage.play(60 * 3 + 5) { $0 % 60 == 0 }
        var texts: [ObjectIdentifier] = []
        var kept: [PlaylistText] = []
        for _ in 0..<60 {
            stage.play(1) { $0 % 60 == 0 }
            let text = try #require(stage.window.snapshot.manifest)
            kept.append(text)
            if texts.last != ObjectIdentifier(text) { texts.append(ObjectIdentifier(text)) }
        }
        #expect(texts.count == 2)
        #expect(kept.allSatisfy { $0.gzip.readableBytes > 0 && $0.etag.hasPrefix("\"") })
    }
}
