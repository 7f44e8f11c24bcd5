package import Foundation

/// When a show is expected to be on air.
package struct Airing: Hashable, Sendable {
    package var start: Date
    package var end: Date

    /// Where nobody has said how long.
    package static let usualMinutes = 60
    private static let weeks = 8

    package init(start: Date, end: Date) {
        self.start = start
        self.end = end
    }

    package func overlaps(_ other: Airing) -> Bool { start < other.end && other.start < end }

    /// A draft's airings: one, or those of the next eight weeks. Empty without a start.
    package static func all(of draft: ShowDraft) -> [Airing] {
        guard let start = draft.start else { return [] }
        let length = TimeInterval((draft.lengthMinutes ?? usualMinutes) * 60)
        let starts = draft.recurrence == nil ? [start] : (0...weeks).compactMap { week(draft, after: $0) }
        return starts.map { Airing(start: $0, end: $0.addingTimeInterval(length)) }
    }

    /// The first start of a weekly show after `moment`, at the local time of its zone, whatever the clocks do meanwhile.
    /// Nil where it is not weekly, or over by then.
    package static func next(of draft: ShowDraft, after moment: Date) -> Date? {
        guard let start = draft.start, draft.recurrence != nil else { return nil }
        let passed = max(0, Int(moment.timeIntervalSince(start) / (7 * 86_400)))
        // A week of a change of the clocks is an hour shorter or longer.
        for week in max(1, passed)...(passed + 2) {
            guard let next = Airing.week(draft, after: week) else { return nil }
            if next > moment { return next }
        }
        return nil
    }

    /// The start so many weeks later; nil after the last.
    private static func week(_ draft: ShowDraft, after weeks: Int) -> Date? {
        guard let start = draft.start else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = draft.zone.flatMap(TimeZone.init(identifier:)) ?? .gmt
        guard let date = calendar.date(byAdding: .day, value: 7 * weeks, to: start) else { return nil }
        if let until = draft.recurrence?.until, date > until { return nil }
        return date
    }
}

/// Two shows of one host at the same time.
package enum Overlap {
    /// The first of `others` that a show with `draft` would meet, and when.
    package static func first(of draft: ShowDraft, among others: some Sequence<Show>) -> (
        show: Show, at: Date
    )? {
        let own = Airing.all(of: draft)
        guard let first = own.first, let last = own.last else { return nil }
        for other in others {
            for airing in Airing.all(of: other.draft)
            where airing.start < last.end && first.start < airing.end {
                if let met = own.first(where: { $0.overlaps(airing) }) {
                    return (other, max(met.start, airing.start))
                }
            }
        }
        return nil
    }
}
