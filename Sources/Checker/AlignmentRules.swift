/// Rules of all renditions together.
enum AlignmentRules {
    static let all: [Rule] = [
        Rule(
            "server-control-same", .must, "4.4.3.8",
            "EXT-X-SERVER-CONTROL is the same in every media playlist.",
            .presentation(control)),
        Rule(
            "target-same", .must, "A 6.11", "The target duration is the same in every media playlist.",
            .presentation(target)),
        Rule(
            "discontinuity-step", .must, "6.2.4",
            "Discontinuities stand at the same segments in all renditions, with the same numbers.",
            .presentation(discontinuities)),
        Rule(
            "date-aligned", .must, "6.2.4", "A segment has the same date in all renditions.",
            .presentation(dates)),
        Rule(
            "start-aligned", .must, "6.2.4", "A segment starts at the same media time in all renditions.",
            .presentation(starts)),
        Rule(
            "duration-aligned", .should, "6.2.4", "A segment lasts as long in all renditions.",
            .presentation(durations)),
        Rule(
            "daterange-all", .must, "4.4.5.1", "All playlists with date ranges have the same.",
            .presentation(dateRanges)),
        Rule(
            "ended-together", .should, "6.2.4", "Either all renditions have their end mark or none.",
            .presentation(ended)),
    ]

    private static func control(_ presentation: Presentation) -> [Fault]? {
        let judged = presentation.renditions.compactMap { record in record.last.map { (record, $0) } }
            .filter { !$0.1.isEnded }
        guard judged.count > 1, judged.contains(where: { $0.1.control != nil }) else { return nil }
        func text(_ document: MediaDocument) -> [String] {
            document.control?.attributes.entries.map { "\($0.name)=\($0.value)" }.sorted() ?? []
        }
        let usual = mostCommon(judged.map { text($0.1) })
        return judged.filter { text($0.1) != usual }.map { record, document in
            record.fault(
                "others say \(usual.joined(separator: ","))", at: document.control?.line ?? document.text.head
            )
        }
    }

    private static func mostCommon<T: Hashable>(_ values: [T]) -> T {
        var counts: [T: Int] = [:]
        for value in values { counts[value, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        return values.first { counts[$0] == most } ?? values[0]
    }

    private static func target(_ presentation: Presentation) -> [Fault]? {
        let judged = presentation.renditions.compactMap { record in
            record.last.flatMap { last in last.targetDuration.map { (record, last, $0) } }
        }
        // On demand every playlist may have its own.
        guard judged.count > 1, judged.contains(where: { !$0.1.isEnded }) else { return nil }
        let usual = mostCommon(judged.map { [$0.2] })
        return judged.filter { [$0.2] != usual }.map { record, document, value in
            record.fault("others say \(Figure.seconds(usual[0]))", at: document.targetTag?.line)
        }
    }

    /// Renditions of whole segments whose last readings share numbers.
    private static func whole(_ presentation: Presentation) -> [(
        record: RenditionRecord, last: MediaDocument
    )] {
        presentation.renditions.filter { $0.role != .pictures }.compactMap { record in
            record.last.map { (record, $0) }
        }
    }

    /// Compares every rendition's segments with the first one's: the first segment of each rendition that differs.
    private static func compare(
        _ presentation: Presentation, _ judge: (ListedSegment, ListedSegment) -> (String, PlaylistLine?)?
    ) -> [Fault]? {
        let all = whole(presentation)
        guard let reference = all.first, all.count > 1 else { return nil }
        var isJudged = false
        let faults = all.dropFirst().compactMap { record, document -> Fault? in
            for segment in document.segments {
                guard let twin = reference.last.segment(segment.number) else { continue }
                isJudged = true
                if let (message, line) = judge(segment, twin) {
                    return record.fault(
                        "segment \(segment.number): \(message) in \(reference.record.url)", at: line)
                }
            }
            return nil
        }
        return isJudged ? faults : nil
    }

    private static func discontinuities(_ presentation: Presentation) -> [Fault]? {
        compare(presentation) { segment, twin in
            if segment.discontinuitySequence != twin.discontinuitySequence {
                return (
                    "the discontinuity sequence number is \(segment.discontinuitySequence) here, "
                        + "\(twin.discontinuitySequence)", segment.discontinuity?.line ?? segment.line
                )
            }
            return nil
        }
    }

    private static func dates(_ presentation: Presentation) -> [Fault]? {
        compare(presentation) { segment, twin in
            guard let date = segment.date, let other = twin.date, abs(date - other) > 0.15 else { return nil }
            return (
                "the date is \(Figure.seconds(date - other)) later here than",
                segment.dateTag?.line ?? segment.line
            )
        }
    }

    private static func durations(_ presentation: Presentation) -> [Fault]? {
        compare(presentation) { segment, twin in
            guard let length = segment.duration, let other = twin.duration, abs(length - other) > 0.15 else {
                return nil
            }
            return (
                "\(Figure.seconds(length)) here, \(Figure.seconds(other))", segment.information?.line
            )
        }
    }

    private static func starts(_ presentation: Presentation) -> [Fault]? {
        let judged = presentation.renditions.filter { $0.role != .pictures && $0.role != .subtitles }
        guard let reference = judged.first(where: \.hasPictures) ?? judged.first, judged.count > 1 else {
            return nil
        }
        var isJudged = false
        let faults = judged.filter { $0.url != reference.url }.compactMap { record -> Fault? in
            // An audio segment begins with the frame nearest to the picture.
            let tolerance = record.hasPictures && reference.hasPictures ? 0.01 : 0.1
            for number in record.media.keys.sorted() {
                guard let start = record.start(of: number), let other = reference.start(of: number) else {
                    continue
                }
                isJudged = true
                if abs(start - other) > tolerance {
                    return record.fault(
                        "segment \(number) starts at \(Figure.seconds(start)) here, at \(Figure.seconds(other)) in "
                            + reference.url, at: record.media[number]?.line)
                }
            }
            return nil
        }
        return isJudged ? faults : nil
    }

    private static func dateRanges(_ presentation: Presentation) -> [Fault]? {
        let judged = whole(presentation).filter { !$0.last.dateRanges.isEmpty }
        guard let reference = judged.first, judged.count > 1 else { return nil }
        func ids(_ document: MediaDocument) -> Set<String> {
            Set(document.dateRanges.compactMap { $0["ID"] })
        }
        return judged.dropFirst().compactMap { record, document in
            let lacking = ids(reference.last).symmetricDifference(ids(document)).sorted()
            return lacking.isEmpty
                ? nil
                : record.fault(
                    "'\(lacking[0])' stands in one of this and \(reference.record.url)",
                    at: document.dateRanges.first?.line)
        }
    }

    private static func ended(_ presentation: Presentation) -> [Fault]? {
        let judged = presentation.renditions.compactMap { record in record.last.map { (record, $0) } }
        guard judged.count > 1 else { return nil }
        let ended = judged.filter { $0.1.isEnded }
        guard !ended.isEmpty else { return [] }
        return judged.filter { !$0.1.isEnded }.map { $0.0.fault("no EXT-X-ENDLIST, which others have") }
    }
}
