/// Rules of init sections, segments and parts as bytes.
enum MediaRules {
    static let all: [Rule] = [
        Rule(
            "init-section", .must, "3.1.2", "An init section has ftyp, moov with its tracks, and mvex.",
            .rendition(initSection)),
        Rule("init-brand", .must, "3.1.2", "An init section's brands are iso6 or later.", .rendition(brand)),
        Rule(
            "fragments", .must, "3.1.2",
            "A segment is whole fragments of its init section's tracks, with tfdt.",
            .rendition(fragments)),
        Rule(
            "time-continuous", .must, "A 7.3", "Media time runs on from part to part and segment to segment.",
            .rendition(continuous)),
        Rule(
            "idr-start", .must, "4.4.2.1", "A video segment starts with an IDR picture.", .rendition(idrStart)
        ),
        Rule(
            "independent-true", .must, "4.4.4.9", "INDEPENDENT=YES stands on the parts with an IDR picture.",
            .rendition(independent)),
        Rule(
            "parts-equal", .must, "4.4.4.9", "A segment's parts hold the segment's samples.",
            .rendition(partsEqual)),
        Rule("duration-true", .must, "4.4.4.1", "EXTINF is what the samples last.", .rendition(durationTrue)),
        Rule(
            "pictures-idr", .must, "4.4.3.6", "Each segment of an I-frame playlist starts with an I-frame.",
            .rendition(picturesIDR)),
    ]

    private static func initSection(_ record: RenditionRecord) -> [Fault]? {
        guard !record.inits.isEmpty || !record.initTroubles.isEmpty else { return nil }
        return record.initTroubles.sorted { $0.key < $1.key }.map { record.fault($0.value, in: $0.key) }
    }

    private static let laterBrands: Set<String> = [
        "iso6", "iso7", "iso8", "iso9", "isoa", "isob", "isoc", "cmfc", "cmf2", "cmff",
    ]

    private static func brand(_ record: RenditionRecord) -> [Fault]? {
        guard !record.inits.isEmpty else { return nil }
        return record.inits.sorted { $0.key < $1.key }.filter {
            laterBrands.isDisjoint(with: $0.value.brands)
        }.map {
            record.fault("the brands are \($0.value.brands.joined(separator: ", "))", in: $0.key)
        }
    }

    private static func fragments(_ record: RenditionRecord) -> [Fault]? {
        let judged = record.media.values.filter(\.isFragmented).sorted { $0.number < $1.number }
        guard !judged.isEmpty else { return nil }
        return judged.flatMap { media -> [Fault] in
            var faults: [Fault] = []
            if let trouble = media.trouble {
                faults.append(record.fault(trouble, at: media.line, in: media.url))
            }
            for part in media.parts.sorted(by: { $0.key < $1.key }).map(\.value) {
                if let trouble = part.trouble {
                    faults.append(record.fault(trouble, at: part.line, in: part.url))
                }
            }
            return faults
        }
    }

    /// Two stretches of media that follow each other, by track: nil where a track has none in one of them.
    private static func jump(
        _ before: MediaSamples, _ after: MediaSamples, _ tracks: [TrackHeader]
    ) -> Double? {
        for track in tracks {
            guard let end = before.tracks[track.id]?.end, let start = after.tracks[track.id]?.first?.time
            else { continue }
            let step = Double(start - end) / Double(track.timescale)
            if abs(step) > 0.01 { return step }
        }
        return nil
    }

    private static func continuous(_ record: RenditionRecord) -> [Fault]? {
        guard record.role != .pictures else { return nil }
        var isJudged = false
        var faults: [Fault] = []
        for media in record.media.values.sorted(by: { $0.number < $1.number }) {
            let tracks = record.tracks(of: media)
            if let next = record.media[media.number + 1],
                next.discontinuitySequence == media.discontinuitySequence,
                !media.isGap, !next.isGap, let before = media.fragments, let after = next.fragments
            {
                isJudged = true
                if let step = jump(before, after, tracks) {
                    faults.append(
                        record.fault(
                            "media time jumps by \(Figure.seconds(step)) from the segment before",
                            at: next.line,
                            in: next.url))
                }
            }
            for (index, part) in media.parts {
                guard let next = media.parts[index + 1], let before = part.samples, let after = next.samples
                else {
                    continue
                }
                isJudged = true
                if let step = jump(before, after, tracks) {
                    faults.append(
                        record.fault(
                            "media time jumps by \(Figure.seconds(step)) from the part before", at: next.line,
                            in: next.url))
                }
            }
        }
        return isJudged ? faults : nil
    }

