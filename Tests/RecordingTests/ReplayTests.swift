import M3U8
import Media
import NIOCore
import Packaging
import Recording
import Testing

/// What a recording plays, made from journals alone.
@Suite struct ReplayTests {
    static let show = ShowID("sale")!
    static let p720 = RenditionName("720p")
    static let p360 = RenditionName("360p")

    /// A run as a journal tells it: `numbers` are complete in every rendition, but for those that are `missing`.
    struct Run {
        var first: UInt64
        var count: Int
        var start: Int64
        var names: [RenditionName] = [ReplayTests.p720, ReplayTests.p360]
        var gaps: Set<UInt64> = []
        var missing: [RenditionName: Set<UInt64>] = [:]
    }

    static func rendition(_ name: RenditionName) -> RunPlan.Rendition {
        switch name {
        case .audio:
            .init(name: name, kind: .audio(channels: 2), peakBitsPerSecond: 128_000, isPassthrough: false)
        case .source:
            .init(
                name: name, kind: .video(width: 1920, height: 1080, frameRate: FrameRate(30)),
                peakBitsPerSecond: 6_000_000, isPassthrough: true)
        default:
            .init(
                name: name,
                kind: .video(
                    width: name == p720 ? 1280 : 640, height: name == p720 ? 720 : 360,
                    frameRate: FrameRate(30)),
                peakBitsPerSecond: name == p720 ? 2_500_000 : 600_000, isPassthrough: false)
        }
    }

    static func reel(_ tag: String, _ runs: [Run], began: Int64 = 0, ended: Bool = true) -> Reel {
        var entries: [JournalEntry] = [
            .header(
                show: show, tag: tag, continues: nil, unixMilliseconds: began, discontinuities: 0,
                isKept: true)
        ]
        for (index, run) in runs.enumerated() {
            entries.append(.run(epoch: 1_790_000_000_000))
            for name in run.names + [.audio] {
                entries += [
                    .rendition(rendition(name)),
                    .initSection(name, file: "init\(index)-\(tag).mp4", bytes: 500),
                ]
            }
            for number in 0..<UInt64(run.count) {
                let sequence = run.first + number
                for name in run.names + [.audio] where run.missing[name]?.contains(sequence) != true {
                    let start = MediaTime(milliseconds: run.start + Int64(number) * 2000)
                    entries.append(
                        .segment(
                            name,
                            ReelSegment(
                                sequence: sequence, start: start, duration: MediaTime(milliseconds: 2000),
                                programDateTime: 1_790_000_000_000 + start.milliseconds,
                                isDiscontinuity: number == 0 && index > 0, isGap: run.gaps.contains(sequence),
                                map: "init\(index)-\(tag).mp4", file: "s\(sequence)-\(tag).mp4",
                                bytes: name == .audio ? 30_000 : 300_000,
                                keyLength: name == .audio ? nil : 9000)))
                }
            }
        }
        if ended { entries.append(.ended(unixMilliseconds: began + 1)) }
        return Reel(journal: entries.map(\.line).joined())!
    }

    static func format(_ name: RenditionName) -> TrackFormat {
        if name == .audio { return .aac(AACFormat(sampleRate: 48000, channels: 2)!) }
        let sps: [UInt8] = [
            0x67, 0x64, 0x00, 0x1F, 0xAC, 0xD9, 0x40, 0x50, 0x05, 0xBB, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00,
            0x10, 0x00, 0x00, 0x03, 0x03, 0xC0, 0xF1, 0x83, 0x19, 0x60,
        ]
        return .avc(try! AVCFormat(sps: [sps], pps: [[0x68, 0xEB, 0xE3, 0xCB, 0x22, 0xC0]]))
    }

