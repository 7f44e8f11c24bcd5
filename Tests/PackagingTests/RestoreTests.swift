import Foundation
import Logging
import M3U8
import Media
import NIOCore
import Packaging
import Synchronization
import Testing

/// A window on disk: memory is left for it, and another start lists it again.
@Suite struct RestoreTests {
    /// A folder of its own, and the writer in it.
    final class Disk {
        let path: String
        let folder: ArchiveFolder
        let writer: ReelWriter
        let shelf: ReelShelf

        init(limits: ReelWriter.Limits = .init()) {
            path = NSTemporaryDirectory() + "reels-\(UUID().uuidString)"
            folder = ArchiveFolder(path: path)
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            writer = ReelWriter(limits: limits, logger: logger)
            shelf = ReelShelf(folder: folder, logger: logger)
        }

        deinit {
            writer.finish()
            try? FileManager.default.removeItem(atPath: path)
        }

        /// Waits until everything is written.
        func settle() {
            let done = DispatchSemaphore(value: 0)
            writer.afterAll { done.signal() }
            done.wait()
        }

        func place(isKept: Bool = true) -> ArchivePlace {
            ArchivePlace(folder: folder, writer: writer, isKept: isKept)
        }

        func restored(_ span: MediaTime) -> RestoredWindow? {
            RestoredWindow.read(shelf.lastAiring(of: ShowID("test")!), span: span, folder: folder)
        }
    }

    private static let videos = [
        StageFixture.Video(name: .source, rate: FrameRate(30)),
        StageFixture.Video(name: RenditionName("360p"), rate: FrameRate(30), delay: 3),
    ]

    private func files(_ stage: StageFixture, _ name: RenditionName) throws -> [MediaObject] {
        try stage.playlist(name).segments.compactMap(\.uri).compactMap { file in
            guard case .ready(let object) = stage.window.snapshot.media(name, file: file[...]) else {
                return nil
            }
            return object
        }
    }

