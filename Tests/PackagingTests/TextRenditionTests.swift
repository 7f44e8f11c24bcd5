import Foundation
import M3U8
import Media
import NIOCore
import Packaging
import Synchronization
import Testing

/// Renditions of text keep step with the pictures.
@Suite struct TextRenditionTests {
    /// Says of each segment where it stands, and how often it was asked.
    final class Scribe: TextDesk {
        private let asked = Mutex<[RenditionName: [TextPlace]]>([:])

        func text(of name: RenditionName, at place: TextPlace) -> ByteBuffer {
            let count = asked.withLock { asked in
                asked[name, default: []].append(place)
                return asked[name]?.count ?? 0
            }
            return ByteBuffer(
                string:
                    "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\nNOTE \(place.sequence) \(count)\n"
                    + String(repeating: "NOTE so that it is worth compressing\n", count: 5))
        }

        func places(_ name: RenditionName) -> [TextPlace] { asked.withLock { $0[name] ?? [] } }
    }

    private static let english = TextRendition(
        name: RenditionName("captions-en"), language: "en", title: "English", isMachineMade: false)
    private static let spanish = TextRendition(
        name: RenditionName("captions-es"), language: "es", title: "Español", isMachineMade: true)
    private static let videos = [
        StageFixture.Video(name: .source, rate: FrameRate(30)),
        StageFixture.Video(name: RenditionName("360p"), rate: FrameRate(30), delay: 3),
    ]

    private func stage(
        _ scribe: Scribe, segments: Int = 8, clock: FakeClock = FakeClock(), memory: WindowMemory? = nil,
        restored: RestoredWindow? = nil, archive: ArchivePlace? = nil
    ) -> StageFixture {
        StageFixture(
            videos: Self.videos, segments: segments, memory: memory, clock: clock, restored: restored,
            archive: archive, desk: scribe)
    }

