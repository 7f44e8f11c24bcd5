package import Media

/// Who watches now, and what they had in the minute that runs. Pure: a minute that is over comes out as a rollup.
///
/// Bounds: `slicesAtMost` renditions and countries a show (what is beyond counts as `other`), `showsAtMost` shows.
package struct AudienceBook: Sendable {
    package static let other = "other"
    private static let renditionsAtMost = 12
    private static let countriesAtMost = 64
    private static let showsAtMost = 10_000

    package private(set) var sessions: SessionBook
    package private(set) var counts: [ShowID: SessionBook.Count] = [:]
    private var minute: Int64 = 0
    private var open: [ShowID: [AudienceSlice: QualityCell]] = [:]

    package init(sessionsAtMost: Int = 200_000) {
        sessions = SessionBook(most: sessionsAtMost)
    }

    /// What is to be known of when something happened: a steady clock's seconds, and Unix time.
    package struct Moment: Hashable, Sendable {
        package var steady: Int64
        package var wall: Int64

        package init(steady: Int64, wall: Int64) {
            self.steady = steady
            self.wall = wall
        }
    }

    /// Notes a beat, or tells why not.
    package mutating func note(
        _ beat: Beat, session: UInt64, country: String?, at moment: Moment
    ) -> SessionBook.Answer {
        let answer = sessions.note(beat, session: session, country: country, at: moment.steady)
        if case .gained(let gain) = answer { add(gain, to: beat.show) }
        return answer
    }

    /// Notes what stood beside a media request.
    package mutating func note(
        _ data: CMCD, of report: CMCDReport, session: UInt64, at moment: Moment
    ) -> SessionBook.Answer {
        let answer = sessions.note(data, of: report, session: session, at: moment.steady)
        if case .gained(let gain) = answer { add(gain, to: report.show) }
        return answer
    }

    /// Counts everybody, and returns the minutes that are over. `requests` tells how many players have asked for each show's
    /// playlists lately.
    package mutating func turn(at moment: Moment, requests: [ShowID: Int]) -> [AudienceRollup] {
        let over = close(at: moment)
        counts = sessions.counts(at: moment.steady)
        for show in Set(counts.keys).union(open.keys).union(requests.keys) {
            let count = counts[show] ?? SessionBook.Count()
            let live = AudienceBook.viewers(count, requests: requests[show] ?? 0)
            if live > 0 || open[show]?[.all] != nil { cell(show, .all) { $0.count(viewers: live) } }
            if count.replay > 0 { cell(show, .replay) { $0.count(viewers: count.replay) } }
        }
        return over
    }

    /// Live viewers: no fewer than sessions that tell of themselves, and no fewer than players that ask for playlists.
    ///
    /// A page does both, so the two are not added. Where all come here, requests know of players without beats too;
    /// behind a cache requests know of next to nobody, and beats are right. Only where players without beats stand behind
    /// a cache are they counted by nobody.
    package static func viewers(_ count: SessionBook.Count, requests: Int) -> Int {
        max(count.live, requests)
    }

    /// Ends the minute that runs, where another has begun by `moment`, or `anyway`.
    package mutating func close(at moment: Moment, anyway: Bool = false) -> [AudienceRollup] {
        let now = AudienceRollup.Span.minute.start(of: moment.wall)
        guard now != minute || anyway else { return [] }
        let over = open.map { show, cells in
            AudienceRollup(
                show: show, span: .minute, start: minute, cells: cells.filter { !$0.value.isEmpty })
        }.filter { !$0.cells.isEmpty }
        open = [:]
        minute = now
        return over
    }

    /// What a show had so far in the minute that runs; nil where that is nothing.
    package func running(_ show: ShowID) -> AudienceRollup? {
        guard let cells = open[show]?.filter({ !$0.value.isEmpty }), !cells.isEmpty else { return nil }
        return AudienceRollup(show: show, span: .minute, start: minute, cells: cells)
    }

    /// Forgets a session; what it has added to figures is about nobody any more. False where it is not known.
    package mutating func forget(session: UInt64) -> Bool { sessions.forget(session) }

    private mutating func add(_ gain: BeatGain, to show: ShowID) {
        guard !gain.isReplay else {
            cell(show, .replay) { $0.add(gain) }
            return
        }
        cell(show, .all) { $0.add(gain) }
        if let name = gain.rendition {
            let slice = known(
                .rendition(name), .rendition(AudienceBook.other), AudienceBook.renditionsAtMost, show)
            cell(show, slice) { $0.add(gain) }
        }
        if let name = gain.country {
            let slice = known(
                .country(name), .country(AudienceBook.other), AudienceBook.countriesAtMost, show)
            cell(show, slice) { $0.add(gain) }
        }
    }

    /// `slice`, or `other` where a show has as many of its kind as may be.
    private func known(
        _ slice: AudienceSlice, _ other: AudienceSlice, _ most: Int, _ show: ShowID
    ) -> AudienceSlice {
        guard let cells = open[show], cells[slice] == nil else { return slice }
        return cells.keys.count { $0.kind == slice.kind } < most ? slice : other
    }

    private mutating func cell(
        _ show: ShowID, _ slice: AudienceSlice, _ change: (inout QualityCell) -> Void
    ) {
        guard open[show] != nil || open.count < AudienceBook.showsAtMost else { return }
        change(&open[show, default: [:]][slice, default: QualityCell()])
    }
}
