import M3U8
import Media
import NIOCore

/// How far a rendition's list reaches, as the others report it.
struct Standing: Sendable {
    var name: RenditionName
    /// The newest part; its index is -1 in a segment without parts.
    var last: PartKey
    /// The last part of the segment before.
    var previous: PartKey?
    /// Others do not report a rendition that nothing can be asked of.
    var isReported: Bool
    /// Its list names parts, so that reports must.
    var hasParts: Bool
}

/// One rendition's list at one moment: cheap to take, and written out only when somebody asks.
struct ListMoment: Sendable {
    let settings: WindowSettings
    let name: RenditionName
    let mediaSequence: UInt64
    let discontinuitySequence: UInt64
    let isEnded: Bool
    /// Segments whose parts are no longer listed.
    let settled: SegmentText
    /// Closed segments after them, and the open one.
    let recent: [WindowTrack.Segment]
    let open: WindowTrack.Segment?
    var hintedPart: String?
    var hintedMap: String?
    let standings: [Standing]

    /// The whole list.
    func full() -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: settled.length + 4096)
        write(from: mediaSequence, skipping: nil, into: &buffer)
        return buffer
    }

    /// There is something to skip (6.2.5.1): a segment whose end is further from the list's end than the boundary.
    var hasDelta: Bool {
        guard !isEnded, let first = settled.firstEnd(from: mediaSequence) else { return false }
        return first <= boundary
    }

    /// What follows the skipped segments.
    func delta() -> ByteBuffer {
        let (kept, skipped) = settled.kept(from: mediaSequence, after: boundary)
        var buffer = ByteBufferAllocator().buffer(capacity: 8192)
        write(from: kept ?? .max, skipping: skipped > 0 ? skipped : nil, into: &buffer)
        return buffer
    }

    /// Only segments that end by then may be skipped.
    private var boundary: MediaTime {
        let parts = recent.reduce(settled.end) { $0 + $1.duration } + (open?.duration ?? .zero)
        return parts - MediaTime(seconds: settings.skipBoundary)
    }

    private func write(from sequence: UInt64, skipping skipped: Int?, into buffer: inout ByteBuffer) {
        var frame = MediaPlaylist(
            targetDuration: settings.targetSeconds, partTarget: isEnded ? nil : settings.partTarget,
            serverControl: isEnded ? nil : settings.serverControl, mediaSequence: mediaSequence,
            discontinuitySequence: discontinuitySequence, skip: skipped.map { .init(segments: $0) },
            hintedPart: hintedPart, hintedMap: hintedMap, isEnded: isEnded)
        if !isEnded { frame.reports = reports(to: name) }
        // An init section in a list that is not of I-frames needs 6, EXT-X-SKIP needs 9.
        frame.writeHead(version: skipped == nil ? 6 : 9, into: &buffer)
        var carried = settled.write(from: sequence, into: &buffer)
        for segment in recent {
            let listed = segment.listed(
                partTarget: settings.partTarget, hasParts: !isEnded, isOpen: false
            ).said(after: carried)
            listed.writeOpening(into: &buffer, after: carried)
            listed.writeBody(into: &buffer)
            carried.pass(listed)
        }
        if let open {
            let listed = open.listed(partTarget: settings.partTarget, hasParts: true, isOpen: true)
                .said(after: carried)
            listed.writeOpening(into: &buffer, after: carried)
            listed.writeBody(into: &buffer)
        }
        frame.writeFoot(into: &buffer)
    }

    /// A list of whole segments of the same moment, `written` already: I-frame playlists, one picture of each closed
    /// segment, and text. It has no parts, but the control and the reports of every other list.
    func whole(_ written: SegmentText, isIFrames: Bool) -> ByteBuffer {
        writeWhole(written, isIFrames: isIFrames, from: mediaSequence, skipping: nil)
    }

    func wholeDelta(_ written: SegmentText, isIFrames: Bool) -> ByteBuffer {
        let (kept, skipped) = written.kept(from: mediaSequence, after: boundary(of: written))
        return writeWhole(
            written, isIFrames: isIFrames, from: kept ?? .max, skipping: skipped > 0 ? skipped : nil)
    }

    func hasWholeDelta(_ written: SegmentText) -> Bool {
        guard !isEnded, let first = written.firstEnd(from: mediaSequence) else { return false }
        return first <= boundary(of: written)
    }

    private func boundary(of written: SegmentText) -> MediaTime {
        written.end - MediaTime(seconds: settings.skipBoundary)
    }

    private func writeWhole(
        _ written: SegmentText, isIFrames: Bool, from sequence: UInt64, skipping skipped: Int?
    ) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: written.length + 1024)
        var frame = MediaPlaylist(
            targetDuration: settings.targetSeconds,
            serverControl: isEnded ? nil : settings.serverControl, mediaSequence: mediaSequence,
            discontinuitySequence: discontinuitySequence, isIFramesOnly: isIFrames,
            skip: skipped.map { .init(segments: $0) }, isEnded: isEnded)
        if !isEnded { frame.reports = reports(to: nil) }
        // An init section in an I-frame playlist needs 5; durations with decimals need 3.
        frame.writeHead(version: skipped != nil ? 9 : isIFrames ? 5 : 3, into: &buffer)
        _ = written.write(from: sequence, into: &buffer)
        frame.writeFoot(into: &buffer)
        return buffer
    }

    /// How far every other list reaches; nil stands for a list that no report is about.
    ///
    /// hls.js (1.6 and before) takes LAST-PART=0 for a missing one and puts the reader's own last index in its place,
    /// so that after a switch it would wait for the end of a segment that has hardly begun. Where the two differ, the
    /// last part of the segment before is reported: a reader who asks for what follows is answered at once. It is so
    /// where the newest segment is a gap without parts, too.
    private func reports(to reader: RenditionName?) -> [MediaPlaylist.Report] {
        let own = standings.first { $0.name == reader }?.last.index ?? -1
        return standings.compactMap { other in
            guard other.isReported, other.name != reader else { return nil }
            var last = other.last
            if last.index <= 0, own != last.index, let previous = other.previous, previous.index > 0 {
                last = previous
            }
            return .init(
                uri: "../\(other.name)/index.m3u8", lastSequence: last.sequence,
                lastPart: other.hasParts ? max(0, last.index) : nil)
        }
    }
}

