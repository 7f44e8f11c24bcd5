// In: what happens to a window, under its lock, in order. Out: journal entries and files for the writer; back to the
// window, from the writer's thread: where each segment has come to lie. Blocks nobody: everything is queued with the
// writer, which bounds it.

import Media
import NIOCore
import Synchronization

/// Something that is to be remembered of a window.
enum ArchiveEvent: Sendable {
    case run(epoch: Int64, [RunPlan.Rendition])
    case initSection(RenditionName, file: String, ByteBuffer)
    /// Segments of this rendition of text follow.
    case text(RenditionName)
    /// Numbers up to this one may be seen by players from now on.
    case taken(UInt64)
    /// A segment is complete; without bytes it is a gap.
    case segment(RenditionName, WindowTrack.Segment, [ByteBuffer])
    /// Files that nobody may fetch from the window any more, with the path of those that lie on disk.
    case gone(RenditionName, [(name: String, path: String?)])
    case ended
}

/// Where a window's segments are to be written, and whether they stay after they have left the window.
package struct ArchivePlace: Sendable {
    package var folder: ArchiveFolder
    package var writer: ReelWriter
    package var isKept: Bool

    package init(folder: ArchiveFolder, writer: ReelWriter, isKept: Bool) {
        self.folder = folder
        self.writer = writer
        self.isKept = isKept
    }
}

/// Writes one window's reel.
final class WindowArchive: Sendable {
    typealias Settle = @Sendable (RenditionName, UInt64, WindowTrack.Warm.Place) -> Void

    private let place: ArchivePlace
    private let show: ShowID
    private let tag: String
    private let header: JournalEntry
    private let unixMilliseconds: @Sendable () -> Int64
    private let settle = Mutex<Settle>({ _, _, _ in })
    /// The journal begins with the first thing that is worth telling.
    private let hasBegun = Mutex(false)

    init(
        _ place: ArchivePlace, show: ShowID, tag: String, continues: String?, unixMilliseconds: Int64,
        discontinuities: UInt64
    ) {
        self.place = place
        self.show = show
        self.tag = tag
        self.unixMilliseconds = WallClock.unixMilliseconds
        header = .header(
            show: show, tag: tag, continues: continues, unixMilliseconds: unixMilliseconds,
            discontinuities: discontinuities, isKept: place.isKept)
    }

    func attach(_ settle: @escaping Settle) {
        self.settle.withLock { $0 = settle }
    }

    func take(_ events: [ArchiveEvent]) {
        for event in events { take(event) }
    }

    private func take(_ event: ArchiveEvent) {
        switch event {
        case .run(let epoch, let renditions):
            write([.run(epoch: epoch)] + renditions.map { .rendition($0) })
        case .initSection(let name, let file, let bytes):
            write(
                [.initSection(name, file: file, bytes: bytes.readableBytes)],
                file: (path(name, file), [bytes]))
        case .text(let name): write([.text(name)])
        case .taken(let sequence): write([.taken(sequence)])
        case .segment(let name, let segment, let buffers):
            let entry = JournalEntry.segment(name, ReelSegment(segment, bytes: buffers))
            guard !buffers.isEmpty else { return write([entry]) }
            var lost = ReelSegment(segment, bytes: [])
            lost.isGap = true
            let path = path(name, segment.file)
            let settle = settle.withLock { $0 }
            write([entry], file: (path, buffers), instead: .segment(name, lost)) { isStored in
                settle(name, segment.sequence, isStored ? .disk(path: path) : .nowhere)
            }
        case .gone(let name, let files):
            guard !place.isKept else { return }
            place.writer.remove(files.map { $0.path ?? path(name, $0.name) })
        case .ended: write([.ended(unixMilliseconds: unixMilliseconds())])
        }
    }

    /// Calls `done` on the writer's thread when everything so far is written or given up.
    func afterAll(_ done: @escaping @Sendable () -> Void) {
        place.writer.afterAll(done)
    }

    private func path(_ name: RenditionName, _ file: String) -> String {
        place.folder.file(show, tag: tag, rendition: name, name: file)
    }

    private func write(
        _ entries: [JournalEntry], file: (String, [ByteBuffer])? = nil, instead: JournalEntry? = nil,
        done: (@Sendable (Bool) -> Void)? = nil
    ) {
        let isFirst = hasBegun.withLock { hasBegun in
            defer { hasBegun = true }
            return !hasBegun
        }
        place.writer.write(
            ReelWriter.Ticket(
                show: show, journal: place.folder.journal(show, tag: tag),
                lines: ((isFirst ? [header] : []) + entries).map(\.line).joined(),
                file: file?.0, buffers: file?.1 ?? [], instead: instead?.line, done: done))
    }
}

extension ReelSegment {
    init(_ segment: WindowTrack.Segment, bytes: [ByteBuffer]) {
        self.init(
            sequence: segment.sequence, start: segment.start, duration: segment.duration,
            programDateTime: segment.programDateTime, isDiscontinuity: segment.isDiscontinuity,
            isGap: bytes.isEmpty || segment.isGap, map: segment.map, file: segment.file,
            bytes: bytes.reduce(0) { $0 + $1.readableBytes },
            keyLength: bytes.isEmpty ? nil : segment.keyLength)
    }
}
