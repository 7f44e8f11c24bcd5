/// Rules of two readings of a media playlist, one after the other.
enum RefreshRules {
    static let all: [Rule] = [
        Rule("sequence-back", .must, "6.2.2", "EXT-X-MEDIA-SEQUENCE never goes back.", .refresh(sequence)),
        Rule(
            "segment-constant", .must, "6.2.1", "A listed segment keeps its number, address and duration.",
            .refresh(segmentConstant)),
        Rule(
            "discontinuity-constant", .must, "4.4.3.3", "A segment's discontinuity sequence number stays.",
            .refresh(discontinuityConstant)),
        Rule("date-constant", .must, "4.4.4.6", "A segment's date stays.", .refresh(dateConstant)),
        Rule(
            "target-constant", .must, "4.4.3.1", "The target duration never changes.",
            .refresh(targetConstant)),
        Rule(
            "window", .must, "6.2.2", "Segments are removed only while three target durations remain.",
            .refresh(window)),
        Rule(
            "window-six", .must, "A 8.11", "A live playlist keeps at least six segments.", .refresh(windowSix)
        ),
        Rule(
            "window-dvr", .should, "A 8.12", "A live playlist keeps at least 15 minutes.",
            .refresh(windowLong)),
        Rule(
            "playlist-type", .must, "4.4.3.5", "A playlist with EXT-X-PLAYLIST-TYPE loses no segments.",
            .refresh(playlistType)),
        // A plan may change, as when a host falls silent or an advertisement is broken off: 6.2.6 lets a hint be withdrawn.
        Rule(
            "hint-true", .should, "6.2.6",
            "The next part is where the hint said: who asked there gets nothing else.", .refresh(hintTrue)),
        Rule(
            "daterange-kept", .must, "6.2.2", "A date range stays while it overlaps a listed segment.",
            .refresh(dateRangeKept)),
        Rule(
            "ended-constant", .must, "4.4.3.4", "Nothing is added after the end mark.",
            .refresh(endedConstant)),
    ]

    private static func sequence(_ refresh: Refresh) -> [Fault]? {
        guard refresh.after.mediaSequence < refresh.before.mediaSequence else { return [] }
        let line = refresh.after.text.tags("EXT-X-MEDIA-SEQUENCE").first?.line
        return [
            refresh.fault(
                "it was \(refresh.before.mediaSequence), it is \(refresh.after.mediaSequence)", at: line)
        ]
    }

    /// The segments that both readings list.
    private static func common(_ refresh: Refresh) -> [(before: ListedSegment, after: ListedSegment)] {
        refresh.before.segments.compactMap { before in
            refresh.after.segment(before.number).map { (before, $0) }
        }
    }

    private static func segmentConstant(_ refresh: Refresh) -> [Fault]? {
        let common = common(refresh)
        guard !common.isEmpty else { return nil }
        return common.compactMap { before, after in
            if let uri = before.uri, uri != after.uri {
                return refresh.fault("segment \(before.number) was '\(uri)'", at: after.line)
            }
            if before.isComplete, let was = before.duration, let now = after.duration, abs(was - now) > 0.0005
            {
                return refresh.fault(
                    "segment \(before.number) lasted \(Figure.seconds(was))", at: after.information?.line)
            }
            for (was, now) in zip(before.parts, after.parts) where was.uri != now.uri {
                return refresh.fault(
                    "a part of segment \(before.number) was '\(was.uri ?? "")'", at: now.tag.line)
            }
            return nil
        }
    }

    private static func discontinuityConstant(_ refresh: Refresh) -> [Fault]? {
        let common = common(refresh)
        guard !common.isEmpty else { return nil }
        return common.first { $0.before.discontinuitySequence != $0.after.discontinuitySequence }.map {
            [
                refresh.fault(
                    "segment \($0.before.number) had the discontinuity sequence number "
                        + "\($0.before.discontinuitySequence), it has \($0.after.discontinuitySequence)",
                    at: refresh.after.text.tags("EXT-X-DISCONTINUITY-SEQUENCE").first?.line ?? $0.after.line)
            ]
        } ?? []
    }

