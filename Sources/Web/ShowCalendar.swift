package import Foundation
import Media
package import Shows

/// `/shows/SHOW/calendar.ics`: a show as an event of the reader's calendar; a weekly one with its next eight weeks.
///
/// Weekly shows are written as single events in UTC and not as a rule: a rule in UTC would drift by an hour when the clocks
/// change, one in a zone would need that zone's own rules in the file, and each later week becomes a show of its own, with
/// its own address, which then changes its event by the name that it has here already.
package struct ShowCalendar: Sendable {
    private let catalogues: MessageCatalogues
    private static let weeks = 8

    package init(_ assets: WebAssets) throws(WebError) {
        catalogues = try assets.catalogues(.viewers)
    }

    /// `base` is how the server is called, without a slash at its end. Nil for a show without a start.
    package func text(of show: ShowSummary, base: String, for reader: Reader, at now: Date = Date())
        -> String?
    {
        guard let start = show.start, let end = show.end else { return nil }
        let words = catalogues.best(for: reader.preference)
        let title = show.title(for: reader, page: words.language)
        let description = show.description(for: reader, page: words.language)
        let host = base.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != ":" && $0 != "/" }
        func event(_ id: ShowID, _ start: Date, sequence: Int) -> CalendarText.Event {
            let url = "\(base)/shows/\(id.text)"
            let watch = words.say("calendar.watch", ["url": .text(url)])
            return CalendarText.Event(
                uid: "\(id.text)@\(host)", sequence: sequence, stamp: show.updatedAt ?? now, start: start,
                end: start.addingTimeInterval(end.timeIntervalSince(show.start ?? start)), title: title.line,
                language: title.language == .undetermined ? nil : title.language,
                description: description.map { "\($0.text)\n\n\(watch)" } ?? watch, url: url,
                tags: show.tags, isCancelled: show.state == .cancelled)
        }
        let first = event(show.id, start, sequence: show.revision)
        // What comes after a show that is over, or off, is told by the shows that come.
        guard show.state == .scheduled || show.state == .rehearsal || show.state == .live else {
            return CalendarText.text(of: [first])
        }
        return CalendarText.text(
            of: [first]
                + following(show).map { id, start in
                    var event = event(id, start, sequence: 0)
                    event.url = "\(base)/shows/\(show.id.text)"
                    return event
                })
    }

    /// The shows of the weeks to come, by the names that they will have.
    private func following(_ show: ShowSummary) -> [(ShowID, Date)] {
        guard show.recurrence != nil, let start = show.start else { return [] }
        var draft = ShowDraft(titles: show.titles)
        (draft.start, draft.zone, draft.recurrence) = (start, show.zone, show.recurrence)
        var found: [(ShowID, Date)] = []
        var last = start
        while found.count < ShowCalendar.weeks, let next = Airing.next(of: draft, after: last) {
            guard
                let id = ShowNaming.id(ofSeries: show.series ?? show.id, start: next, zone: show.zone)
            else { break }
            found.append((id, next))
            last = next
        }
        return found
    }
}
