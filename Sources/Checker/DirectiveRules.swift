import NIOCore

/// Rules of delivery directives, of hints that are asked for, and of what left the playlist.
enum DirectiveRules {
    static let all: [Rule] = [
        Rule(
            "blocking-kept", .must, "6.2.5.2",
            "A blocking answer lists the segment and part that were asked for.",
            .rendition(kept)),
        Rule(
            "part-without-msn", .must, "6.2.5", "_HLS_part without _HLS_msn is refused with 400.",
            .rendition(partWithoutSegment)),
        Rule(
            "far-ahead", .should, "6.2.5.2", "A segment far ahead is refused with 400 at once.",
            .rendition(farAhead)),
        Rule(
            "part-beyond", .must, "6.2.5.2",
            "A part beyond a segment's last one counts as the next segment's first.", .rendition(partBeyond)),
        Rule(
            "long-past", .must, "6.2.5.2", "A request for what is long past gets the playlist at once.",
            .rendition(longPast)),
        Rule(
            "held-bounded", .should, "6.2.5.2",
            "No blocking request is held for more than three target durations.",
            .rendition(bounded)),
        Rule(
            "ended-directives", .must, "6.2.5",
            "A playlist with its end mark is given whatever the directives ask for.",
            .rendition(afterEnd)),
        Rule(
            "delta-given", .must, "6.2.5.1", "_HLS_skip gets a delta update where CAN-SKIP-UNTIL offers it.",
            .rendition(deltaGiven)),
        Rule(
            "delta-applies", .must, "6.2.5.1", "A delta update leads to the same list as the whole playlist.",
            .rendition(deltaApplies)),
        Rule(
            "delta-boundary", .must, "6.2.5.1", "Only segments beyond CAN-SKIP-UNTIL are skipped.",
            .rendition(deltaBoundary)),
        Rule(
            "delta-dateranges", .must, "4.4.5.2",
            "A delta update of the second version has RECENTLY-REMOVED-DATERANGES.",
            .rendition(deltaDateRanges)),
        Rule(
            "delta-smaller", .should, "6.2.5.1", "A delta update is smaller than the playlist.",
            .rendition(deltaSmaller)),
        Rule(
            "hint-held", .must, "6.2.6", "A request for the hinted part is held and answered with it.",
            .rendition(hintHeld)),
        Rule(
            "hint-whole", .must, "B.1", "No byte of a part is sent before all of it can be.",
            .rendition(hintWhole)),
        Rule(
            "part-lifetime", .must, "6.2.2", "Parts can be had for three target durations after they left.",
            .rendition(partLifetime)),
        Rule(
            "segment-lifetime", .must, "6.2.2",
            "Segments can be had for the playlist's and their own duration after they left.",
            .rendition(segmentLifetime)),
    ]

    private static func kept(_ record: RenditionRecord) -> [Fault]? {
        guard record.answered > 0 else { return nil }
        return record.unkept.map {
            record.fault("\($0.wanted) was asked for and is not there", in: $0.exchange)
        }
    }

    private static func probes(_ kind: Probe.Kind, _ record: RenditionRecord) -> [Probe]? {
        let found = record.probes.filter { $0.kind == kind }
        return found.isEmpty ? nil : found
    }

    private static func outcomes(
        _ kind: Probe.Kind, _ record: RenditionRecord, _ judge: (Probe) -> String?
    ) -> [Fault]? {
        probes(kind, record)?.compactMap { probe in
            judge(probe).map { record.fault($0, in: probe.exchange.url) }
        }
    }

    private static func partWithoutSegment(_ record: RenditionRecord) -> [Fault]? {
        outcomes(.partWithoutSegment, record) { $0.exchange.status == 400 ? nil : $0.exchange.outcome }
    }

    private static func farAhead(_ record: RenditionRecord) -> [Fault]? {
        outcomes(.farAhead, record) { probe in
            if probe.exchange.status != 400 { return probe.exchange.outcome }
            return probe.exchange.held > 1 ? "400 came after \(Figure.seconds(probe.exchange.held))" : nil
        }
    }

    private static func partBeyond(_ record: RenditionRecord) -> [Fault]? {
        outcomes(.partBeyond, record) { probe in
            if !probe.exchange.isGood { return probe.exchange.outcome }
            // The segment after it is complete too, so nothing needs to be waited for.
            return probe.exchange.held > 1 ? "the answer took \(Figure.seconds(probe.exchange.held))" : nil
        }
    }

    private static func longPast(_ record: RenditionRecord) -> [Fault]? {
        outcomes(.longPast, record) { probe in
            if !probe.exchange.isGood { return probe.exchange.outcome }
            return probe.exchange.held > 1 ? "the answer took \(Figure.seconds(probe.exchange.held))" : nil
        }
    }

    private static func afterEnd(_ record: RenditionRecord) -> [Fault]? {
        outcomes(.afterEnd, record) { probe in
            if !probe.exchange.isGood { return probe.exchange.outcome }
            if probe.document?.skip != nil { return "the answer is a delta update" }
            return probe.exchange.held > 1 ? "the answer took \(Figure.seconds(probe.exchange.held))" : nil
        }
    }

    private static func bounded(_ record: RenditionRecord) -> [Fault]? {
        guard let target = record.first?.targetDuration else { return nil }
        return outcomes(.held, record) { probe in
            probe.exchange.held > 3 * target + 2 * Patience.network
                ? "held for \(Figure.seconds(probe.exchange.held))" : nil
        }
    }

