import M3U8
import Media
import NIOCore
import Packaging
import Testing

/// The rules that every list must keep at every moment, checked on all renditions after each change.
@Suite struct WindowRulesTests {
    private static let rates = [
        FrameRate(30), FrameRate(30000, 1001), FrameRate(25), FrameRate(15), FrameRate(24000, 1001),
        FrameRate(60),
    ]

    @Test(arguments: rates, [48000, 44100])
    func regularStreamKeepsEveryRule(rate: FrameRate, audioRate: Int) throws {
        let stage = StageFixture(
            videos: [
                .init(name: .source, rate: rate),
                .init(name: RenditionName(shortSide: 480), rate: rate, delay: 5),
            ],
            audioRate: audioRate)
        let gop = rate.frame(nearest: MediaTime(milliseconds: 2000))
        stage.begin()
        var previous: [RenditionName: MediaPlaylist] = [:]
        for _ in 0..<Int(gop) * 12 {
            stage.play(1) { $0 % gop == 0 }
            try check(stage, &previous)
        }
        let final = try stage.playlist(.source)
        #expect(final.segments.filter { $0.uri != nil }.count == 8)
        #expect(final.segments.dropLast().allSatisfy { $0.parts.isEmpty || $0.parts.count == 4 })
    }

    @Test(arguments: 1...6)
    func irregularPicturesKeepEveryRule(seed: UInt64) throws {
        var random = Seeded(seed)
        let stage = StageFixture(
            videos: [
                .init(name: .source, rate: FrameRate(30)),
                .init(name: RenditionName("360p"), rate: FrameRate(30)),
            ])
        var cuts: Set<Int64> = [0]
        var last: Int64 = 0
        while last < 900 {
            last += Int64.random(in: 12...61, using: &random)
            cuts.insert(last)
        }
        stage.begin()
        var previous: [RenditionName: MediaPlaylist] = [:]
        for _ in 0..<900 {
            stage.play(1) { cuts.contains($0) }
            try check(stage, &previous)
        }
    }

    @Test func aRenditionThatBreaksOffLeavesTheOthersWhole() throws {
        let failing = RenditionName("480p")
        let stage = StageFixture(
            videos: [.source, failing, RenditionName("360p")].map { .init(name: $0, rate: FrameRate(30)) })
        stage.begin()
        stage.play(60 * 4 + 20) { $0 % 60 == 0 }
        #expect(try stage.multivariant().variants.contains { $0.uri.hasPrefix("480p/") })
        stage.fail(failing)
        stage.play(60 * 3 + 45) { $0 % 60 == 0 }
        for name in [.source, RenditionName("360p")] as [RenditionName] {
            let whole = try stage.playlist(name).segments.filter { $0.uri != nil }
            #expect(whole.allSatisfy { abs($0.duration - 2) < 0.01 && !$0.isGap }, "\(name)")
        }
        let source = try stage.playlist(.source).segments.filter { $0.uri != nil }
        let broken = try stage.playlist(failing).segments.filter { $0.uri != nil }
        #expect(broken.count == source.count)
        #expect(broken.map(\.isGap) == Array(repeating: false, count: 5) + [true, true, true])
        // Beyond its window too: who comes later chooses among the others.
        stage.play(60 * 20) { $0 % 60 == 0 }
        let names = try stage.multivariant().variants.map(\.uri)
        #expect(names.count == 3 && !names.contains { $0.hasPrefix("480p/") })
        #expect(try stage.playlist(failing).segments.allSatisfy { $0.isGap })
    }

