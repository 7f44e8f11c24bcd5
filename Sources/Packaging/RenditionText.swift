import DequeModule
import M3U8
import Media
import NIOCore

/// One rendition's lists, as far as they are written from one snapshot to the next.
struct RenditionText: Sendable {
    /// Closed segments whose parts are no longer listed.
    private var settled = SegmentText()
    /// One picture of each closed segment; empty for audio.
    private var pictures = SegmentText()
    /// The newest closed segment that was measured.
    private var measured: UInt64?
    /// The I-frame playlist; of text, its only one.
    private var whole: (full: PlaylistText, delta: PlaylistText?)?
    /// What the playlist of `whole` was written from.
    private var wholeOf: [UInt64] = []
    /// `WindowCore.rewritten`, as it was.
    private var rewritten = 0
    private var promise: RunPlan.Rendition?
    private var meter: RateMeter
    private var pictureMeter: RateMeter
    private(set) var rate = StatedRate(promisedAverage: 0, promisedPeak: 0)
    private(set) var pictureRate = StatedRate(promisedAverage: 0, promisedPeak: 0)

    init(_ settings: WindowSettings) {
        meter = RateMeter(targetDuration: settings.targetDuration)
        pictureMeter = meter
    }

    /// Writes what has closed since, and settles what has grown old.
    mutating func take(_ track: WindowTrack, of core: WindowCore) {
        let settings = core.settings
        if promise != track.rendition {
            promise = track.rendition
            meter = RateMeter(targetDuration: settings.targetDuration)
            pictureMeter = meter
            (rate, pictureRate) = StatedRate.promised(track.rendition)
        }
        if rewritten != core.rewritten {
            rewritten = core.rewritten
            (settled, pictures, whole) = (SegmentText(), SegmentText(), nil)
        }
        settled.drop(below: core.firstSequence)
        pictures.drop(below: core.firstSequence)
        let partsFrom = track.partsFrom(settings)
        for segment in track.closed.newer(than: settled.last) where segment.end <= partsFrom {
            settled.append(
                segment.listed(partTarget: settings.partTarget, hasParts: false, isOpen: false),
                sequence: segment.sequence, duration: segment.duration)
        }
        if track.isVideo {
            for segment in track.closed.newer(than: pictures.last) {
                pictures.append(
                    segment.listedPicture(gap: core.names.gap(segment.sequence)), sequence: segment.sequence,
                    duration: segment.duration)
            }
        }
        for segment in track.closed.newer(than: measured) {
            measured = segment.sequence
            meter.add(bytes: segment.size, duration: segment.duration)
            rate.follow(meter)
            pictureMeter.add(bytes: segment.keyLength ?? 0, duration: segment.duration)
            pictureRate.follow(pictureMeter)
        }
    }

    mutating func rendered(
        _ track: WindowTrack, of core: WindowCore, _ standings: [Standing],
        onWrite: @escaping @Sendable () -> Void
    ) -> WindowSnapshot.Track {
        var shown = WindowSnapshot.Track(
            lastClosed: track.closed.last.map { .init(sequence: $0.sequence, parts: $0.parts.count) },
            open: track.open.map { .init(sequence: $0.sequence, parts: $0.parts.count) },
            hintedFile: core.hinted(track).map(core.names.part), files: track.files,
            shelf: track.shelf)
        // Players take a list without a segment for an error.
        guard let last = track.closed.last else { return shown }
        var moment = ListMoment(
            settings: core.settings, name: track.rendition.name, mediaSequence: core.firstSequence,
            discontinuitySequence: core.discontinuitySequence, isEnded: core.phase == .ended,
            settled: settled, recent: track.closed.newer(than: settled.last), open: track.open,
            standings: standings)
        moment.hintedPart = shown.hintedFile
        // The init section of what comes is here before its first part is listed.
        let inForce = track.open?.map ?? track.closed.last { $0.map != nil }?.map
        // Under a key it has another name, which is not known yet.
        if core.settings.segmentsPerKey == nil, moment.hintedPart != nil, let next = track.map,
            next != inForce
        {
            moment.hintedMap = next
        }
        let taken = moment
        if track.isText {
            shown.hasParts = false
            let own = lists(of: taken, last.sequence, written: settled, isIFrames: false, onWrite)
            (shown.playlist, shown.delta) = (own.full, own.delta)
            return shown
        }
        shown.playlist = PlaylistText {
            onWrite()
            return taken.full()
        }
        if taken.hasDelta {
            shown.delta = PlaylistText {
                onWrite()
                return taken.delta()
            }
        }
        guard track.isVideo, core.settings.segmentsPerKey == nil else { return shown }
        let own = lists(of: taken, last.sequence, written: pictures, isIFrames: true) {}
        (shown.iFrames, shown.iFramesDelta) = (own.full, own.delta)
        return shown
    }

    /// A list of whole segments changes with segments, not with parts; its reports are as old as it is, which costs their
    /// reader one answer.
    private mutating func lists(
        of moment: ListMoment, _ last: UInt64, written: SegmentText, isIFrames: Bool,
        _ onWrite: @escaping @Sendable () -> Void
    ) -> (full: PlaylistText, delta: PlaylistText?) {
        let key = [moment.mediaSequence, last, moment.discontinuitySequence, moment.isEnded ? 1 : 0]
        if let whole, wholeOf == key { return whole }
        func text(_ write: @escaping @Sendable () -> ByteBuffer) -> PlaylistText {
            PlaylistText {
                onWrite()
                return write()
            }
        }
        let made: (full: PlaylistText, delta: PlaylistText?) = (
            text { moment.whole(written, isIFrames: isIFrames) },
            moment.hasWholeDelta(written)
                ? text { moment.wholeDelta(written, isIFrames: isIFrames) } : nil
        )
        (whole, wholeOf) = (made, key)
        return made
    }
}

extension WindowTrack {
    /// Parts are listed of segments that end after this.
    fileprivate func partsFrom(_ settings: WindowSettings) -> MediaTime {
        if isText { return MediaTime(ticks: .max) }
        return (open?.end ?? closed.last?.end ?? .zero) - settings.targetDuration * 3
    }

    var standing: Standing? {
        guard let reported else { return nil }
        let previous = open == nil ? closed.dropLast().last : closed.last
        return Standing(
            name: rendition.name, last: reported,
            previous: previous.map { PartKey(sequence: $0.sequence, index: $0.parts.count - 1) },
            isReported: !closed.isEmpty, hasParts: !isText)
    }
}

extension Deque<WindowTrack.Segment> {
    /// The segments after number `sequence`; all where it is nil.
    fileprivate func newer(than sequence: UInt64?) -> [WindowTrack.Segment] {
        guard let sequence else { return Array(self) }
        var from = endIndex
        while from > startIndex, self[from - 1].sequence > sequence { from -= 1 }
        return Array(self[from...])
    }
}