    private static func deltaGiven(_ record: RenditionRecord) -> [Fault]? {
        guard !record.deltas.isEmpty else { return nil }
        return record.deltas.compactMap { probe in
            guard let until = probe.before.canSkipUntil, let target = probe.before.targetDuration,
                probe.before.length >= until + 2 * target, probe.delta.skip == nil
            else { return nil }
            return record.fault("the answer has no EXT-X-SKIP", in: probe.exchange.url)
        }
    }

    private static func skipping(_ record: RenditionRecord) -> [DeltaProbe]? {
        let found = record.deltas.filter { $0.delta.skip != nil }
        return found.isEmpty ? nil : found
    }

    private static func deltaApplies(_ record: RenditionRecord) -> [Fault]? {
        skipping(record)?.compactMap { probe in
            let line = probe.delta.skip?.line
            func fault(_ message: String) -> Fault { record.fault(message, at: line, in: probe.exchange.url) }
            // What is skipped must be known to whoever has the playlist from before.
            let firstKept = probe.delta.mediaSequence + probe.delta.skipped
            if let last = probe.before.segments.last, firstKept > last.number + 1 {
                return fault("the update begins after the playlist's last segment")
            }
            for segment in probe.delta.segments {
                guard let whole = probe.after.segment(segment.number) ?? probe.before.segment(segment.number)
                else {
                    continue
                }
                if let uri = segment.uri, let other = whole.uri, uri != other {
                    return fault(
                        "segment \(segment.number) is '\(uri)' here, '\(other)' in the whole playlist")
                }
                if segment.uri != nil, segment.discontinuitySequence != whole.discontinuitySequence,
                    probe.delta.discontinuitySequence == nil
                {
                    return fault("the update lacks EXT-X-DISCONTINUITY-SEQUENCE")
                }
            }
            let order = probe.delta.text.tags.map(\.name)
            if let skip = order.firstIndex(of: "EXT-X-SKIP"),
                let discontinuity = order.firstIndex(of: "EXT-X-DISCONTINUITY-SEQUENCE"), discontinuity > skip
            {
                return fault("EXT-X-DISCONTINUITY-SEQUENCE stands after EXT-X-SKIP")
            }
            return nil
        }
    }

    private static func deltaBoundary(_ record: RenditionRecord) -> [Fault]? {
        skipping(record)?.compactMap { probe in
            guard let until = probe.before.canSkipUntil, probe.delta.length < until - 0.1 else { return nil }
            return record.fault(
                "\(Figure.seconds(probe.delta.length)) are left, the boundary is \(Figure.seconds(until))",
                at: probe.delta.skip?.line, in: probe.exchange.url)
        }
    }

    private static func deltaDateRanges(_ record: RenditionRecord) -> [Fault]? {
        let judged = (skipping(record) ?? []).filter(\.isSecondVersion)
        guard !judged.isEmpty else { return nil }
        return judged.filter { $0.delta.skip?["RECENTLY-REMOVED-DATERANGES"] == nil }.map {
            record.fault(
                "EXT-X-SKIP without RECENTLY-REMOVED-DATERANGES", at: $0.delta.skip?.line, in: $0.exchange.url
            )
        }
    }

    private static func deltaSmaller(_ record: RenditionRecord) -> [Fault]? {
        // A few short lines more or less say nothing.
        let judged = (skipping(record) ?? []).filter { $0.delta.skipped >= 5 }
        guard !judged.isEmpty else { return nil }
        return judged.compactMap { probe in
            probe.exchange.wireSize > probe.afterWireSize
                ? record.fault(
                    "\(probe.exchange.wireSize) bytes, the whole playlist has \(probe.afterWireSize)",
                    in: probe.exchange.url) : nil
        }
    }

    private static func hintHeld(_ record: RenditionRecord) -> [Fault]? {
        // What was hinted and never came may be refused.
        let listed = Set(record.media.values.flatMap { $0.parts.values.map(\.url) })
        let judged = record.hints.filter { $0.exchange.isGood || listed.contains($0.exchange.url) }
        guard !judged.isEmpty else { return nil }
        return judged.filter { !$0.exchange.isGood || $0.exchange.wireSize == 0 }
            .map { record.fault($0.exchange.outcome, at: $0.hint.line, in: $0.exchange.url) }
    }

    private static func hintWhole(_ record: RenditionRecord) -> [Fault]? {
        let judged = record.hints.filter(\.exchange.isGood)
        guard !judged.isEmpty else { return nil }
        return judged.compactMap { probe in
            // At link speed even a slow line needs less than half a part's duration for a part.
            probe.exchange.bodyTime > max(0.5 * probe.partTarget, 2 * Patience.network / 3)
                ? record.fault(
                    "its bytes came over \(Figure.seconds(probe.exchange.bodyTime))", at: probe.hint.line,
                    in: probe.exchange.url) : nil
        }
    }

    private static func removed(_ record: RenditionRecord, isPart: Bool) -> [Fault]? {
        let judged = record.removals.filter { $0.isPart == isPart }
        guard !judged.isEmpty else { return nil }
        return judged.filter { !$0.exchange.isGood }.map {
            record.fault($0.exchange.outcome, in: $0.exchange.url)
        }
    }

    private static func partLifetime(_ record: RenditionRecord) -> [Fault]? { removed(record, isPart: true) }

    private static func segmentLifetime(_ record: RenditionRecord) -> [Fault]? {
        removed(record, isPart: false)
    }
}

/// What a network and a busy machine may add to what the specification counts from.
enum Patience {
    /// Seconds.
    static let network = 0.3
}
