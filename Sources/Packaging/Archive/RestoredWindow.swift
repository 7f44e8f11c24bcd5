import CMAF
import Foundation
package import Media
import NIOCore

/// A window as the reels of its airing tell it, ready to be listed again.
package struct RestoredWindow: Sendable {
    struct Track: Sendable {
        var rendition: RunPlan.Rendition
        /// It belongs to the last run.
        var isActive: Bool
        var format: TrackFormat?
        /// The newest init section.
        var map: String?
        /// In step with those of the other tracks, one for each number.
        var segments: [WindowTrack.Segment]
        /// What may be fetched.
        var files: [String: MediaObject]
    }

    var tracks: [RenditionName: Track] = [:]
    var order: [RenditionName] = []
    /// Unix milliseconds of media time zero.
    var epoch: Int64 = 0
    /// DISCONTINUITY tags before the first segment.
    var discontinuities: UInt64 = 0
    var taken: UInt64 = 0
    package var isEnded = false
    /// The reel that a new one carries on.
    package var tag = ""

    /// Segments that are listed again.
    package var count: Int { tracks.values.first?.segments.count ?? 0 }

    /// The last `span` of an airing; nil where it has no segment. Blocks for a few small files.
    package static func read(_ airing: [Reel], span: MediaTime, folder: ArchiveFolder) -> RestoredWindow? {
        RestoredWindow(airing, span: span, folder: folder) { path in
            FileManager.default.contents(atPath: path).flatMap { data in
                (try? InitSection.read(ByteBuffer(bytes: data)))?.format
            }
        }
    }

    /// The rules, with `format` to tell what an init section's file holds.
    package init?(_ airing: [Reel], span: MediaTime, folder: ArchiveFolder, format: (String) -> TrackFormat?)
    {
        guard let last = airing.last, let run = airing.last(where: { !$0.runs.isEmpty })?.runs.last else {
            return nil
        }
        let places = RestoredWindow.places(airing, span: span)
        guard let first = places.first else { return nil }
        (epoch, tag, isEnded) = (run.epoch, last.tag, last.ended != nil)
        taken = airing.map(\.taken).max() ?? 0
        let reel = airing[first.reel]
        discontinuities =
            reel.discontinuities
            + UInt64(
                RestoredWindow.merged(reel).count {
                    $0.sequence < first.segment.sequence && $0.isDiscontinuity
                })
        var plans: [RenditionName: RunPlan.Rendition] = [:]
        for rendition in airing.flatMap(\.runs).flatMap(\.renditions) { plans[rendition.name] = rendition }
        order = run.renditions.map(\.name)
        order += plans.keys.filter { !order.contains($0) }.sorted { $0.text < $1.text }
        let found = airing.map { reel in
            reel.segments.mapValues { list in
                Dictionary(list.map { ($0.sequence, $0) }) { first, _ in first }
            }
        }
        for name in order {
            guard let plan = plans[name] else { continue }
            var track = Track(
                rendition: plan, isActive: run.renditions.contains { $0.name == name }, segments: [],
                files: [:])
            for place in places {
                let known = found[place.reel][name]?[place.segment.sequence]
                var segment = place.segment
                segment.isGap = known?.isGap ?? true
                if let known, !known.isGap { segment = known }
                segment.isDiscontinuity = place.segment.isDiscontinuity
                track.add(segment, of: airing[place.reel], folder)
            }
            guard track.isActive || track.segments.contains(where: { !$0.isGap }) else { continue }
            track.map = track.segments.last { $0.map != nil }?.map
            track.format = track.map.flatMap { track.files[$0]?.file }.flatMap(format)
            tracks[name] = track
        }
        order = order.filter { tracks[$0] != nil }
        for name in airing.reduce(into: Set<RenditionName>(), { $0.formUnion($1.texts) })
        where plans[name] == nil {
            var track = Track(
                rendition: .init(name: name, kind: .text, peakBitsPerSecond: 0, isPassthrough: false),
                isActive: false, segments: [], files: [:])
            for place in places {
                var segment = place.segment
                segment.isGap = true
                if let known = found[place.reel][name]?[place.segment.sequence], !known.isGap {
                    segment = known
                }
                segment.isDiscontinuity = place.segment.isDiscontinuity
                track.add(segment, of: airing[place.reel], folder)
            }
            if !track.files.isEmpty { tracks[name] = track }
        }
        // Gaps alone are a show whose host has been away for longer than the window: it is paused, and goes on.
        guard !isEnded || tracks.values.contains(where: { !$0.files.isEmpty }) else { return nil }
    }

    /// What is listed at one number, whichever rendition has it.
    private struct Place {
        var reel: Int
        var segment: ReelSegment
    }

    /// The numbers in a row at the end of an airing, as far back as `span`; what nobody wrote down is a gap.
    private static func places(_ airing: [Reel], span: MediaTime) -> [Place] {
        var places: [Place] = []
        // Sound starts at the frame nearest to a boundary.
        let slack = MediaTime(milliseconds: 500)
        for (index, reel) in airing.enumerated() {
            for segment in merged(reel) {
                if let last = places.last?.segment {
                    guard segment.sequence > last.sequence else { continue }
                    let missing = Int(clamping: segment.sequence - last.sequence - 1)
                    if missing > 1000 || segment.start + slack < last.end {
                        places = []
                    } else if missing > 0 {
                        let step = MediaTime(ticks: max(0, (segment.start - last.end).ticks) / Int64(missing))
                        for number in 0..<missing {
                            var gap = last
                            gap.sequence += UInt64(number) + 1
                            gap.start = last.end + step * number
                            gap.programDateTime += (gap.start - last.start).milliseconds
                            (gap.duration, gap.isGap, gap.isDiscontinuity) = (step, true, false)
                            places.append(Place(reel: index, segment: gap))
                        }
                    }
                }
                places.append(Place(reel: index, segment: segment))
            }
        }
        guard let end = places.last?.segment.end else { return [] }
        let from = max(0, places.count - 6)
        let start = places.firstIndex { end - $0.segment.end < span } ?? from
        return Array(places[min(start, from)...])
    }

    /// Each number of a reel once, with the word of a rendition that has it.
    private static func merged(_ reel: Reel) -> [ReelSegment] {
        var all: [UInt64: ReelSegment] = [:]
        // Video first: its boundaries are the exact ones.
        for name in reel.segments.keys.filter({ !reel.texts.contains($0) }).sorted(by: {
            ($0 == .audio ? 1 : 0, $0.text) < ($1 == .audio ? 1 : 0, $1.text)
        }) {
            for segment in reel.segments[name] ?? [] {
                guard let known = all[segment.sequence] else {
                    all[segment.sequence] = segment
                    continue
                }
                if known.isGap, !segment.isGap { all[segment.sequence] = segment }
                if known.isDiscontinuity { all[segment.sequence]?.isDiscontinuity = true }
            }
        }
        return all.values.sorted { $0.sequence < $1.sequence }
    }
}

