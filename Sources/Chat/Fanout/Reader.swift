package import Media
import NIOCore

/// Where a reader sits: what a line is to the fan-out. On its event loop only.
package protocol Seat: AnyObject {
    /// Takes more just now; where not, `Reader.caughtUp` is to be called when it does again.
    var takesMore: Bool { get }
    func put(_ sheet: Sheet)
    /// Has to go: what must not be lost has piled up.
    func remove()
    /// Keeps up again, and has lost some of what has no number, such as captions.
    func hasLostUnnumbered()
}

/// One reader of a room, on one event loop.
package final class Reader {
    /// Until they leave: seat and reader hold each other.
    private var seat: (any Seat)?
    package internal(set) var language: LanguageTag
    /// As whom they write.
    package internal(set) var author: AuthorID?
    /// The newest event that has been put before them, or was in what they began with.
    private var seen = 0
    /// What waits; nil while they keep up.
    private var backlog: Backlog?
    /// They have not got what they begin with.
    private(set) var isJoining = true
    private let limit: Int
    private let metrics: FanoutMetrics
    /// Among those with their language; nil where they have left.
    var place: Int?
    /// What they have asked for besides the chat, with their place among those who have.
    var topics: [Topic: Int] = [:]

    init(seat: any Seat, language: LanguageTag, author: AuthorID?, limit: Int, metrics: FanoutMetrics) {
        self.seat = seat
        self.language = language
        self.author = author
        self.limit = limit
        self.metrics = metrics
        backlog = Backlog(limit: limit)
    }

    /// What everybody with this language gets.
    @inline(__always)
    func take(_ sheet: Sheet) {
        if backlog == nil, let seat, seat.takesMore, sheet.text.first > seen || sheet.text.first == 0 {
            if sheet.text.last > 0 { seen = sheet.text.last }
            seat.put(sheet)
        } else {
            takeSlowly(sheet)
        }
    }

    private func takeSlowly(_ sheet: Sheet) {
        if isJoining || backlog != nil { return queue(sheet) }
        guard let seat else { return }
        guard let unseen = unseen(sheet) else { return }
        if seat.takesMore {
            seen = max(seen, unseen.text.last)
            seat.put(unseen)
        } else {
            metrics.slowed()
            queue(unseen)
        }
    }

    /// The sheet without what the reader has; nil where that is all of it.
    private func unseen(_ sheet: Sheet) -> Sheet? {
        guard sheet.text.first > 0, sheet.text.first <= seen else { return sheet }
        let seen = seen
        // Where nothing numbered is left, the reader is further than its id says.
        return sheet.text.part { $0.sequence == 0 || $0.sequence > seen }
            .map { Sheet($0, id: $0.last > 0 ? sheet.id : nil) }
    }

    /// What only this reader gets.
    package func tell(_ sheet: Sheet) {
        if backlog == nil, let seat, seat.takesMore {
            seat.put(sheet)
        } else {
            queue(sheet)
        }
    }

    private func queue(_ sheet: Sheet) {
        if backlog == nil { backlog = Backlog(limit: limit) }
        guard let lost = backlog?.add(sheet) else {
            metrics.hopeless()
            seat?.remove()
            return
        }
        if lost > 0 { metrics.lost(lost) }
    }

    /// Puts what the reader begins with, which holds all up to `sequence`; what has come meanwhile follows.
    func begin(_ sheets: [Sheet], upTo sequence: Int) {
        guard isJoining else { return }
        isJoining = false
        seen = sequence
        for sheet in sheets { seat?.put(sheet) }
        caughtUp()
    }

    /// The seat takes more again.
    package func caughtUp() {
        guard !isJoining else { return }
        while let seat, seat.takesMore {
            guard let sheet = backlog?.next() else {
                let hasLost = backlog?.hasLostUnnumbered ?? false
                backlog = nil
                if hasLost { seat.hasLostUnnumbered() }
                return
            }
            guard let unseen = unseen(sheet) else { continue }
            seen = max(seen, unseen.text.last)
            seat.put(unseen)
        }
    }

    func leave() {
        seat = nil
        backlog = nil
    }
}