    /// The marks of the video track, where there is one.
    private static func pictures(_ samples: MediaSamples?, _ tracks: [TrackHeader]) -> [SampleMark]? {
        guard let track = tracks.first(where: \.isVideo) else { return nil }
        return samples?.tracks[track.id]
    }

    private static func idrStart(_ record: RenditionRecord) -> [Fault]? {
        guard record.role != .pictures else { return nil }
        var isJudged = false
        let faults = record.media.values.sorted { $0.number < $1.number }.compactMap { media -> Fault? in
            guard let first = pictures(media.fragments, record.tracks(of: media))?.first else { return nil }
            isJudged = true
            if first.isIDR ?? first.isSync, first.isSync { return nil }
            return record.fault(
                first.isSync ? "the first picture is no IDR picture" : "the first picture is no sync sample",
                at: media.line, in: media.url)
        }
        return isJudged ? faults : nil
    }

    private static func independent(_ record: RenditionRecord) -> [Fault]? {
        var isJudged = false
        var faults: [Fault] = []
        for media in record.media.values.sorted(by: { $0.number < $1.number }) {
            for (_, part) in media.parts.sorted(by: { $0.key < $1.key }) {
                guard let marks = pictures(part.samples, record.tracks(of: media)), !marks.isEmpty else {
                    continue
                }
                isJudged = true
                let holds = marks.contains(where: \.isSync)
                if holds == part.isIndependent { continue }
                faults.append(
                    record.fault(
                        holds
                            ? "the part has a sync sample and no INDEPENDENT=YES"
                            : "the part has no sync sample",
                        at: part.line, in: part.url))
            }
        }
        return isJudged ? faults : nil
    }

    private static func partsEqual(_ record: RenditionRecord) -> [Fault]? {
        var isJudged = false
        var faults: [Fault] = []
        for media in record.media.values.sorted(by: { $0.number < $1.number }) {
            guard let whole = media.fragments, let count = media.partCount, count > 0 else { continue }
            let parts = (0..<count).compactMap { media.parts[$0]?.samples }
            guard parts.count == count else { continue }
            isJudged = true
            var joined: [UInt32: [SampleMark]] = [:]
            for part in parts { joined.merge(part.tracks) { $0 + $1 } }
            if joined != whole.tracks {
                let first = whole.tracks.keys.sorted().lazy.compactMap { id -> String? in
                    let segment = whole.tracks[id] ?? []
                    let sum = joined[id] ?? []
                    if segment.count != sum.count {
                        return "\(sum.count) samples in the parts, \(segment.count) in the segment"
                    }
                    return zip(segment, sum).enumerated().first { $1.0 != $1.1 }.map {
                        "sample \($0.offset) differs"
                    }
                }.first
                faults.append(
                    record.fault(
                        first ?? "parts and segment differ in their tracks", at: media.line, in: media.url))
            }
        }
        return isJudged ? faults : nil
    }

    private static func durationTrue(_ record: RenditionRecord) -> [Fault]? {
        guard record.role != .pictures else { return nil }
        var isJudged = false
        let faults = record.media.values.sorted { $0.number < $1.number }.compactMap { media -> Fault? in
            guard let written = media.duration, let samples = media.fragments else { return nil }
            let lengths = record.tracks(of: media).compactMap { track -> Double? in
                guard let marks = samples.tracks[track.id], let start = marks.first?.time, let end = marks.end
                else {
                    return nil
                }
                return Double(end - start) / Double(track.timescale)
            }
            guard let longest = lengths.max() else { return nil }
            isJudged = true
            guard abs(longest - written) > 0.1 else { return nil }
            return record.fault(
                "EXTINF says \(Figure.seconds(written)), the samples last \(Figure.seconds(longest))",
                at: media.line,
                in: media.url)
        }
        return isJudged ? faults : nil
    }

    private static func picturesIDR(_ record: RenditionRecord) -> [Fault]? {
        guard record.role == .pictures else { return nil }
        var isJudged = false
        let faults = record.media.values.sorted { $0.number < $1.number }.compactMap { media -> Fault? in
            guard let samples = media.fragments else { return nil }
            isJudged = true
            guard let first = pictures(samples, record.tracks(of: media))?.first else {
                return record.fault("no picture can be read", at: media.line, in: media.url)
            }
            return first.isSync && first.isIDR ?? true
                ? nil : record.fault("the first picture is no I-frame", at: media.line, in: media.url)
        }
        return isJudged ? faults : nil
    }
}

extension RenditionRecord {
    /// The tracks of a segment's init section; empty where it could not be read.
    func tracks(of media: SegmentMedia) -> [TrackHeader] {
        media.mapURL.flatMap { inits[$0] }?.tracks ?? []
    }
}