extension RestoredWindow.Track {
    fileprivate mutating func add(_ segment: ReelSegment, of reel: Reel, _ folder: ArchiveFolder) {
        let isAudio = if case .audio = rendition.kind { true } else { false }
        let isText = rendition.kind == .text
        let name = rendition.name
        if !segment.isGap {
            files[segment.file] = MediaObject(
                kind: isText ? .text : isAudio ? .audio : .video,
                file: folder.file(reel.show, tag: reel.tag, rendition: name, name: segment.file),
                length: segment.bytes)
            if let map = segment.map, files[map] == nil, let bytes = reel.inits[name]?[map] {
                files[map] = MediaObject(
                    kind: isAudio ? .audioInit : .videoInit,
                    file: folder.file(reel.show, tag: reel.tag, rendition: name, name: map), length: bytes)
            }
        }
        var listed = WindowTrack.Segment(
            sequence: segment.sequence, start: segment.start, programDateTime: segment.programDateTime,
            isDiscontinuity: segment.isDiscontinuity,
            map: segment.isGap ? segments.last?.map : segment.map,
            file: segment.isGap
                ? "gap\(segment.sequence)-\(reel.tag).\(isText ? "vtt" : "mp4")" : segment.file)
        if segment.isGap {
            listed.gapDuration = segment.duration
        } else {
            listed.wholeDuration = segment.duration
        }
        if !segment.isGap { (listed.size, listed.keyLength) = (segment.bytes, segment.keyLength) }
        segments.append(listed)
    }
}
