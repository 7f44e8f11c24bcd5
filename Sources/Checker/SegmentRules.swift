/// Rules of segments, their dates, discontinuities, init sections and byte ranges.
enum SegmentRules {
    static let all: [Rule] = [
        Rule(
            "date-present", .must, "A 8.4", "A live playlist carries EXT-X-PROGRAM-DATE-TIME.",
            .playlist(present)),
        Rule(
            "date-form", .must, "4.4.4.6",
            "EXT-X-PROGRAM-DATE-TIME is an ISO 8601 date and time with a zone.",
            .playlist(form)),
        Rule(
            "date-discontinuity", .must, "B.1",
            "A segment after a discontinuity has a date of its own where others have.",
            .playlist(atDiscontinuity)),
        Rule(
            "date-continuous", .should, "4.4.4.6", "Dates run on with the durations between them.",
            .playlist(continuous)),
        Rule(
            "discontinuity-sequence", .must, "A 8.17",
            "A live playlist with a discontinuity has EXT-X-DISCONTINUITY-SEQUENCE.", .playlist(sequence)),
        Rule(
            "discontinuity-map", .should, "4.4.4.3", "The init section changes at a discontinuity only.",
            .playlist(map)),
        Rule("map-present", .must, "3.1.2", "fMP4 segments have an EXT-X-MAP.", .rendition(mapPresent)),
        Rule(
            "key", .must, "4.4.4.4",
            "An EXT-X-KEY has a URI, unless its METHOD is NONE, and an IV of 128 bits.",
            .playlist(key)),
        Rule(
            "byte-range", .must, "4.4.4.2",
            "A byte range is n@o, or n after an earlier range of the same resource.", .playlist(byteRange)),
    ]

    private static func present(_ scene: MediaScene) -> [Fault]? {
        guard !scene.document.isEnded, !scene.document.segments.isEmpty else { return nil }
        return scene.document.segments.contains { $0.dateTag != nil }
            ? [] : [scene.fault("no EXT-X-PROGRAM-DATE-TIME", at: scene.document.segments.first?.line)]
    }

    private static func form(_ scene: MediaScene) -> [Fault]? {
        let tags = scene.document.segments.compactMap(\.dateTag)
        guard !tags.isEmpty else { return nil }
        return tags.compactMap { tag in
            guard let date = PlaylistDate(tag.value) else { return scene.fault("no date", at: tag.line) }
            return date.hasZone ? nil : scene.fault("a date without a zone", at: tag.line)
        }
    }

    private static func atDiscontinuity(_ scene: MediaScene) -> [Fault]? {
        guard scene.document.segments.contains(where: { $0.dateTag != nil }),
            scene.document.segments.contains(where: { $0.discontinuity != nil })
        else { return nil }
        return scene.document.segments.filter { $0.discontinuity != nil && $0.dateTag == nil }.map {
            scene.fault("a discontinuity without a date", at: $0.discontinuity?.line)
        }
    }

    private static func continuous(_ scene: MediaScene) -> [Fault]? {
        var faults: [Fault] = []
        var isJudged = false
        for (before, after) in zip(scene.document.segments, scene.document.segments.dropFirst()) {
            guard let tag = after.dateTag, after.discontinuity == nil, !before.isGap, !after.isGap,
                let written = PlaylistDate(tag.value)?.seconds, let start = before.date,
                before.duration != nil
            else { continue }
            isJudged = true
            let step = written - start - before.length
            if abs(step) > 0.1 {
                faults.append(
                    scene.fault(
                        "the date is \(Figure.seconds(step)) off what the segment before it says",
                        at: tag.line))
            }
        }
        return isJudged ? faults : nil
    }

    private static func sequence(_ scene: MediaScene) -> [Fault]? {
        guard !scene.document.isEnded,
            let first = scene.document.segments.first(where: { $0.discontinuity != nil })
        else { return nil }
        return scene.document.discontinuitySequence == nil
            ? [scene.fault("no EXT-X-DISCONTINUITY-SEQUENCE", at: first.discontinuity?.line)] : []
    }

    private static func map(_ scene: MediaScene) -> [Fault]? {
        guard scene.document.segments.contains(where: { $0.map != nil }) else { return nil }
        return zip(scene.document.segments, scene.document.segments.dropFirst()).compactMap { before, after in
            guard let tag = after.mapTag, let earlier = before.map, after.discontinuity == nil,
                tag["URI"] != earlier["URI"] || tag["BYTERANGE"] != earlier["BYTERANGE"]
            else { return nil }
            return scene.fault("another init section without a discontinuity", at: tag.line)
        }
    }

    private static func mapPresent(_ record: RenditionRecord) -> [Fault]? {
        let judged = record.media.values.filter { $0.isFragmented }
        guard !judged.isEmpty else { return nil }
        return judged.filter { $0.mapURL == nil }.prefix(1).map {
            record.fault("an fMP4 segment without EXT-X-MAP", at: $0.line)
        }
    }

    private static func key(_ scene: MediaScene) -> [Fault]? {
        let judged = scene.document.text.tags("EXT-X-KEY")
        guard !judged.isEmpty else { return nil }
        return judged.flatMap { tag -> [Fault] in
            var faults: [Fault] = []
            let isNone = tag["METHOD"] == "NONE"
            if isNone, tag.attributes.entries.count > 1 {
                faults.append(scene.fault("METHOD=NONE with other attributes", at: tag.line))
            }
            if !isNone, tag["URI"] == nil { faults.append(scene.fault("a key without URI", at: tag.line)) }
            if let vector = tag["IV"],
                !vector.lowercased().hasPrefix("0x") || vector.count != 34
                    || !vector.dropFirst(2).allSatisfy(\.isHexDigit)
            {
                faults.append(scene.fault("IV is no hexadecimal number of 128 bits", at: tag.line))
            }
            return faults
        }
    }

    private static func byteRange(_ scene: MediaScene) -> [Fault]? {
        var faults: [Fault] = []
        var isJudged = false
        for segment in scene.document.segments {
            if let tag = segment.rangeTag {
                isJudged = true
                if segment.range == nil {
                    faults.append(scene.fault("'\(tag.value)' is no byte range", at: tag.line))
                }
            }
            for part in segment.parts {
                guard let text = part.tag["BYTERANGE"] else { continue }
                isJudged = true
                if part.range == nil {
                    faults.append(scene.fault("'\(text)' is no byte range", at: part.tag.line))
                }
            }
        }
        return isJudged ? faults : nil
    }
}
