import M3U8
import Media
import NIOCore
import Packaging
import Testing

/// What the window writes in pieces is what the model would write, and delta updates stand for full lists.
@Suite struct ListTextTests {
    private static let lists: [BlockingRequest.List] = [.segments, .iFrames]

    /// The lists of every rendition at some moments, with what their viewers may still hold.
    private struct Followers {
        var held: [String: [MediaPlaylist]] = [:]
        var applied = 0
        var random: Seeded

        mutating func follow(_ stage: StageFixture) throws {
            for name in stage.names {
                for list in ListTextTests.lists {
                    guard case .ready(let text) = stage.window.snapshot.playlist(name, .init(list: list))
                    else {
                        continue
                    }
                    let full = try MediaPlaylist(parsing: text.plain)
                    var again = ByteBuffer()
                    full.write(into: &again)
                    #expect(String(buffer: again) == String(buffer: text.plain))
                    try update("\(name) \(list)", to: full, stage, name, list)
                }
            }
        }

        private mutating func update(
            _ key: String, to full: MediaPlaylist, _ stage: StageFixture, _ name: RenditionName,
            _ list: BlockingRequest.List
        ) throws {
            let delta = try stage.playlist(name, .init(list: list, skips: true))
            if let skip = delta.skip {
                #expect(delta.mediaSequence == full.mediaSequence)
                #expect(delta.discontinuitySequence == full.discontinuitySequence)
                #expect(skip.segments + delta.segments.count == full.segments.count)
                let rest = delta.segments.reduce(0) { sum, segment in
                    sum
                        + (segment.uri == nil
                            ? segment.parts.reduce(0) { $0 + $1.duration } : segment.duration)
                }
                #expect(rest >= 11.98, "nothing closer than the boundary is skipped: \(rest)")
                #expect(delta.segments.first?.programDateTime != nil)
                for old in held[key] ?? [] {
                    guard let made = old.updated(by: delta) else { continue }
                    try #require(made == full, "\(key)")
                    applied += 1
                }
            } else {
                #expect(delta == full, "nothing to skip is the full list")
            }
            if Int.random(in: 0..<20, using: &random) == 0 {
                held[key, default: []].append(full)
                if held[key]?.count ?? 0 > 4 { held[key]?.removeFirst() }
            }
        }
    }

    @Test(arguments: 1...4)
    func updatesStandForTheFullList(seed: UInt64) throws {
        var followers = Followers(random: Seeded(seed))
        let stage = StageFixture(
            videos: [
                .init(name: .source, rate: FrameRate(30)),
                .init(name: RenditionName("360p"), rate: FrameRate(30), delay: 5),
            ], segments: [12, 20, 100, 15][Int(seed) - 1])
        for run in 0..<4 {
            stage.begin()
            for frame in 0..<600 {
                stage.play(1) { $0 % 60 == 0 || (run == 2 && $0 % 25 == 0) }
                if frame == 300, run == 1 { stage.begin(again: .source) }
                if frame % 7 == 0 { try followers.follow(stage) }
            }
            stage.finish()
            stage.window.loseFeed(now: stage.clock.now)
            try followers.follow(stage)
            stage.away(.seconds(run * 3))
            try followers.follow(stage)
            stage.window.feedReturned(now: stage.clock.now)
        }
        #expect(followers.applied > 200)
        stage.window.end()
        for name in stage.names {
            let ended = try stage.playlist(name, .init(mediaSequence: .max, part: 3, skips: true))
            #expect(ended.isEnded && ended.skip == nil && ended.serverControl == nil)
        }
    }