    private static func dateConstant(_ refresh: Refresh) -> [Fault]? {
        let dated = common(refresh).compactMap { before, after -> (Double, ListedSegment)? in
            guard let was = before.date, let now = after.date else { return nil }
            return (now - was, after)
        }
        guard !dated.isEmpty else { return nil }
        return dated.first { abs($0.0) > 0.1 }.map { step, segment in
            [
                refresh.fault(
                    "segment \(segment.number)'s date moved by \(Figure.seconds(step))",
                    at: segment.dateTag?.line ?? segment.line)
            ]
        } ?? []
    }

    private static func targetConstant(_ refresh: Refresh) -> [Fault]? {
        guard let was = refresh.before.targetDuration, let now = refresh.after.targetDuration else {
            return nil
        }
        return was == now
            ? [] : [refresh.fault("it was \(Figure.seconds(was))", at: refresh.after.targetTag?.line)]
    }

    /// Nil where nothing was removed: a young playlist may be as short as it is.
    private static func afterRemoval(_ refresh: Refresh) -> (document: MediaDocument, target: Double)? {
        guard refresh.after.mediaSequence > refresh.before.mediaSequence, !refresh.after.isEnded,
            refresh.after.playlistType == nil, let target = refresh.after.targetDuration
        else { return nil }
        return (refresh.after, target)
    }

    private static func windowFault(_ refresh: Refresh, _ document: MediaDocument) -> [Fault] {
        [
            refresh.fault(
                "segments were removed, \(document.complete.count) of \(Figure.seconds(document.length)) remain",
                at: document.text.tags("EXT-X-MEDIA-SEQUENCE").first?.line)
        ]
    }

    private static func window(_ refresh: Refresh) -> [Fault]? {
        guard let (document, target) = afterRemoval(refresh) else { return nil }
        return document.length < 3 * target - 0.1 ? windowFault(refresh, document) : []
    }

    private static func windowSix(_ refresh: Refresh) -> [Fault]? {
        guard let (document, target) = afterRemoval(refresh), document.length >= 3 * target - 0.1 else {
            return nil
        }
        return document.complete.count < 6 ? windowFault(refresh, document) : []
    }

    private static func windowLong(_ refresh: Refresh) -> [Fault]? {
        guard let (document, _) = afterRemoval(refresh), document.complete.count >= 6 else { return nil }
        // What is about to be complete counts: a window of 900 s is never exactly that.
        return document.length < 890 ? windowFault(refresh, document) : []
    }

    private static func playlistType(_ refresh: Refresh) -> [Fault]? {
        guard let type = refresh.after.playlistType else { return nil }
        return refresh.after.mediaSequence > refresh.before.mediaSequence
            ? [refresh.fault("segments were removed from an \(type.value) playlist", at: type.line)] : []
    }

    private static func hintTrue(_ refresh: Refresh) -> [Fault]? {
        guard let hint = refresh.before.hintedPart else { return nil }
        let next = refresh.before.next
        var part = refresh.after.segment(next.number)?.parts.dropFirst(next.part).first
        if part == nil, let segment = refresh.after.segment(next.number), segment.isComplete,
            segment.parts.count == next.part
        {
            part = refresh.after.segment(next.number + 1)?.parts.first
        }
        guard let part, let uri = part.uri else { return nil }
        let isSame =
            PlaylistDocument.resolve(hint, against: refresh.before.url)
            == PlaylistDocument.resolve(uri, against: refresh.after.url)
        return isSame ? [] : [refresh.fault("the hint was '\(hint)', it is '\(uri)'", at: part.tag.line)]
    }

    private static func dateRangeKept(_ refresh: Refresh) -> [Fault]? {
        guard !refresh.before.dateRanges.isEmpty, refresh.after.skip == nil else { return nil }
        guard let start = refresh.after.segments.first?.date else { return nil }
        let known = Set(refresh.after.dateRanges.compactMap { $0["ID"] })
        return refresh.before.dateRanges.compactMap { tag in
            guard let id = tag["ID"], !known.contains(id), let span = DateRangeRules.span(of: tag),
                (span.end ?? span.start) > start
            else { return nil }
            return refresh.fault("the date range '\(id)' is gone", at: tag.line)
        }
    }

    private static func endedConstant(_ refresh: Refresh) -> [Fault]? {
        guard refresh.before.isEnded else { return nil }
        let was = refresh.before.segments.last
        let now = refresh.after.segments.last
        if was?.number == now?.number, was?.uri == now?.uri, refresh.after.isEnded { return [] }
        return [refresh.fault("the playlist went on after its end", at: now?.line)]
    }
}