    /// A rendition is switched off and comes back: its list goes on with gaps, in step with the others.
    @Test(arguments: [0, 3, -2], [FrameRate(30), FrameRate(25), FrameRate(30000, 1001)])
    func aRenditionThatRestsKeepsEveryRule(delay: Int, rate: FrameRate) throws {
        let resting = RenditionName("480p")
        let gop = rate.frame(nearest: MediaTime(milliseconds: 2000))
        let stage = StageFixture(
            videos: [
                .init(name: .source, rate: rate, delay: max(0, -delay)),
                .init(name: resting, rate: rate, delay: max(0, delay)),
                .init(name: RenditionName("360p"), rate: rate, delay: max(0, -delay)),
            ], segments: 30)
        stage.begin()
        var previous: [RenditionName: MediaPlaylist] = [:]
        var offered: [Bool] = []
        func play(_ frames: Int64) throws {
            for _ in 0..<frames {
                stage.play(1) { $0 % gop == 0 }
                try check(stage, &previous)
            }
            if let all = try? stage.multivariant() {
                offered.append(all.variants.contains { $0.uri.hasPrefix("480p/") })
            }
        }
        // Two seconds at the end of each stretch are the segment that was open.
        try play(gop * 4 + gop / 3)
        stage.resting = [resting]
        try play(gop * 5)
        #expect(try stage.playlist(resting).hintedPart == nil)
        stage.resting = []
        try play(gop)
        try play(gop * 3)
        stage.resting = [resting]
        try play(gop * 2)
        stage.resting = []
        try play(gop * 4)
        #expect(offered == [true, false, false, true, false, true])
        let source = try stage.playlist(.source).segments.filter { $0.uri != nil }
        let rested = try stage.playlist(resting).segments.filter { $0.uri != nil }
        #expect(abs(rested.count - source.count) <= 1)
        let shape = rested.prefix(19).map { $0.isGap ? "-" : "x" }.joined()
        #expect(shape == "xxxxx-----xxxx--xxx")
        for (own, other) in zip(rested, source) {
            #expect(
                abs(own.duration - other.duration) < 0.001 && own.programDateTime == other.programDateTime)
            #expect(own.isDiscontinuity == other.isDiscontinuity)
        }
        #expect(Set(rested.compactMap(\.map)).count == 1, "one init section is enough")
        // What the others report of it is what it has.
        let report = try #require(try stage.playlist(.source).reports.first { $0.uri.contains("480p") })
        #expect(report.lastSequence >= (try stage.playlist(.source).mediaSequence) + UInt64(source.count) - 2)
    }

    @Test func aRunThatEndsWithARestEndsTogether() throws {
        let resting = RenditionName("480p")
        let stage = StageFixture(
            videos: [.source, resting].map { .init(name: $0, rate: FrameRate(30)) }, segments: 30)
        stage.begin()
        stage.play(60 * 3) { $0 % 60 == 0 }
        stage.resting = [resting]
        stage.play(60 * 3 + 10) { $0 % 60 == 0 }
        stage.finish()
        stage.window.loseFeed(now: stage.clock.now)
        #expect(try stage.playlist(resting).segments.count == stage.playlist(.source).segments.count)
        stage.resting = []
        stage.begin()
        stage.play(60 * 3) { $0 % 60 == 0 }
        var previous: [RenditionName: MediaPlaylist] = [:]
        try check(stage, &previous)
        #expect(try stage.multivariant().variants.contains { $0.uri.hasPrefix("480p/") })
        stage.finish()
        stage.window.end()
        #expect(try stage.playlist(resting).isEnded)
    }

    @Test func anEncoderThatNeverOpensTakesNothingAway() throws {
        let failing = RenditionName("480p")
        let stage = StageFixture(videos: [.source, failing].map { .init(name: $0, rate: FrameRate(30)) })
        stage.begin(opensEncoders: false)
        stage.begin(again: .source)
        stage.beginSound()
        stage.fail(failing)
        stage.play(60 * 4) { $0 % 60 == 0 }
        #expect(try stage.multivariant().variants.map(\.uri) == ["source/index.m3u8", "audio/index.m3u8"])
    }

    @Test func whileAReturningHostsEncodersOpenThereIsStillAChoice() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))])
        stage.begin()
        stage.play(60 * 4) { $0 % 60 == 0 }
        let before = try stage.multivariant()
        stage.finish()
        stage.window.loseFeed(now: stage.clock.now)
        stage.away(.seconds(5))
        #expect(try stage.multivariant() == before)
        stage.begin(opensEncoders: false)
        #expect(try stage.multivariant() == before)
    }

    @Test func lostFramesLeaveLegalLists() throws {
        let stage = StageFixture(
            videos: [
                .init(name: .source, rate: FrameRate(30)),
                .init(name: RenditionName("360p"), rate: FrameRate(30)),
            ])
        stage.begin()
        var previous: [RenditionName: MediaPlaylist] = [:]
        for _ in 0..<600 {
            stage.play(1, dropping: { name, frame in name == .source && frame % 90 > 40 && frame % 90 < 75 })
            {
                $0 % 60 == 0
            }
            try check(stage, &previous)
        }
        let gaps = try stage.playlist(.source).segments.flatMap(\.parts).filter(\.isGap)
        #expect(!gaps.isEmpty)
    }

    @Test func picturesDoNotWaitForSound() throws {
        let videos: [StageFixture.Video] = [
            .init(name: .source, rate: FrameRate(30)),
            .init(name: RenditionName("360p"), rate: FrameRate(30)),
        ]
        let stage = StageFixture(videos: videos)
        stage.begin()
        stage.play(134) { $0 % 60 == 0 }
        stage.isSoundLate = true
        stage.play(1) { _ in false }
        // The third segment's first part: its last picture has just come, its last sound has not.
        func parts(_ name: RenditionName) throws -> Int {
            try stage.playlist(name).segments.last.map { $0.uri == nil ? $0.parts.count : 0 } ?? 0
        }
        #expect(try parts(.source) == 1 && parts(RenditionName("360p")) == 1)
        #expect(try parts(.audio) == 0)
        stage.isSoundLate = false
        stage.play(3) { _ in false }
        #expect(try parts(.audio) == 1, "sound joins when it is there")
    }

    @Test func feedGoesAndComesBack() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))], segments: 12)
        stage.begin()
        stage.play(130) { $0 % 60 == 0 }
        stage.finish()
        stage.window.loseFeed(now: stage.clock.now)
        #expect(stage.window.snapshot.state == .paused)
        var previous: [RenditionName: MediaPlaylist] = [:]
        stage.away(.seconds(7))
        try check(stage, &previous)
        let away = try stage.playlist(.source)
        let gaps = away.segments.filter(\.isGap)
        #expect(gaps.count == 3 && gaps.allSatisfy { $0.parts.isEmpty && $0.duration == 2 })
        stage.window.feedReturned(now: stage.clock.now)
        stage.away(.seconds(2))
        #expect(try stage.playlist(.source) == away, "no gaps while the feed is being looked at")
        stage.begin()
        stage.play(70) { $0 % 60 == 0 }
        try check(stage, &previous)
        for name in stage.names {
            let back = try stage.playlist(name)
            let first = try #require(back.segments.first(where: { $0.isDiscontinuity }))
            let index = try #require(back.segments.firstIndex(of: first))
            #expect(back.segments[index - 1].isGap && first.map != back.segments.first?.map)
            #expect(back.segments.filter(\.isDiscontinuity).count == 1)
        }
        #expect(stage.window.snapshot.state == .live)
    }

    @Test func aFeedThatReturnsAndNeverOpensLeavesGaps() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))])
        stage.begin()
        stage.play(130) { $0 % 60 == 0 }
        stage.finish()
        stage.window.loseFeed(now: stage.clock.now)
        stage.window.feedReturned(now: stage.clock.now)
        stage.away(.seconds(9))
        #expect(try stage.playlist(.source).segments.filter(\.isGap).count == 4)
    }

    @Test func discontinuitySequenceFollowsWhatLeaves() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))], segments: 6)
        for _ in 0..<3 {
            stage.begin()
            stage.play(130) { $0 % 60 == 0 }
            stage.finish()
            stage.window.loseFeed(now: stage.clock.now)
        }
        stage.begin()
        var previous: [RenditionName: MediaPlaylist] = [:]
        for _ in 0..<600 {
            stage.play(1) { $0 % 60 == 0 }
            try check(stage, &previous)
        }
        #expect(try stage.playlist(.audio).discontinuitySequence == 3)
    }

    /// What was on its way when the encoder changed is decoded with the init section that it was coded for.
    @Test func aNewFormatHoldsFromTheNextSegmentOn() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))], segments: 80)
        stage.begin()
        stage.play(60) { $0 % 60 == 0 }
        // Six pictures into a segment: its first part is still open.
        stage.play(6) { $0 == 60 }
        stage.begin(again: .source)
        stage.beginSound()
        stage.play(60) { $0 == 66 }
        let maps = try stage.playlist(.source).segments.map(\.map)
        #expect(maps[0] != nil && maps[1] == nil && maps[2] != nil && maps[2] != maps[0], "\(maps)")
    }

    /// A long window still lists segments of the init section before the last.
    @Test func aReplacedInitSectionStaysWhileItIsListed() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))], segments: 80)
        stage.begin()
        stage.play(60) { $0 % 60 == 0 }
        stage.begin(again: .source)
        stage.play(60 * 75) { $0 % 60 == 0 }
        var previous: [RenditionName: MediaPlaylist] = [:]
        try check(stage, &previous)
        let maps = try stage.playlist(.source).segments.compactMap(\.map)
        #expect(Set(maps).count == 2)
        stage.play(60 * 170) { $0 % 60 == 0 }
        #expect(try stage.playlist(.source).segments.compactMap(\.map).count == 1)
        guard case .unknown = stage.window.snapshot.media(.source, file: Substring(maps[0])) else {
            Issue.record("what nothing lists any more is forgotten")
            return
        }
    }

    @Test func theEndIsTheEnd() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))])
        stage.begin()
        stage.play(200) { $0 % 60 == 0 }
        stage.finish()
        stage.window.end()
        for name in stage.names {
            let list = try stage.playlist(name)
            #expect(list.isEnded && list.hintedPart == nil && list.reports.isEmpty && list.partTarget == nil)
            #expect(list.segments.allSatisfy { $0.uri != nil })
            guard case .ready = stage.window.snapshot.playlist(name, .init(mediaSequence: .max, part: 9))
            else {
                Issue.record("directives are ignored after the end")
                continue
            }
        }
        stage.away(.seconds(5))
        #expect(try stage.playlist(.source).segments.filter(\.isGap).isEmpty)
    }

    // MARK: The checker

    private func check(_ stage: StageFixture, _ previous: inout [RenditionName: MediaPlaylist]) throws {
        let snapshot = stage.window.snapshot
        var lists: [RenditionName: MediaPlaylist] = [:]
        for name in stage.names {
            guard case .ready(let text) = snapshot.playlist(name, .init()) else { return }
            lists[name] = try MediaPlaylist(parsing: String(buffer: text.plain))
        }
        #expect(Set(lists.values.map(\.mediaSequence)).count == 1, "every list starts at the same number")
        #expect(Set(lists.values.map(\.discontinuitySequence)).count == 1)
        for (name, list) in lists {
            try checkAlone(name, list, snapshot)
            if let before = previous[name] { try checkStep(name, before, list) }
        }
        // The same places are discontinuities, and hold as many parts, in all renditions.
        for (name, list) in lists where name != .audio {
            guard let audio = lists[.audio] else { continue }
            for (a, b) in zip(list.segments, audio.segments) where a.uri != nil && b.uri != nil {
                #expect(a.isDiscontinuity == b.isDiscontinuity)
                if !a.parts.isEmpty && !b.parts.isEmpty { #expect(a.parts.count == b.parts.count, "\(name)") }
                let difference = abs((a.programDateTime ?? 0) - (b.programDateTime ?? 0))
                #expect(difference <= 24, "audio starts at the frame nearest: \(difference) ms")
            }
        }
        previous = lists
    }

    private func checkAlone(_ name: RenditionName, _ list: MediaPlaylist, _ snapshot: WindowSnapshot) throws {
        #expect(list.targetDuration == 2 && list.partTarget == 0.54)
        #expect(list.serverControl?.partHoldBack == 1.62 && list.serverControl?.holdBack == 6)
        #expect(list.serverControl?.canSkipUntil == 12 && list.serverControl?.canBlockReload == true)
        // A gap without parts as the newest segment is no reason to leave it out.
        #expect(list.reports.allSatisfy { $0.lastPart != nil })
        let first = list.segments.first { !$0.isGap }
        #expect(first == nil || first?.map != nil)
        for segment in list.segments {
            if segment.uri != nil { #expect(segment.duration < 2.5, "\(name) \(segment.duration)") }
            for (index, part) in segment.parts.enumerated() {
                #expect(part.duration <= 0.54, "\(name) part of \(part.duration)")
                // `isGap` before, and independent parts, may be short too (4.4.4.9).
                let isLast = index == segment.parts.count - 1
                let beforeGap = index + 1 < segment.parts.count && segment.parts[index + 1].isGap
                if !isLast && !part.isIndependent && !part.isGap && !beforeGap {
                    #expect(part.duration >= 0.459, "\(name) part of \(part.duration)")
                }
            }
            if segment.uri != nil, !segment.parts.isEmpty {
                let sum = segment.parts.reduce(0) { $0 + $1.duration }
                #expect(abs(sum - segment.duration) < 0.02 || segment.parts.contains(where: \.isGap))
            }
            #expect(segment.programDateTime != nil)
        }
        for (a, b) in zip(list.segments, list.segments.dropFirst()) where a.uri != nil {
            let expected = (a.programDateTime ?? 0) + Int64((a.duration * 1000).rounded())
            if !b.isDiscontinuity {
                #expect(abs(expected - (b.programDateTime ?? 0)) <= 24, "\(name) dates run on")
            }
        }
        if let hint = list.hintedPart {
            guard case .wait = snapshot.media(name, file: Substring(hint)) else {
                Issue.record("a hinted part is held")
                return
            }
            #expect(!list.segments.flatMap(\.parts).contains { $0.uri == hint })
        }
        for segment in list.segments where !segment.isGap {
            for file in ([segment.uri, segment.map] + segment.parts.filter { !$0.isGap }.map(\.uri))
                .compactMap({ $0 })
            {
                guard case .ready(let object) = snapshot.media(name, file: Substring(file)) else {
                    Issue.record("\(file) is listed but not there")
                    continue
                }
                #expect(object.length > 0)
            }
        }
    }

    private func checkStep(_ name: RenditionName, _ before: MediaPlaylist, _ after: MediaPlaylist) throws {
        #expect(after.mediaSequence >= before.mediaSequence)
        #expect(after.discontinuitySequence >= before.discontinuitySequence)
        // What was listed keeps its number and its name.
        let shift = Int(after.mediaSequence - before.mediaSequence)
        for (index, segment) in before.segments.enumerated() where index >= shift && segment.uri != nil {
            guard index - shift < after.segments.count else {
                Issue.record("\(name): a listed segment vanished")
                return
            }
            #expect(after.segments[index - shift].uri == segment.uri)
            #expect(after.segments[index - shift].duration == segment.duration)
        }
    }
}

struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
