/// Rules of WebVTT segments.
enum CaptionRules {
    static let all: [Rule] = [
        Rule("vtt-header", .must, "3.1.4", "A WebVTT segment begins with WEBVTT.", .rendition(header)),
        Rule(
            "vtt-timestamp-map", .must, "3.1.4",
            "X-TIMESTAMP-MAP with LOCAL and MPEGTS stands in the WebVTT header.",
            .rendition(map)),
        Rule("vtt-cues", .must, "3.1.4", "Cues have a start, and an end after it.", .rendition(cues)),
        Rule(
            "vtt-period", .must, "3.1.4", "Cues are within their segment's time, by X-TIMESTAMP-MAP.",
            .presentation(period)),
        Rule(
            "vtt-repeated", .should, "3.1.4",
            "A cue that goes on after its segment's end stands in the next one too.",
            .presentation(repeated)),
    ]

    private static func each(
        _ record: RenditionRecord, _ judge: (CaptionSegment, SegmentMedia) -> [Fault]
    ) -> [Fault]? {
        guard record.role == .subtitles else { return nil }
        let judged = record.media.values.sorted { $0.number < $1.number }.compactMap { media in
            media.captions.map { ($0, media) }
        }
        return judged.isEmpty ? nil : judged.flatMap(judge)
    }

    private static func header(_ record: RenditionRecord) -> [Fault]? {
        each(record) { captions, media in
            captions.hasHeader ? [] : [record.fault("no WEBVTT at the start", at: media.line, in: media.url)]
        }
    }

    private static func map(_ record: RenditionRecord) -> [Fault]? {
        each(record) { captions, media in
            guard captions.hasHeader, captions.map == nil else { return [] }
            return [
                record.fault(
                    captions.mapLine == nil ? "no X-TIMESTAMP-MAP" : "X-TIMESTAMP-MAP cannot be read",
                    at: captions.mapLine ?? media.line, in: media.url)
            ]
        }
    }

    private static func cues(_ record: RenditionRecord) -> [Fault]? {
        each(record) { captions, media in
            captions.cues.filter { cue in
                guard let start = cue.start, let end = cue.end else { return true }
                return end <= start
            }.map { record.fault("a cue that does not end after its start", at: $0.line, in: media.url) }
        }
    }

    /// Each segment of text with the media time at which its pictures start.
    private static func placed(
        _ presentation: Presentation, _ judge: (RenditionRecord, CaptionSegment, SegmentMedia, Double) -> Void
    ) {
        let pictured = presentation.renditions.filter { $0.role == .variant }
        for record in presentation.renditions where record.role == .subtitles {
            for media in record.media.values.sorted(by: { $0.number < $1.number }) {
                guard let captions = media.captions, captions.map != nil,
                    let start = pictured.lazy.compactMap({ $0.start(of: media.number) }).first
                else { continue }
                judge(record, captions, media, start)
            }
        }
    }

    /// From when to when a cue is shown, counted from the start of its segment.
    private static func span(
        _ cue: CaptionSegment.Cue, _ captions: CaptionSegment, from start: Double
    ) -> (begin: Double, end: Double)? {
        guard let from = cue.start, let to = cue.end, from < to, let map = captions.map else { return nil }
        // 33 bits of 90 kHz come round every 26.5 hours.
        let turn = 8_589_934_592.0 / 90_000
        let shift = map.ticks / 90_000 - map.local
        let turns = ((start - (from + shift)) / turn).rounded()
        let begin = from + shift + turns * turn - start
        return (begin, begin + to - from)
    }

    private static func period(_ presentation: Presentation) -> [Fault]? {
        var isJudged = false
        var faults: [Fault] = []
        placed(presentation) { record, captions, media, start in
            guard let seconds = media.duration else { return }
            isJudged = true
            for cue in captions.cues {
                guard let shown = span(cue, captions, from: start) else { continue }
                if shown.end < -0.5 || shown.begin > seconds + 0.5 {
                    faults.append(
                        record.fault(
                            "the cue begins \(Figure.seconds(shown.begin)) after its segment",
                            at: cue.line, in: media.url))
                    break
                }
            }
        }
        return isJudged ? faults : nil
    }

    private static func repeated(_ presentation: Presentation) -> [Fault]? {
        var isJudged = false
        var faults: [Fault] = []
        var before: (record: RenditionRecord, captions: CaptionSegment, media: SegmentMedia, start: Double)?
        placed(presentation) { record, captions, media, start in
            defer { before = (record, captions, media, start) }
            guard let former = before, former.record.url == record.url,
                former.media.number + 1 == media.number,
                former.media.discontinuitySequence == media.discontinuitySequence
            else { return }
            isJudged = true
            // The end of each cue, counted from the start of this segment.
            let ends = captions.cues.compactMap { span($0, captions, from: start)?.end }
            for cue in former.captions.cues {
                guard let shown = span(cue, former.captions, from: former.start) else { continue }
                let left = shown.end - (start - former.start)
                // One that is not in its own segment's time is broken otherwise.
                guard shown.begin < start - former.start + 0.5 else { continue }
                if left > 0.5, !ends.contains(where: { abs($0 - left) < 0.1 }) {
                    faults.append(
                        record.fault(
                            "the cue goes on for \(Figure.seconds(left)) after its segment, and is not in the next",
                            at: cue.line, in: former.media.url))
                    break
                }
            }
        }
        return isJudged ? faults : nil
    }
}

extension RenditionRecord {
    /// When a segment's first picture (or sound, where it has none) is shown, in seconds of media time.
    func start(of number: Int) -> Double? {
        guard let media = media[number], let samples = media.fragments ?? media.parts[0]?.samples else {
            return nil
        }
        let tracks = tracks(of: media)
        guard let track = tracks.first(where: \.isVideo) ?? tracks.first,
            let marks = samples.tracks[track.id],
            let first = marks.min(by: { $0.time + Int64($0.offset) < $1.time + Int64($1.offset) })
        else { return nil }
        return Double(first.time + Int64(first.offset)) / Double(track.timescale)
    }

    var hasPictures: Bool { inits.values.contains { $0.tracks.contains(where: \.isVideo) } }
}
