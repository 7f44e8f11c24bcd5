/// Rules of parts, and of what announces them.
enum PartRules {
    static let all: [Rule] = [
        Rule(
            "part-inf", .must, "4.4.3.7", "A playlist with parts has EXT-X-PART-INF with PART-TARGET.",
            .playlist(information)),
        Rule(
            "part-longest", .must, "4.4.4.9", "A part's DURATION is at most PART-TARGET.", .playlist(longest)),
        Rule(
            "part-shortest", .must, "4.4.4.9",
            "A part's DURATION is at least 85 % of PART-TARGET, unless it is INDEPENDENT, a GAP or before one, or its "
                + "segment's last.", .playlist(shortest)),
        Rule("part-place", .must, "4.4.4.9", "Parts stand before their segment's EXTINF.", .playlist(place)),
        Rule(
            "part-tags-first", .must, "4.4.4.9",
            "What belongs to a segment (date, discontinuity, key, map) stands before its first part.",
            .playlist(tagsFirst)),
        Rule("parts-sum", .must, "4.4.4.9", "A segment lasts as long as its parts together.", .playlist(sum)),
        Rule(
            "parts-kept", .must, "4.4.4.9",
            "All segments within three target durations of the end have parts.",
            .playlist(kept)),
        Rule(
            "parts-expire", .should, "4.4.4.9",
            "Parts further than three target durations from the end are removed.",
            .playlist(expire)),
        Rule(
            "hint-present", .must, "B.1",
            "A live playlist with parts hints the next part, unless it ends with a GAP: nothing may be coming.",
            .playlist(hintPresent)),
        Rule(
            "hint-once", .must, "4.4.5.3", "There is at most one EXT-X-PRELOAD-HINT of each TYPE.",
            .playlist(hintOnce)),
        Rule(
            "hint-ended", .must, "4.4.5.3", "A playlist with its end mark hints nothing.",
            .playlist(hintEnded)),
    ]

    /// Durations are written with few decimals: what rounding may take is no fault.
    static let rounding = 0.0015

    private static func information(_ scene: MediaScene) -> [Fault]? {
        guard scene.document.hasParts else { return nil }
        guard scene.document.partInformation == nil else { return [] }
        let first = scene.document.segments.lazy.flatMap(\.parts).first
        return [scene.fault("parts without EXT-X-PART-INF", at: first?.tag.line)]
    }

    private static func longest(_ scene: MediaScene) -> [Fault]? {
        guard let target = scene.document.partTarget, scene.document.hasParts else { return nil }
        return scene.document.segments.flatMap(\.parts).compactMap { part in
            guard let duration = part.duration, duration > target + rounding else { return nil }
            return scene.fault(
                "a part of \(Figure.seconds(duration)), PART-TARGET is \(Figure.seconds(target))",
                at: part.tag.line)
        }
    }

    private static func shortest(_ scene: MediaScene) -> [Fault]? {
        guard let target = scene.document.partTarget, scene.document.hasParts else { return nil }
        var faults: [Fault] = []
        for segment in scene.document.segments {
            for (index, part) in segment.parts.enumerated() {
                let isLast = index == segment.parts.count - 1
                // Of the open segment's newest part nobody knows whether it is the last.
                if isLast || part.isIndependent || part.isGap || segment.parts[index + 1].isGap { continue }
                guard let duration = part.duration, duration < 0.85 * target - rounding else { continue }
                faults.append(
                    scene.fault(
                        "a part of \(Figure.seconds(duration)), below 85 % of PART-TARGET \(Figure.seconds(target))",
                        at: part.tag.line))
            }
        }
        return faults
    }

    private static func place(_ scene: MediaScene) -> [Fault]? {
        guard scene.document.hasParts else { return nil }
        return scene.document.misplaced.filter { $0.why.hasPrefix("a part ") }.map {
            scene.fault($0.why, at: $0.line)
        }
    }