    private func replay(_ reels: [Reel]) throws -> (replay: Replay, script: ReplayScript) {
        let script = ReplayScript(reels)
        let replay = try #require(
            Replay(
                show: Self.show, script: script, folder: ArchiveFolder(path: "/media"), language: "en",
                format: { name, _ in Self.format(name) }))
        return (replay, script)
    }

    private func list(_ replay: Replay, _ name: RenditionName) throws -> (MediaPlaylist, String) {
        let text = String(buffer: try #require(replay.playlist(name)).plain)
        return (try MediaPlaylist(parsing: text), text)
    }

    @Test func outagesAreLeftOutWithABreakInEveryRendition() throws {
        let (replay, script) = try replay([
            Self.reel(
                "a",
                [
                    Run(first: 100, count: 10, start: 10_000, gaps: [104, 105]),
                    Run(first: 110, count: 5, start: 40_000),
                ])
        ])
        #expect(script.duration.seconds == 26)
        for name in [Self.p720, Self.p360, .audio] {
            let (list, text) = try list(replay, name)
            #expect(text.contains("#EXT-X-PLAYLIST-TYPE:VOD\n") && list.isEnded)
            #expect(
                !text.contains("EXT-X-PART") && !text.contains("SERVER-CONTROL") && !text.contains("PRELOAD"))
            #expect(list.segments.count == 13 && !list.segments.contains(where: \.isGap))
            #expect(list.segments.indices.filter { list.segments[$0].isDiscontinuity } == [4, 8])
            #expect(list.mediaSequence == 0 && list.targetDuration == 2)
        }
    }

    @Test func reopenedShowsPlayAllAirings() throws {
        let (replay, _) = try replay([
            Self.reel("a", [Run(first: 100, count: 3, start: 10_000)]),
            Self.reel("b", [Run(first: 5000, count: 3, start: 10_000)], began: 10),
        ])
        let (list, _) = try list(replay, Self.p720)
        #expect(
            list.segments.map(\.uri) == [100, 101, 102].map { "s\($0)-a.mp4" }
                + [5000, 5001, 5002].map { "s\($0)-b.mp4" })
        #expect(list.segments.map(\.isDiscontinuity) == [false, false, false, true, false, false])
        for segment in list.segments {
            let file = try #require(segment.uri)
            let object = try #require(replay.object(Self.p720, file: file[...]))
            #expect(object.file == "/media/sale/\(file.hasSuffix("-a.mp4") ? "a" : "b")/720p/\(file)")
            #expect(object.length == 300_000)
        }
        #expect(replay.object(Self.p720, file: "s100-b.mp4") == nil)
        #expect(replay.object(Self.p720, file: "journal") == nil)
        #expect(replay.object(Self.p720, file: "init0-a.mp4")?.length == 500)
    }

    @Test func aSegmentThatCouldNotBeWrittenIsAGapInItsListOnly() throws {
        let (replay, _) = try replay([
            Self.reel("a", [Run(first: 100, count: 6, start: 10_000, missing: [Self.p360: [102]])])
        ])
        #expect(
            try list(replay, Self.p720).0.segments.map(\.isGap) == [false, false, false, false, false, false])
        #expect(
            try list(replay, Self.p360).0.segments.map(\.isGap) == [false, false, true, false, false, false])
        #expect(try list(replay, Self.p360).0.segments.count(where: \.isDiscontinuity) == 0)
    }

    @Test func anotherRenditionStandsInWhereOneWasNotMade() throws {
        let (replay, script) = try replay([
            Self.reel(
                "a",
                [
                    Run(first: 100, count: 8, start: 10_000),
                    Run(first: 108, count: 4, start: 26_000, names: [.source, Self.p360]),
                ])
        ])
        #expect(script.renditions.map(\.name) == [Self.p720, Self.p360, .audio], "source has less than half")
        let (list, text) = try list(replay, Self.p720)
        #expect(list.segments[8].uri == "../source/s108-a.mp4" && list.segments[8].isDiscontinuity)
        #expect(text.contains("#EXT-X-MAP:URI=\"../source/init1-a.mp4\""))
        #expect(replay.object(.source, file: "s108-a.mp4") != nil)
    }

    @Test func theMultivariantPlaylistTellsMeasuredRates() throws {
        let (replay, _) = try replay([Self.reel("a", [Run(first: 100, count: 6, start: 10_000)])])
        let text = String(buffer: replay.variants.plain)
        let playlist = try MultivariantPlaylist(parsing: text)
        #expect(playlist.variants.first?.uri == "360p/index.m3u8")
        #expect(playlist.variants.map(\.bandwidth) == [1_320_000, 1_320_000, 120_000])
        #expect(playlist.variants.map { $0.codecs.count } == [2, 2, 1])
        #expect(playlist.variants.allSatisfy { $0.averageBandwidth == $0.bandwidth })
        #expect(playlist.iFrameVariants.map(\.uri) == ["360p/iframes.m3u8", "720p/iframes.m3u8"])
        let pictures = String(buffer: try #require(replay.iFrames(Self.p720)).plain)
        #expect(pictures.contains("#EXT-X-I-FRAMES-ONLY\n") && pictures.contains("#EXT-X-BYTERANGE:9000@0\n"))
    }

    // MARK: One file

    private func plan(
        _ reels: [Reel], _ rendition: RenditionName? = nil,
        coding: (Int, RenditionName, String) -> [UInt8]? = { _, name, _ in Array(name.text.utf8) }
    ) throws -> MoviePlan {
        try MoviePlan(ReplayScript(reels), rendition: rendition, coding: coding)
    }

    @Test func theBestSteadyRenditionBecomesTheFile() throws {
        let reels = [
            Self.reel(
                "a",
                [
                    Run(first: 100, count: 4, start: 10_000, names: [.source, Self.p360]),
                    Run(first: 104, count: 4, start: 30_000, names: [.source, Self.p360]),
                ])
        ]
        #expect(try plan(reels).rendition == .source)
        // The host's picture changed between the runs; ours did not, though it has another init section.
        let changed = try plan(reels) { _, name, map in name == .source ? Array(map.utf8) : [1] }
        #expect(changed.rendition == Self.p360)
        #expect(changed.stretches.map(\.isBreak) == [false, false, false, false, true, false, false, false])
        let refusal = #expect(throws: MoviePlan.Refusal.self) {
            try plan(reels, .source) { _, name, map in name == .source ? Array(map.utf8) : [1] }
        }
        guard case .changed(let reason)? = refusal else {
            Issue.record("it is told why")
            return
        }
        #expect(reason.contains("360p"))
        #expect(throws: MoviePlan.Refusal.unknown) { try plan(reels, RenditionName("9p")) }
    }

    @Test func placesThatATrackLacksAreLeftOut() throws {
        let reels = [
            Self.reel(
                "a", [Run(first: 100, count: 6, start: 10_000, missing: [Self.p720: [102], .audio: [104]])])
        ]
        let plan = try plan(reels, Self.p720)
        #expect(plan.stretches.map(\.picture.sequence) == [100, 101, 103, 105])
        #expect(plan.stretches.map(\.isBreak) == [false, false, true, true])
    }
}
