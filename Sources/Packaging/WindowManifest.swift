import CMAF
import DASH
import Media
import NIOCore
import Synchronization

/// A window's DASH description: made anew when a segment is complete, put into text when it is first asked for.
///
/// Periods are stretches of consecutive numbers in which the same renditions have media of the same run and init
/// section; a number for which no picture can be fetched (a gap) is left out. A number is told when every rendition has
/// it, so that what a period holds does not change later; one that is more than `lateness` segments behind is not
/// waited for. There are no parts in it: DASH players read segments here when they are complete.
final class WindowManifest: Sendable {
    static let lateness: UInt64 = 3

    /// What the description was made from.
    private struct Key: Equatable {
        var first: UInt64
        /// The newest number that is told.
        var horizon: UInt64?
        /// Segments that have become gaps since.
        var rewritten: Int
        var isEnded: Bool
    }

    /// How a rendition was coded when it had an init section of that name.
    private struct Coding: Sendable {
        var format: TrackFormat
        var rendition: RunPlan.Rendition
    }

    /// A period that has been told of: it keeps its name and its start while its segments leave the window.
    private struct Known: Sendable {
        var stretch: Stretch
        var id: String
        /// Its first segment's media time and date when it was first told of.
        var origin: MediaTime
        var originDate: Int64
    }

    let presentation: MediaPresentation
    private let key: Key
    private let codings: [String: Coding]
    private let known: [Known]
    /// Unix milliseconds of the presentation's time zero.
    private let anchor: Int64
    private let texts: Texts

    /// What has been put into text, by the largest short side; moments that tell the same share it.
    private final class Texts: Sendable {
        let pressed = Mutex<[Int: PlaylistText]>([:])
    }

    private init(
        _ presentation: MediaPresentation, key: Key, codings: [String: Coding], known: [Known], anchor: Int64,
        texts: Texts
    ) {
        self.presentation = presentation
        self.key = key
        self.codings = codings
        self.known = known
        self.anchor = anchor
        self.texts = texts
    }

    /// The wire form, rendered by who asks first: all of it, or what there is up to a short side (pixels). Nil where
    /// that leaves no picture.
    func text(upTo cap: Int = .max) -> PlaylistText? {
        // Caps that leave the same are the same.
        let sides = presentation.periods.flatMap(\.sets).flatMap(\.representations).compactMap(\.shortSide)
        guard let fitting = sides.filter({ $0 <= cap }).max() else { return nil }
        return texts.pressed.withLock { pressed in
            if let text = pressed[fitting] { return text }
            var buffer = ByteBufferAllocator().buffer(capacity: 4096)
            presentation.limited(to: fitting).write(into: &buffer)
            let text = PlaylistText(whole: buffer)
            pressed[fitting] = text
            return text
        }
    }

    /// The description of a window as it is now; `previous` where nothing that it tells has changed, nil where there
    /// is nothing to tell.
    static func of(_ core: WindowCore, previous: WindowManifest?) -> WindowManifest? {
        // Segments under AES-128 are for HLS only: DASH encrypts samples, not files.
        guard core.settings.segmentsPerKey == nil else { return nil }
        let key = Key(
            first: core.firstSequence, horizon: Stretch.horizon(of: core), rewritten: core.rewritten,
            isEnded: core.phase == .ended)
        if let previous, previous.key == key { return previous }
        var codings = previous?.codings ?? [:]
        for track in core.tracks.values {
            if let map = track.map, let format = track.format {
                codings[map] = Coding(format: format, rendition: track.rendition)
            }
        }
        let stretches = Stretch.all(of: core, coded: Set(codings.keys))
        guard let first = stretches.first?.places.first else { return nil }
        let anchor = previous?.anchor ?? first.date / 1000 * 1000
        var known: [Known] = []
        for stretch in stretches {
            if let old = previous?.known.first(where: { old in
                old.stretch.goesOn(in: stretch) && !known.contains { $0.id == old.id }
            }) {
                known.append(
                    Known(
                        stretch: stretch, id: old.id, origin: old.origin, originDate: old.originDate))
            } else {
                let place = stretch.places[0]
                known.append(
                    Known(
                        stretch: stretch, id: "p\(place.sequence)", origin: place.start,
                        originDate: place.date))
            }
        }
        let maps = Set(stretches.flatMap(\.maps.values))
        codings = codings.filter { maps.contains($0.key) || core.maps.contains($0.key) }
        let presentation = describe(known, codings, anchor: anchor, core)
        let texts = previous.flatMap { $0.presentation == presentation ? $0.texts : nil } ?? Texts()
        return WindowManifest(
            presentation, key: key, codings: codings, known: known, anchor: anchor, texts: texts)
    }

