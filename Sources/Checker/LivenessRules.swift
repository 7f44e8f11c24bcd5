import Media

/// Rules of when things appear, and of what renditions say about each other.
enum LivenessRules {
    static let all: [Rule] = [
        Rule(
            "part-due", .must, "6.2.2", "A new part is listed at most PART-TARGET after the last one.",
            .rendition(partDue)),
        Rule(
            "segment-due", .must, "6.2.2",
            "A new segment is listed at most one and a half target durations after the last one.",
            .rendition(segmentDue)),
        Rule(
            "rendition-sync", .must, "B.1", "Renditions list the same part within one PART-TARGET.",
            .presentation(sync)),
        Rule(
            "report-present", .must, "B.1", "Every low-latency playlist reports on every other rendition.",
            .presentation(reportPresent)),
        Rule(
            "report-true", .should, "4.4.5.4", "Rendition reports say where the other rendition is.",
            .presentation(reportTrue)),
    ]

    private static func partDue(_ record: RenditionRecord) -> [Fault]? {
        guard let target = record.last?.partTarget, record.isLowLatency else { return nil }
        let steps = zip(record.arrivals, record.arrivals.dropFirst()).filter { $1.wasHeld && $1.newParts > 0 }
        guard !steps.isEmpty else { return nil }
        return steps.compactMap { before, after in
            let step = (after.time - before.time).inSeconds
            guard step > target + Patience.network else { return nil }
            return record.fault(
                "a part of segment \(after.number + 1) came \(Figure.seconds(step)) after the one before it, "
                    + "PART-TARGET is \(Figure.seconds(target))")
        }
    }

    private static func segmentDue(_ record: RenditionRecord) -> [Fault]? {
        guard let target = record.last?.targetDuration, let followed = record.followed,
            record.last?.isEnded == false
        else { return nil }
        // Where nothing is held, what is new is seen up to one round of polling late.
        let late = 1.5 * target + Patience.network
        let polling = record.arrivals.allSatisfy { !$0.wasHeld } ? max(0.5, target / 2) : 0
        var faults: [Fault] = []
        var last = followed.lowerBound
        for arrival in record.arrivals where arrival.newSegments > 0 {
            let step = (arrival.time - last).inSeconds
            if step > late + polling {
                faults.append(
                    record.fault(
                        "segment \(arrival.number) came \(Figure.seconds(step)) after the one before it"))
            }
            last = arrival.time
        }
        let rest = (followed.upperBound - last).inSeconds
        if rest > late + polling {
            faults.append(
                record.fault(
                    "no new segment for \(Figure.seconds(rest))", at: record.last?.segments.last?.line))
        }
        return faults
    }

    private static func sync(_ presentation: Presentation) -> [Fault]? {
        let judged = presentation.renditions.filter { $0.isLowLatency && $0.role != .subtitles }
        guard judged.count > 1, let target = judged.compactMap({ $0.last?.partTarget }).max() else {
            return nil
        }
        var faults: [Fault] = []
        var isJudged = false
        for (index, one) in judged.enumerated() {
            for other in judged.dropFirst(index + 1) {
                var worst: (step: Double, number: Int, part: Int) = (0, 0, 0)
                for (number, segment) in one.segments {
                    guard let twin = other.segments[number] else { continue }
                    for (part, time) in segment.partAppearances {
                        guard let otherTime = twin.partAppearances[part] else { continue }
                        isJudged = true
                        let step = (time - otherTime).inSeconds
                        if abs(step) > abs(worst.step) { worst = (step, number, part) }
                    }
                }
                if abs(worst.step) > target + Patience.network {
                    let late = worst.step > 0 ? one : other
                    faults.append(
                        late.fault(
                            "part \(worst.part) of segment \(worst.number) came \(Figure.seconds(abs(worst.step))) "
                                + "later than in \(worst.step > 0 ? other.url : one.url)"))
                }
            }
        }
        return isJudged ? faults : nil
    }

    private static func reportPresent(_ presentation: Presentation) -> [Fault]? {
        let judged = presentation.renditions.filter(\.isLowLatency)
        guard judged.count > 1 else { return nil }
        // Subtitles without parts are not part of low latency, and need no reports.
        return judged.flatMap { record -> [Fault] in
            guard let document = record.last else { return [] }
            let known = Set(
                document.reports.compactMap { $0["URI"] }.map {
                    PlaylistDocument.resolve($0, against: document.url)
                })
            return judged.filter { $0.url != record.url && !known.contains($0.url) }.map {
                record.fault("no EXT-X-RENDITION-REPORT for \($0.url)")
            }
        }
    }

    private static func reportTrue(_ presentation: Presentation) -> [Fault]? {
        var isJudged = false
        var faults: [Fault] = []
        for record in presentation.renditions where record.isLowLatency {
            guard let document = record.last, let own = document.segments.last?.number else { continue }
            for tag in document.reports {
                guard let uri = tag["URI"], let number = tag.whole("LAST-MSN"),
                    presentation.rendition(PlaylistDocument.resolve(uri, against: document.url)) != nil
                else { continue }
                isJudged = true
                if abs(number - own) > 1 {
                    faults.append(
                        record.fault("LAST-MSN is \(number) where this playlist is at \(own)", at: tag.line))
                }
            }
        }
        return isJudged ? faults : nil
    }
}
