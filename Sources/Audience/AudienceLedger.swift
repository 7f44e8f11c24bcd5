// In: beats (from the route's tasks), CMCD (from event loops). Out: how many watch, metrics, rollups to the store once a
// minute, reports. Event loops only leave a note in the mailbox; all else happens in `turn`, off the loops.
// Bounds: sessions (SessionBook), mailbox (4096 notes; policy: the newcomer is dropped; counter:
// shopcast_cmcd_total{result="dropped"}), minutes that the store would not take (1000; the oldest go; counter:
// shopcast_audience_minutes_lost_total).

import Foundation
package import Logging
package import Media
import Synchronization

/// The audience of all shows of this machine.
package final class AudienceLedger: Sendable {
    package struct Limits: Hashable, Sendable {
        package var sessions = 200_000
        /// Beats a second from one address.
        package var beatsPerAddress = 50
        /// Hours of which minutes are kept, and days of which hours are.
        package var minutesKeptHours = 48
        package var keepDays = 400

        package init() {}
    }

    /// What becomes of a beat.
    package enum Verdict: Hashable, Sendable {
        case taken
        /// Too many from this address.
        case tooMany
    }

    fileprivate struct State {
        var book: AudienceBook
        var pace: BeatPace
        var waiting: [AudienceRollup] = []
        var forgotAt: Int64 = 0
        var isFull = false
    }

    private static let mailboxAtMost = 4096
    fileprivate static let waitingAtMost = 1000

    private let limits: Limits
    private let store: (any AudienceStore)?
    private let logger: Logger
    private let state: Mutex<State>
    private let mailbox = Mutex<[CMCDReport]>([])
    private let metrics = AudienceMetrics()

    /// Without a store nothing outlives the process, and reports know the newest minutes only.
    package init(store: (any AudienceStore)?, limits: Limits = Limits(), logger: Logger) {
        self.limits = limits
        self.store = store
        self.logger = logger
        state = Mutex(
            State(
                book: AudienceBook(sessionsAtMost: limits.sessions),
                pace: BeatPace(
                    rate: Double(limits.beatsPerAddress), burst: Double(limits.beatsPerAddress * 10))))
    }

    /// Takes a beat that came from `address`.
    package func hear(
        _ beat: Beat, from address: String, country: String?, at moment: AudienceBook.Moment
    ) -> Verdict {
        let session = AudienceLedger.key("beat", beat.session, beat.show)
        let answer = state.withLock { state in
            state.book.note(beat, session: session, country: country, at: moment)
        }
        metrics.count(answer)
        if case .gained(let gain) = answer { metrics.add(gain, to: beat.show) }
        return .taken
    }

    /// Whether another beat of this address is looked at; asked before it is read.
    package func admits(from address: String, steadySeconds: Double) -> Verdict {
        guard state.withLock({ $0.pace.takes(address, at: steadySeconds) }) else {
            metrics.refused("rate")
            return .tooMany
        }
        return .taken
    }

    /// A beat could not be read.
    package func refusedMalformed() { metrics.refused("malformed") }

    /// A beat was for a show that there is not.
    package func refusedUnknown() { metrics.refused("unknown_show") }

    /// From an event loop: returns at once.
    package func hear(_ report: CMCDReport) {
        let isKept = mailbox.withLock { mailbox in
            guard mailbox.count < AudienceLedger.mailboxAtMost else { return false }
            mailbox.append(report)
            return true
        }
        if !isKept { metrics.countCMCD("dropped") }
    }

    /// Beats a second from one address, from now on.
    package func change(beatsPerAddress: Int) {
        state.withLock { $0.pace.rate = Double(beatsPerAddress) }
    }

    /// Who watches a show by what their players tell, when they were last counted.
    package func count(of show: ShowID) -> SessionBook.Count {
        state.withLock { $0.book.counts[show] } ?? SessionBook.Count()
    }

    /// Reads the mailbox, counts everybody, and stores the minutes that are over. Blocks on the store: not for an event
    /// loop. `requests` tells how many players have asked for each show's playlists lately.
    package func turn(at moment: AudienceBook.Moment, requests: [ShowID: Int]) {
        for report in takeMail() { read(report, at: moment) }
        let (counts, sessions) = state.withLock { state in
            let over = state.book.turn(at: moment, requests: requests)
            state.keep(over, metrics)
            return (state.book.counts, state.book.sessions.count)
        }
        metrics.record(counts, sessions: sessions)
        write(at: moment)
    }

    /// Stores the minute that runs too; for the end of the process.
    package func finish(at moment: AudienceBook.Moment) {
        state.withLock { $0.keep($0.book.close(at: moment, anyway: true), metrics) }
        write(at: moment)
    }

    private func takeMail() -> [CMCDReport] {
        mailbox.withLock { mailbox in
            defer { mailbox = [] }
            return mailbox
        }
    }

    private func read(_ report: CMCDReport, at moment: AudienceBook.Moment) {
        let data: CMCD
        do {
            data = try report.isEncoded ? CMCD(query: report.text) : CMCD(fields: report.text)
        } catch {
            metrics.countCMCD("refused")
            return
        }
        let name = data.sessionID ?? "viewer \(report.viewer)"
        let session = AudienceLedger.key("cmcd", name, report.show)
        let answer = state.withLock { $0.book.note(data, of: report, session: session, at: moment) }
        metrics.countCMCD(answer == .full ? "full" : "counted")
        if case .gained(let gain) = answer { metrics.add(gain, to: report.show) }
    }

    private func write(at moment: AudienceBook.Moment) {
        guard let store else { return }
        let (waiting, isTime) = state.withLock { state in
            defer { state.waiting = [] }
            let isTime = moment.wall - state.forgotAt >= 3600
            if isTime { state.forgotAt = moment.wall }
            return (state.waiting, isTime)
        }
        do {
            if !waiting.isEmpty { try store.addAudience(waiting) }
            if isTime {
                try store.forgetAudience(
                    minutesBefore: moment.wall - Int64(limits.minutesKeptHours) * 3600,
                    hoursBefore: moment.wall - Int64(limits.keepDays) * 86_400)
            }
            if state.withLock({ $0.recovered() }) { logger.notice("the audience's figures are stored again") }
        } catch {
            let isNews = state.withLock { state in
                state.waiting = waiting + state.waiting
                state.keep([], metrics)
                defer { state.isFull = true }
                return !state.isFull
            }
            guard isNews else { return }
            logger.error(
                "the audience's figures cannot be stored: check the disk", metadata: ["error": "\(error)"])
        }
    }

    /// A name that nobody outside can aim at another: the hash is this process's own.
    private static func key(_ kind: String, _ name: String, _ show: ShowID) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(name)
        hasher.combine(show)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}