    private static func describe(
        _ known: [Known], _ codings: [String: Coding], anchor: Int64, _ core: WindowCore
    ) -> MediaPresentation {
        let settings = core.settings
        var known = known
        var zero = anchor
        if core.phase == .ended, let first = known.first?.stretch.places.first {
            // What has ended starts at zero with what is left of it.
            known[0].origin = first.start
            known[0].originDate = first.date
            zero = first.date
        }
        let places = known.flatMap(\.stretch.places)
        let end = places.last.map { $0.date + $0.duration.milliseconds } ?? zero
        let kind: MediaPresentation.Kind
        if core.phase == .ended {
            kind = .ended(duration: MediaTime(milliseconds: end - zero))
        } else {
            kind = .live(
                .init(
                    availabilityStart: zero, published: end, updatePeriod: settings.targetDuration,
                    depth: MediaTime(milliseconds: end - (places.first?.date ?? end)),
                    // As far behind as players of whole segments stay in HLS, and a segment for its making.
                    suggestedDelay: MediaTime(seconds: settings.holdBack) + settings.targetDuration,
                    clock: "clock"))
        }
        let longest = max(settings.targetDuration, places.map(\.duration).max() ?? .zero)
        return MediaPresentation(
            kind: kind, longestSegment: longest,
            periods: known.map { period in
                .init(
                    id: period.id, start: MediaTime(milliseconds: period.originDate - zero),
                    sets: sets(of: period, codings, core))
            })
    }

    private static func sets(
        of period: Known, _ codings: [String: Coding], _ core: WindowCore
    ) -> [MediaPresentation.AdaptationSet] {
        var videos: [MediaPresentation.Representation] = []
        var audios: [MediaPresentation.Representation] = []
        for name in core.order {
            guard let map = period.stretch.maps[name], let coding = codings[map],
                let timings = period.stretch.timings[name], let template = period.stretch.template
            else { continue }
            let timescale = InitSection.timescale(of: coding.format)
            var segments = SegmentTemplate(
                timescale: timescale, offset: period.origin.value(timescale: timescale),
                startNumber: period.stretch.places[0].sequence, media: "$RepresentationID$/\(template)",
                initialization: "\(name)/\(map)")
            for (index, timing) in timings.enumerated() {
                let time = timing.start.value(timescale: timescale)
                let next = index + 1 < timings.count ? timings[index + 1].start : timing.end
                segments.append(time: time, duration: next.value(timescale: timescale) - time)
            }
            let shape: MediaPresentation.Representation.Shape
            let isVideo: Bool
            switch (coding.rendition.kind, coding.format) {
            case (.video(let width, let height, let rate), _):
                shape = .video(width: width, height: height, frameRate: rate)
                isVideo = true
            case (.audio(let channels), .aac(let format)):
                shape = .audio(sampleRate: format.sampleRate, channels: channels)
                isVideo = false
            case (.audio, .avc), (.text, _): continue
            }
            let representation = MediaPresentation.Representation(
                id: name.text, codecs: coding.format.codecs,
                // A segment may be above its rate, and has its boxes.
                bandwidth: Int(Double(coding.rendition.peakBitsPerSecond) * 1.25), shape: shape,
                segments: segments)
            if isVideo { videos.append(representation) } else { audios.append(representation) }
        }
        var sets: [MediaPresentation.AdaptationSet] = []
        if !videos.isEmpty { sets.append(.init(content: .video, representations: videos)) }
        if !audios.isEmpty {
            sets.append(
                .init(content: .audio(language: core.settings.language), representations: audios))
        }
        return sets
    }
}

extension WindowCore {
    /// The init sections that renditions have now.
    fileprivate var maps: Set<String> { Set(tracks.values.compactMap(\.map)) }
}