    @Test func anIFramePlaylistNamesOnePictureOfEachSegment() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))], segments: 20)
        stage.pictureSizes = (key: 5000, other: 300)
        stage.begin()
        stage.play(60 * 12 + 20) { $0 % 60 == 0 }
        let pictures = try stage.playlist(.source, .init(list: .iFrames))
        let segments = try stage.playlist(.source).segments.filter { $0.uri != nil }
        #expect(pictures.isIFramesOnly && pictures.version == 5 && pictures.partTarget == nil)
        #expect(pictures.hintedPart == nil && pictures.serverControl?.canBlockReload == true)
        #expect(pictures.reports.map(\.uri).sorted() == ["../audio/index.m3u8", "../source/index.m3u8"])
        #expect(pictures.segments.count == segments.count && pictures.targetDuration == 2)
        for (picture, segment) in zip(pictures.segments, segments) {
            #expect(picture.uri == segment.uri && picture.duration == segment.duration)
            #expect(picture.programDateTime == segment.programDateTime && picture.parts.isEmpty)
            let range = try #require(picture.byteRange)
            guard
                case .ready(let file) = stage.window.snapshot.media(
                    .source, file: Substring(picture.uri ?? ""))
            else {
                Issue.record("\(picture.uri ?? "") is there")
                continue
            }
            let bytes = try #require(
                file.buffers[0].getBytes(at: file.buffers[0].readerIndex, length: Int(range.length)))
            #expect(range.offset == 0 && bytes[4..<8].elementsEqual("moof".utf8))
            // It ends with the key picture, of which the NAL header is the fifth byte.
            #expect(bytes.count > 5000 && bytes.count < 5600 && bytes[bytes.count - 5000 + 4] == 0x65)
        }
        guard case .unknown = stage.window.snapshot.playlist(.audio, .init(list: .iFrames)) else {
            Issue.record("sound has no pictures")
            return
        }
    }

    @Test func anIFramePlaylistWaitsForSegments() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))])
        stage.begin()
        stage.play(60 * 9 + 20) { $0 % 60 == 0 }
        let list = try stage.playlist(.source, .init(list: .iFrames))
        let last = list.mediaSequence + UInt64(list.segments.count) - 1
        func answer(_ sequence: UInt64, _ part: Int? = nil) -> String {
            switch stage.window.snapshot.playlist(
                .source, .init(list: .iFrames, mediaSequence: sequence, part: part))
            {
            case .ready: "ready"
            case .wait: "wait"
            case .badRequest: "bad"
            case .unknown: "unknown"
            }
        }
        #expect(answer(0) == "ready" && answer(last) == "ready" && answer(last, 50) == "ready")
        #expect(answer(last + 1) == "wait" && answer(last + 1, 0) == "wait" && answer(last + 3) == "bad")
    }

    /// Every row of the draft's table of delivery directives (6.2.5.2).
    @Test func blockingKeepsTheTable() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))])
        stage.begin()
        stage.play(60 * 9 + 35) { $0 % 60 == 0 }
        let list = try stage.playlist(.source)
        let last = list.mediaSequence + UInt64(list.segments.count) - 2
        #expect(list.segments.last?.parts.count == 2)
        let table: [(UInt64?, Int?, String)] = [
            (nil, nil, "ready"), (nil, 0, "bad"), (0, nil, "ready"), (0, 99, "ready"), (last, nil, "ready"),
            (last, 0, "ready"), (last, 3, "ready"),
            // Past the final part is the first part of the next segment, which is there.
            (last, 4, "ready"), (last, 99, "ready"),
            (last + 1, nil, "wait"), (last + 1, 0, "ready"), (last + 1, 1, "ready"), (last + 1, 2, "wait"),
            (last + 1, 7, "wait"), (last + 1, 8, "bad"), (last + 2, nil, "wait"), (last + 2, 0, "wait"),
            (last + 3, nil, "bad"), (last + 3, 0, "bad"), (.max, nil, "bad"),
        ]
        for (sequence, part, expected) in table {
            for skips in [false, true] {
                let said =
                    switch stage.window.snapshot.playlist(
                        .source, .init(mediaSequence: sequence, part: part, skips: skips))
                    {
                    case .ready: "ready"
                    case .wait: "wait"
                    case .badRequest: "bad"
                    case .unknown: "unknown"
                    }
                #expect(said == expected, "\(String(describing: sequence)) \(String(describing: part))")
            }
        }
    }

    /// hls.js takes LAST-PART=0 for a missing one and puts its own last index in its place.
    @Test func aReportOfPartZeroIsReadRightlyByHlsJs() throws {
        let stage = StageFixture(
            videos: [
                .init(name: .source, rate: FrameRate(30)),
                .init(name: RenditionName("360p"), rate: FrameRate(30), delay: 20),
            ])
        stage.begin()
        var zeros = 0
        for _ in 0..<1200 {
            stage.play(1) { $0 % 60 == 0 }
            for name in stage.names {
                guard let list = try? stage.playlist(name) else { continue }
                let own = list.segments.last { !$0.parts.isEmpty }.map { $0.parts.count - 1 } ?? -1
                for report in list.reports where report.lastPart == 0 {
                    zeros += 1
                    #expect(own == 0, "\(name): \(report)")
                }
            }
        }
        #expect(zeros > 0)
    }

    /// The init section of what comes next is hinted as soon as it is there.
    @Test func aNewInitSectionIsHinted() throws {
        let stage = StageFixture(videos: [.init(name: .source, rate: FrameRate(30))])
        stage.begin()
        stage.play(60 * 4) { $0 % 60 == 0 }
        #expect(try stage.playlist(.source).hintedMap == nil)
        stage.begin(again: .source)
        let hinted = try #require(try stage.playlist(.source).hintedMap)
        guard case .ready = stage.window.snapshot.media(.source, file: Substring(hinted)) else {
            Issue.record("a hinted init section is there")
            return
        }
        stage.play(70) { $0 % 60 == 0 }
        let after = try stage.playlist(.source)
        #expect(after.hintedMap == nil && after.segments.contains { $0.map == hinted })
    }

    /// What a text is made from is used once, whoever asks, and for both forms.
    @Test func aTextIsWrittenOnce() async {
        let written = Counted()
        let text = PlaylistText {
            written.add()
            return ByteBuffer(string: "#EXTM3U\n")
        }
        #expect(written.count == 0)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { text.gzip.readableBytes + text.plain.readableBytes } }
            for await length in group { #expect(length > 8) }
        }
        #expect(written.count == 1 && text.etag.hasPrefix("\""))
    }
}