extension AudienceLedger.State {
    /// Puts minutes where they wait for the store; the oldest go where there are too many.
    fileprivate mutating func keep(_ over: [AudienceRollup], _ metrics: AudienceMetrics) {
        waiting += over
        let surplus = waiting.count - AudienceLedger.waitingAtMost
        guard surplus > 0 else { return }
        waiting.removeFirst(surplus)
        metrics.lost(surplus)
    }

    fileprivate mutating func recovered() -> Bool {
        defer { isFull = false }
        return isFull
    }
}

extension AudienceLedger {
    /// How a show was watched between two times (Unix seconds): by the minute up to six hours, else by the hour. Blocks.
    package func report(of show: ShowID, in range: Range<Int64>, requests: Int) throws -> AudienceReport {
        let isShort = range.upperBound - range.lowerBound <= 6 * 3600
        let span = isShort ? AudienceRollup.Span.minute : .hour
        let rollups =
            try store?.audience(
                of: show, span, in: span.start(of: range.lowerBound)..<range.upperBound, limit: 1500)
            ?? []
        let newest = unstored(of: show).filter { range.contains($0.start) }
        let count = count(of: show)
        return AudienceReport(
            show: show, range: range, span: span,
            rollups: AudienceRollup.joined(rollups, newest, by: span),
            now: .init(
                viewers: AudienceBook.viewers(count, requests: requests), beats: count.beats,
                cmcd: count.cmcd,
                requests: requests, replay: count.replay))
    }

    /// All that is known of a show, by the hour, as RFC 4180 has it. Blocks.
    package func csv(of show: ShowID) throws -> String {
        let rollups = try store?.audience(of: show, .hour, in: 0..<Int64.max, limit: 24 * 400) ?? []
        return AudienceCSV.text(AudienceRollup.joined(rollups, unstored(of: show), by: .hour))
    }

    /// The minute that runs, and those that the store has not taken yet.
    private func unstored(of show: ShowID) -> [AudienceRollup] {
        state.withLock { state in
            state.waiting.filter { $0.show == show } + [state.book.running(show)].compactMap { $0 }
        }
    }
}

extension AudienceLedger {
    /// What is known of the viewer whose player gave itself this name, in each show. Looks at everybody.
    package func records(of name: String, steadySeconds: Int64) -> [SessionBook.Record] {
        state.withLock { state in
            AudienceLedger.keys(of: name, in: state.book.sessions.shows).compactMap {
                state.book.sessions.record(of: $0, at: steadySeconds)
            }
        }
    }

    /// Forgets that viewer; false where nothing was known. A player that goes on playing is known again with its next beat.
    package func forget(_ name: String) -> Bool {
        state.withLock { state in
            let keys = AudienceLedger.keys(of: name, in: state.book.sessions.shows)
            return keys.reduce(false) { state.book.forget(session: $1) || $0 }
        }
    }

    private static func keys(of name: String, in shows: Set<ShowID>) -> [UInt64] {
        shows.sorted { $0.text < $1.text }.flatMap { show in ["beat", "cmcd"].map { key($0, name, show) } }
    }
}