    private static func tagsFirst(_ scene: MediaScene) -> [Fault]? {
        guard scene.document.hasParts else { return nil }
        let early: Set<String> = [
            "EXT-X-PROGRAM-DATE-TIME", "EXT-X-DISCONTINUITY", "EXT-X-KEY", "EXT-X-MAP",
        ]
        return scene.document.segments.flatMap { segment -> [Fault] in
            guard let first = segment.tags.firstIndex(where: { $0.name == "EXT-X-PART" }) else { return [] }
            return segment.tags[first...].filter { early.contains($0.name) }
                .map { scene.fault("\($0.name) after the segment's first part", at: $0.line) }
        }
    }

    private static func sum(_ scene: MediaScene) -> [Fault]? {
        let judged = scene.document.complete.filter { segment in
            !segment.parts.isEmpty && segment.parts.allSatisfy { $0.duration != nil } && !segment.isGap
        }
        guard !judged.isEmpty else { return nil }
        return judged.compactMap { segment in
            let sum = segment.parts.reduce(0) { $0 + ($1.duration ?? 0) }
            guard let duration = segment.duration, abs(sum - duration) > 0.02 else { return nil }
            return scene.fault(
                "EXTINF says \(Figure.seconds(duration)), the parts together \(Figure.seconds(sum))",
                at: segment.information?.line)
        }
    }

    /// Each segment with the seconds between its end and the end of the playlist.
    private static func fromEnd(_ document: MediaDocument) -> [(segment: ListedSegment, distance: Double)] {
        var distance = 0.0
        return document.segments.reversed().map { segment in
            defer { distance += segment.length }
            return (segment, distance)
        }
    }

    private static func kept(_ scene: MediaScene) -> [Fault]? {
        guard scene.isLowLatency, !scene.document.isEnded, let target = scene.document.targetDuration,
            let oldest = scene.document.segments.firstIndex(where: { !$0.parts.isEmpty })
        else { return nil }
        let first = scene.document.segments[oldest].number
        return fromEnd(scene.document).compactMap { segment, distance in
            // Segments older than the oldest parts may come from before a restart, which kept none.
            guard distance + segment.length <= 3 * target, segment.parts.isEmpty, segment.number > first,
                !segment.isGap
            else { return nil }
            return scene.fault(
                "no parts, \(Figure.seconds(distance)) before the end of the playlist", at: segment.line)
        }
    }

    private static func expire(_ scene: MediaScene) -> [Fault]? {
        guard scene.isLowLatency, !scene.document.isEnded, let target = scene.document.targetDuration else {
            return nil
        }
        // A segment's parts may go when all of it is far enough away; a segment more is no fault.
        return fromEnd(scene.document).filter { !$0.segment.parts.isEmpty && $0.distance > 4 * target }.map {
            scene.fault(
                "parts \(Figure.seconds($0.distance)) before the end of the playlist",
                at: $0.segment.parts.first?.tag.line)
        }
    }

    private static func hintPresent(_ scene: MediaScene) -> [Fault]? {
        guard scene.isLowLatency, !scene.document.isEnded,
            scene.document.segments.last?.isGap != true
        else { return nil }
        return scene.document.hintedPart == nil ? [scene.fault("no EXT-X-PRELOAD-HINT:TYPE=PART")] : []
    }

    private static func hintOnce(_ scene: MediaScene) -> [Fault]? {
        guard !scene.document.hints.isEmpty else { return nil }
        var seen: Set<String> = []
        return scene.document.hints.compactMap { tag in
            seen.insert(tag["TYPE"] ?? "").inserted
                ? nil : scene.fault("a second hint of its type", at: tag.line)
        }
    }

    private static func hintEnded(_ scene: MediaScene) -> [Fault]? {
        guard scene.document.endTag != nil else { return nil }
        return scene.document.hints.map { scene.fault("a hint after the end", at: $0.line) }
    }
}
