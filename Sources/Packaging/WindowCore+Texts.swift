import DequeModule
import Media
import NIOCore

// Renditions of text follow the pictures: for each number that these have closed there is one segment, as long, with the
// same date, break or gap. What it holds is asked for then, once: a segment that is listed never changes.

extension WindowCore {
    mutating func announce(_ renditions: [TextRendition]) {
        guard renditions != texts else { return }
        texts = renditions
        for rendition in renditions where tracks[rendition.name] == nil {
            var track = WindowTrack(
                rendition: .init(
                    name: rendition.name, kind: .text, peakBitsPerSecond: 0, isPassthrough: false))
            track.isActive = false
            tracks[rendition.name] = track
            textOrder.append(rendition.name)
        }
        isDirty = true
    }

    /// Closes the segments of text that the pictures have closed; `write` makes their bytes.
    mutating func closeTexts(now: MonotonicTime, _ write: (RenditionName, TextPlace) -> ByteBuffer) {
        guard let lead = textLead, let last = tracks[lead]?.closed.last?.sequence else { return }
        for name in textOrder {
            let own = tracks[name]?.closed.last?.sequence
            guard own ?? 0 < last, let list = tracks[lead]?.closed else { continue }
            var from = list.endIndex
            while from > list.startIndex, list[from - 1].sequence > own ?? 0 { from -= 1 }
            for segment in list[from...] {
                closeText(name, like: segment, now: now, write)
            }
        }
    }

    /// The picture that has come furthest; the best of these.
    private var textLead: RenditionName? {
        var best: (name: RenditionName, sequence: UInt64)?
        for name in order where tracks[name]?.isVideo == true {
            guard let last = tracks[name]?.closed.last?.sequence else { continue }
            if last > best?.sequence ?? 0 { best = (name, last) }
        }
        return best?.name
    }

    private mutating func closeText(
        _ name: RenditionName, like segment: WindowTrack.Segment, now: MonotonicTime,
        _ write: (RenditionName, TextPlace) -> ByteBuffer
    ) {
        guard var track = tracks.removeValue(forKey: name) else { return }
        defer { tracks[name] = track }
        let isGap = segment.isGap && !isPictured(segment.sequence)
        var text = WindowTrack.Segment(
            sequence: segment.sequence, start: segment.start, programDateTime: segment.programDateTime,
            isDiscontinuity: segment.isDiscontinuity, map: nil,
            file: isGap ? names.textGap(segment.sequence) : names.text(segment.sequence))
        guard !isGap else {
            text.gapDuration = segment.duration
            track.closed.append(text)
            return
        }
        text.wholeDuration = segment.duration
        let bytes = write(
            name,
            TextPlace(
                sequence: segment.sequence, start: segment.start, duration: segment.duration,
                date: segment.programDateTime))
        text.size = bytes.readableBytes
        track.files[text.file] = MediaObject(kind: .text, buffers: [bytes])
        track.warm.append(
            .init(
                sequence: segment.sequence, file: text.file, closedAt: now, parts: [],
                length: bytes.readableBytes))
        track.closed.append(text)
        if toldTexts.insert(name).inserted { outbox.append(.text(name)) }
        outbox.append(.segment(name, text, [bytes]))
    }

    /// Whether any rendition has a picture at this number.
    private func isPictured(_ sequence: UInt64) -> Bool {
        order.contains { name in
            guard let track = tracks[name], track.isVideo else { return false }
            if let place = track.place(of: sequence) { return !track.closed[place].isGap }
            return track.open.map { $0.sequence == sequence && !$0.isGap } ?? false
        }
    }
}