    @Test func oldSegmentsLieOnDiskAndNewOnesInMemory() throws {
        let disk = Disk()
        let stage = StageFixture(videos: Self.videos, segments: 40, archive: disk.place())
        stage.begin()
        for _ in 0..<40 {
            stage.play(60) { $0 % 60 == 0 }
            disk.settle()
        }
        for name in stage.names {
            let objects = try files(stage, name)
            #expect(objects.count >= 38, "everything that is listed can be fetched")
            let inMemory = objects.filter { $0.file == nil }
            #expect(inMemory.count <= 12 && inMemory.count >= 6, "\(inMemory.count)")
            for object in objects {
                guard let path = object.file else { continue }
                #expect(FileManager.default.contents(atPath: path)?.count == object.length)
            }
        }
        // Parts are where they are listed and a while after, and nowhere else.
        let parts = try stage.playlist(.source).segments.flatMap(\.parts)
        #expect(
            parts.allSatisfy { part in
                if case .ready(let object) = stage.window.snapshot.media(.source, file: part.uri[...]) {
                    object.file == nil
                } else {
                    false
                }
            })
    }

    @Test func aSecondStartListsWhatTheFirstHasWritten() throws {
        let disk = Disk()
        let first = StageFixture(videos: Self.videos, segments: 12, archive: disk.place())
        first.begin()
        first.play(60 * 20 + 25) { $0 % 60 == 0 }
        disk.settle()
        // Killed here: the open segment is lost.
        let before = try first.playlist(.source)
        let second = StageFixture(
            videos: Self.videos, segments: 12, clock: first.clock,
            restored: disk.restored(MediaTime(milliseconds: 24_000)), archive: disk.place())
        first.clock.advance(.seconds(1))
        second.window.tick(now: second.clock.now)
        #expect(second.window.snapshot.state == .paused && second.window.snapshot.multivariant != nil)
        for name in second.names {
            let list = try second.playlist(name)
            let old = try first.playlist(name)
            let numbers = Dictionary(
                old.segments.enumerated().map { ($1.uri ?? "", old.mediaSequence + UInt64($0)) }
            ) { a, _ in a }
            for (index, segment) in list.segments.enumerated() where !segment.isGap {
                #expect(
                    numbers[segment.uri ?? ""] == list.mediaSequence + UInt64(index),
                    "a number stays with its file")
            }
            #expect(list.segments.count(where: { !$0.isGap }) >= 10)
            #expect(list.segments.last?.isGap == true, "what was seen of the open segment is a gap")
            #expect(
                list.mediaSequence + UInt64(list.segments.count) > before.mediaSequence
                    + UInt64(before.segments.count - 1))
            #expect(list.discontinuitySequence == old.discontinuitySequence)
        }
        // The host comes back.
        second.away(.seconds(2))
        second.begin()
        second.play(60 * 3) { $0 % 60 == 0 }
        for name in second.names {
            let list = try second.playlist(name)
            let index = try #require(list.segments.firstIndex { $0.isDiscontinuity })
            #expect(list.segments.count(where: \.isDiscontinuity) == 1)
            #expect(list.segments[index - 1].isGap)
            #expect(list.segments[index].map != list.segments.first?.map)
            #expect(Set(list.segments.compactMap(\.uri)).count == list.segments.compactMap(\.uri).count)
            let dates = list.segments.compactMap(\.programDateTime)
            #expect(zip(dates, dates.dropFirst()).allSatisfy { $0 < $1 })
        }
        #expect(second.window.snapshot.state == .live)
    }

    @Test func discontinuitiesAreCountedAcrossStarts() throws {
        let disk = Disk()
        var stage = StageFixture(videos: Self.videos, segments: 8, archive: disk.place())
        var passed: UInt64 = 0
        for start in 0..<5 {
            if start > 0 {
                stage = StageFixture(
                    videos: Self.videos, segments: 8, clock: stage.clock,
                    restored: disk.restored(MediaTime(milliseconds: 16_000)), archive: disk.place())
            }
            stage.begin()
            stage.play(60 * 5 + 7) { $0 % 60 == 0 }
            disk.settle()
            let list = try stage.playlist(.source)
            let seen = list.discontinuitySequence + UInt64(list.segments.count(where: \.isDiscontinuity))
            #expect(seen == UInt64(start))
            #expect(list.discontinuitySequence >= passed)
            passed = list.discontinuitySequence
        }
    }

    @Test func anEndedShowIsStillThere() throws {
        let disk = Disk()
        let first = StageFixture(videos: Self.videos, segments: 12, archive: disk.place())
        first.begin()
        first.play(60 * 8) { $0 % 60 == 0 }
        first.finish()
        let stored = Mutex(false)
        first.window.end { stored.withLock { $0 = true } }
        disk.settle()
        #expect(stored.withLock { $0 })
        let second = StageFixture(
            videos: Self.videos, segments: 12, clock: first.clock,
            restored: disk.restored(MediaTime(milliseconds: 24_000)), archive: disk.place())
        #expect(second.window.snapshot.state == .ended)
        #expect(try second.playlist(.source) == first.playlist(.source))
        #expect(try files(second, .audio).count == second.playlist(.audio).segments.count)
    }

    @Test func filesThatAreGoneOrShortAreGaps() throws {
        let disk = Disk()
        let first = StageFixture(videos: Self.videos, segments: 12, archive: disk.place())
        first.begin()
        first.play(60 * 8) { $0 % 60 == 0 }
        disk.settle()
        let reel = try #require(disk.shelf.reels(of: ShowID("test")!).first)
        let list = try #require(reel.segments[.source])
        func path(_ index: Int) -> String {
            disk.folder.file(reel.show, tag: reel.tag, rendition: .source, name: list[index].file)
        }
        try FileManager.default.removeItem(atPath: path(1))
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path(2)))
        let again = try #require(disk.shelf.reels(of: ShowID("test")!).first)
        #expect(again.segments[.source]?.map(\.isGap).prefix(4) == [false, true, true, false])
        #expect(again.segments[.audio]?.contains(where: \.isGap) == false)
    }

    /// Without recording, what leaves the window leaves the disk.
    @Test func aPassingReelIsDeletedAsItSlides() throws {
        let disk = Disk()
        let stage = StageFixture(videos: Self.videos, segments: 6, archive: disk.place(isKept: false))
        stage.begin()
        stage.play(60 * 40) { $0 % 60 == 0 }
        disk.settle()
        let reel = try #require(disk.shelf.reels(of: ShowID("test")!).first)
        let left = reel.segments[.source]?.count { !$0.isGap } ?? 0
        #expect(left < 20 && left >= 6, "\(left)")
    }

    /// A disk that takes nothing: live goes on, what cannot be kept becomes a gap, memory stays bounded.
    @Test func aFullDiskLeavesGaps() throws {
        var limits = ReelWriter.Limits()
        limits.floor = .max
        limits.memory = 8000
        let disk = Disk(limits: limits)
        let stage = StageFixture(videos: Self.videos, segments: 40, archive: disk.place())
        stage.begin()
        stage.play(60 * 30) { $0 % 60 == 0 }
        let deadline = Date() + 10
        while try stage.playlist(.source).segments.count(where: \.isGap) == 0, Date() < deadline {
            stage.away(.milliseconds(100))
        }
        let list = try stage.playlist(.source)
        #expect(list.segments.first?.isGap == true)
        #expect(list.segments.contains { $0.uri != nil && !$0.isGap }, "the live edge is there")
        #expect(try files(stage, .source).allSatisfy { $0.file == nil })
    }
}