    /// The same numbers, lengths, dates, breaks and gaps in every list.
    private func expectStep(
        _ stage: StageFixture, _ name: RenditionName, place: SourceLocation = #_sourceLocation
    ) throws {
        let (text, pictures) = (try stage.playlist(name), try stage.playlist(.source))
        #expect(text.mediaSequence == pictures.mediaSequence, sourceLocation: place)
        #expect(text.discontinuitySequence == pictures.discontinuitySequence, sourceLocation: place)
        #expect(text.targetDuration == pictures.targetDuration, sourceLocation: place)
        #expect(
            text.serverControl == pictures.serverControl && text.isEnded == pictures.isEnded,
            sourceLocation: place)
        #expect(text.partTarget == nil && text.hintedPart == nil, sourceLocation: place)
        let whole = pictures.segments.filter { $0.uri != nil }
        #expect(text.segments.count == whole.count, sourceLocation: place)
        for (own, other) in zip(text.segments, whole) {
            #expect(
                own.duration == other.duration && own.programDateTime == other.programDateTime,
                sourceLocation: place)
            #expect(
                own.isDiscontinuity == other.isDiscontinuity && own.isGap == other.isGap,
                sourceLocation: place)
            #expect(own.parts.isEmpty && own.map == nil && own.keys.isEmpty, sourceLocation: place)
            #expect(own.uri?.hasSuffix(".vtt") == true, sourceLocation: place)
        }
    }

    private func fetched(_ stage: StageFixture, _ name: RenditionName, _ file: String) -> MediaObject? {
        if case .ready(let object) = stage.window.snapshot.media(name, file: file[...]) {
            object
        } else {
            nil
        }
    }

    @Test func textIsToldOfFromTheFirstPicture() throws {
        let scribe = Scribe()
        let stage = stage(scribe)
        stage.window.announce([Self.english, Self.spanish])
        #expect(stage.window.snapshot.multivariant == nil)
        stage.begin()
        stage.play(200) { $0 % 60 == 0 }
        let list = try stage.multivariant()
        #expect(list.subtitles.map(\.uri) == ["captions-en/index.m3u8", "captions-es/index.m3u8"])
        #expect(
            list.subtitles.map(\.name) == ["English", "Español"]
                && list.subtitles.map(\.language) == ["en", "es"])
        #expect(list.subtitles.map(\.characteristics) == [[], ["public.machine-generated"]])
        #expect(list.subtitles.allSatisfy { !$0.isDefault && $0.isAutomatic && !$0.isForced })
        #expect(list.variants.allSatisfy { $0.subtitleGroup == list.subtitles[0].group })
        for name in [Self.english.name, Self.spanish.name] {
            try expectStep(stage, name)
            let files = try stage.playlist(name).segments.compactMap(\.uri)
            for file in files {
                let object = try #require(fetched(stage, name, file))
                #expect(object.kind == .text)
                let text = try #require(object.text)
                #expect(String(buffer: text.plain).hasPrefix("WEBVTT\nX-TIMESTAMP-MAP="))
                #expect(text.gzip.readableBytes < object.length)
            }
        }
        let places = scribe.places(Self.english.name)
        #expect(places.first?.start == MediaTime(milliseconds: 10_000))
        #expect(
            zip(places, places.dropFirst()).allSatisfy {
                $0.sequence + 1 == $1.sequence && $0.endDate == $1.date
            })
    }

    @Test func aShowWithoutTextSaysNothingOfIt() throws {
        let stage = StageFixture(videos: Self.videos)
        stage.begin()
        stage.play(130) { $0 % 60 == 0 }
        let list = try stage.multivariant()
        #expect(list.subtitles.isEmpty && list.variants.allSatisfy { $0.subtitleGroup == nil })
    }

    @Test func readersWaitForWholeSegments() throws {
        let stage = stage(Scribe())
        stage.window.announce([Self.english])
        stage.begin()
        stage.play(200) { $0 % 60 == 0 }
        let last = try #require(try stage.window.snapshot.lastNumber(of: Self.english.name, stage))
        func answer(_ sequence: UInt64, part: Int? = nil) -> PlaylistAnswer {
            stage.window.snapshot.playlist(
                Self.english.name, BlockingRequest(mediaSequence: sequence, part: part))
        }
        guard case .ready = answer(last), case .wait = answer(last + 1),
            case .wait = answer(last + 1, part: 0),
            case .ready = answer(last, part: 3), case .badRequest = answer(last + 3)
        else {
            Issue.record("directives are not those of whole segments")
            return
        }
    }

    @Test func deltasSkipWhatIsOld() throws {
        let stage = stage(Scribe(), segments: 30)
        stage.window.announce([Self.english])
        stage.begin()
        stage.play(60 * 25) { $0 % 60 == 0 }
        let full = try stage.playlist(Self.english.name)
        let delta = try stage.playlist(Self.english.name, BlockingRequest(skips: true))
        #expect(delta.skip?.segments ?? 0 > 10)
        #expect(full.updated(by: delta) == full)
    }

    @Test func outagesAreGapsAndBreaksAreBreaks() throws {
        let scribe = Scribe()
        let stage = stage(scribe, segments: 30)
        stage.window.announce([Self.english])
        stage.begin()
        stage.play(150) { $0 % 60 == 0 }
        stage.finish()
        stage.window.loseFeed(now: stage.clock.now)
        try expectStep(stage, Self.english.name)
        stage.away(.seconds(7))
        try expectStep(stage, Self.english.name)
        #expect(try stage.playlist(Self.english.name).segments.last?.isGap == true)
        stage.begin()
        stage.play(200) { $0 % 60 == 0 }
        try expectStep(stage, Self.english.name)
        let list = try stage.playlist(Self.english.name)
        #expect(list.segments.count(where: \.isDiscontinuity) == 1 && list.segments.contains(where: \.isGap))
        for segment in list.segments where segment.isGap {
            #expect(fetched(stage, Self.english.name, segment.uri ?? "") == nil)
        }
        stage.finish()
        stage.window.end()
        try expectStep(stage, Self.english.name)
    }

    @Test func textThatComesLaterReachesAsFarBack() throws {
        let scribe = Scribe()
        let stage = stage(scribe)
        stage.window.announce([Self.english])
        stage.begin()
        stage.play(300) { $0 % 60 == 0 }
        stage.window.announce([Self.english, Self.spanish])
        try expectStep(stage, Self.spanish.name)
        #expect(try stage.multivariant().subtitles.count == 2)
        stage.play(300) { $0 % 60 == 0 }
        try expectStep(stage, Self.spanish.name)
        let asked = scribe.places(Self.english.name).map(\.sequence)
        #expect(Set(asked).count == asked.count, "each segment is written once")
        // What is told of no more goes on for those who read it.
        stage.window.announce([Self.spanish])
        #expect(try stage.multivariant().subtitles.map(\.name) == ["Español"])
        stage.play(120) { $0 % 60 == 0 }
        try expectStep(stage, Self.english.name)
    }

    /// A long window: old text lies on disk, memory holds the newest, and what has left the list goes.
    @Test func oldTextLiesOnDiskAndGoes() throws {
        let disk = RestoreTests.Disk()
        let scribe = Scribe()
        let stage = stage(scribe, segments: 20, archive: disk.place(isKept: false))
        stage.window.announce([Self.english])
        stage.begin()
        for _ in 0..<70 {
            stage.play(60) { $0 % 60 == 0 }
            disk.settle()
        }
        try expectStep(stage, Self.english.name)
        let objects = try stage.playlist(Self.english.name).segments.compactMap(\.uri).compactMap {
            fetched(stage, Self.english.name, $0)
        }
        #expect(objects.count >= 19)
        #expect(objects.contains { $0.file != nil } && objects.filter { $0.file == nil }.count <= 12)
        for object in objects {
            guard let path = object.file else { continue }
            #expect(
                path.hasSuffix(".vtt") && FileManager.default.contents(atPath: path)?.count == object.length)
        }
        let folder = disk.folder.show(ShowID("test")!)
        let files =
            FileManager.default.enumerator(atPath: folder)?.allObjects.compactMap { $0 as? String } ?? []
        #expect(files.count { $0.hasSuffix(".vtt") } < 50, "old files are deleted")
    }

    @Test func aRestartListsTheSameTextAgain() throws {
        let disk = RestoreTests.Disk()
        let scribe = Scribe()
        let clock = FakeClock()
        let first = stage(scribe, segments: 30, clock: clock, archive: disk.place())
        first.window.announce([Self.english])
        first.begin()
        first.play(60 * 8 + 20) { $0 % 60 == 0 }
        disk.settle()
        let before = try first.playlist(Self.english.name).segments
        let restored = try #require(disk.restored(MediaTime(milliseconds: 60_000)))
        clock.advance(.seconds(3))
        let again = stage(
            scribe, segments: 30, clock: clock,
            memory: WindowMemory(lastSequence: 1, discontinuitySequence: 0),
            restored: restored, archive: disk.place())
        again.window.announce([Self.english])
        try expectStep(again, Self.english.name)
        let after = try again.playlist(Self.english.name).segments
        #expect(after.prefix(before.count).map(\.uri) == before.map(\.uri))
        for segment in before {
            let file = try #require(segment.uri)
            let object = try #require(fetched(again, Self.english.name, file))
            let bytes = try #require(object.file.flatMap(FileManager.default.contents))
            #expect(bytes.count == object.length && object.kind == .text)
        }
        again.begin()
        again.play(200) { $0 % 60 == 0 }
        try expectStep(again, Self.english.name)
    }
}

extension WindowSnapshot {
    /// The number of the last segment that a rendition lists.
    fileprivate func lastNumber(of name: RenditionName, _ stage: StageFixture) throws -> UInt64? {
        let list = try stage.playlist(name)
        return list.segments.isEmpty ? nil : list.mediaSequence + UInt64(list.segments.count) - 1
    }
}