extension MediaPlaylist.Segment {
    /// Without the keys, where these are in force already.
    func said(after carried: MediaPlaylist.Carried) -> Self {
        guard !keys.isEmpty, keys == carried.keys else { return self }
        var segment = self
        segment.keys = []
        return segment
    }
}

extension WindowTrack.Segment {
    private var keys: [Key] {
        key.map { [Key(method: "AES-128", uri: $0.file, vector: $0.vector)] } ?? []
    }

    /// As a media playlist lists it; `partTarget` in seconds.
    func listed(partTarget: Double, hasParts: Bool, isOpen: Bool) -> MediaPlaylist.Segment {
        MediaPlaylist.Segment(
            uri: isOpen ? nil : file, duration: isOpen ? 0 : duration.seconds,
            isDiscontinuity: isDiscontinuity, isGap: !isOpen && isGap, map: map, keys: keys,
            programDateTime: programDateTime,
            parts: hasParts
                ? parts.map { part in
                    .init(
                        uri: part.file, duration: min(part.duration.seconds, partTarget),
                        isIndependent: part.isIndependent, isGap: part.isGap)
                } : [])
    }

    /// As an I-frame playlist lists it: its first picture, with the boxes before it. A gap where there is none.
    func listedPicture(gap: String) -> MediaPlaylist.Segment {
        let isMissing = isGap || keyLength == nil
        return MediaPlaylist.Segment(
            uri: isMissing ? gap : file, duration: duration.seconds, isDiscontinuity: isDiscontinuity,
            isGap: isMissing, map: map, programDateTime: programDateTime,
            byteRange: isMissing ? nil : keyLength.map { .init(length: UInt64($0), offset: 0) })
    }
}
