// In: requests whose answer the window does not have yet. Out: the same requests, answered from the next snapshot
// that has it, all of a kind from one SharedAnswer; 503 after three target durations.
// Bound: `Limits.held` over all loops; policy: 503 at once; counter: shopcast_http_held_refused.
// Blocks nobody: it lives on one event loop. Dropped: who closes the connection or resets the stream.

import Media
import NIOCore
import Packaging

/// What a request waits for; requests that want the same are answered together.
struct Wanted: Hashable {
    enum Item: Hashable {
        case playlist(BlockingRequest)
        case file(String)
    }

    var show: ShowID
    var rendition: RenditionName
    var item: Item
    /// Asked for under an address with a token.
    var isPrivate = false
}

/// A connection that has requests waiting.
protocol WaitingViewer: AnyObject {
    /// Writes the answer; `flushAnswers` follows.
    func answer(_ waiter: Waiter, with shared: SharedAnswer)
    func flushAnswers()
}

/// One held request.
final class Waiter {
    let request: MediaRequest
    let viewer: any WaitingViewer
    /// The stream of HTTP/2; 0 for HTTP/1.1.
    let stream: Int
    let deadline: NIODeadline
    fileprivate let wanted: Wanted
    fileprivate var place: Int?

    fileprivate init(
        _ request: MediaRequest, _ wanted: Wanted, viewer: any WaitingViewer, stream: Int,
        deadline: NIODeadline
    ) {
        self.request = request
        self.wanted = wanted
        self.viewer = viewer
        self.stream = stream
        self.deadline = deadline
    }
}

/// The held requests of one event loop.
struct WaitingRoom {
    private final class Group {
        var waiters: [Waiter] = []
    }

    private var shows: [ShowID: [Wanted: Group]] = [:]
    private(set) var count = 0
    private let planner: Planner
    private let privatePlanner: Planner

    init(planner: Planner, privatePlanner: Planner) {
        self.planner = planner
        self.privatePlanner = privatePlanner
    }

    /// Holds a request; the caller has seen that the newest snapshot says so.
    mutating func hold(
        _ request: MediaRequest, for wanted: Wanted, viewer: any WaitingViewer, stream: Int,
        deadline: NIODeadline
    ) -> Waiter {
        let waiter = Waiter(request, wanted, viewer: viewer, stream: stream, deadline: deadline)
        let group: Group
        if let known = shows[wanted.show]?[wanted] {
            group = known
        } else {
            group = Group()
            shows[wanted.show, default: [:]][wanted] = group
        }
        waiter.place = group.waiters.count
        group.waiters.append(waiter)
        count += 1
        return waiter
    }

    /// Forgets a request whose asker has gone; without effect where it was answered.
    mutating func leave(_ waiter: Waiter) {
        guard let place = waiter.place, let group = shows[waiter.wanted.show]?[waiter.wanted] else { return }
        waiter.place = nil
        let last = group.waiters.removeLast()
        if last !== waiter {
            group.waiters[place] = last
            last.place = place
        }
        count -= 1
        if group.waiters.isEmpty { remove(waiter.wanted) }
    }

    /// Those whom the snapshot answers, with what it says, in groups. They have left the room.
    mutating func answered(by snapshot: any ServedSnapshot, show: ShowID) -> [(SharedAnswers, [Waiter])] {
        guard let groups = shows[show] else { return [] }
        var answered: [(SharedAnswers, [Waiter])] = []
        for (wanted, group) in groups {
            let answers: SharedAnswers
            let planner = wanted.isPrivate ? privatePlanner : planner
            switch wanted.item {
            case .playlist(let request):
                let answer = snapshot.playlist(wanted.rendition, request)
                if case .wait = answer { continue }
                answers = SharedAnswers(planner, .playlist(answer, request, snapshot.hasEnded))
            case .file(let name):
                let answer = snapshot.media(wanted.rendition, file: name[...])
                if case .wait = answer { continue }
                answers = SharedAnswers(planner, .file(answer, name))
            }
            answered.append((answers, take(wanted, group)))
        }
        return answered
    }

    /// Those who have waited too long. They have left the room.
    mutating func expired(_ now: NIODeadline) -> [Waiter] {
        var late: [Waiter] = []
        for groups in shows.values {
            for group in groups.values {
                for waiter in group.waiters where waiter.deadline <= now { late.append(waiter) }
            }
        }
        for waiter in late { leave(waiter) }
        return late
    }

    /// Everybody. The room is empty.
    mutating func everybody() -> [Waiter] {
        let all = shows.values.flatMap { $0.values.flatMap(\.waiters) }
        for waiter in all { waiter.place = nil }
        shows = [:]
        count = 0
        return all
    }

    private mutating func take(_ wanted: Wanted, _ group: Group) -> [Waiter] {
        for waiter in group.waiters { waiter.place = nil }
        count -= group.waiters.count
        remove(wanted)
        return group.waiters
    }

    private mutating func remove(_ wanted: Wanted) {
        shows[wanted.show]?[wanted] = nil
        if shows[wanted.show]?.isEmpty ?? false { shows[wanted.show] = nil }
    }
}

/// What one thing that was waited for has become: an answer for each way of asking, each rendered once.
final class SharedAnswers {
    enum Said {
        case playlist(PlaylistAnswer, BlockingRequest, Bool)
        case file(MediaAnswer, String)
    }

    private let planner: Planner
    private let said: Said
    private var plain: SharedAnswer?
    private var gzip: SharedAnswer?

    init(_ planner: Planner, _ said: Said) {
        self.planner = planner
        self.said = said
    }

    /// The answer to `request`: shared, unless it has conditions of its own.
    func answer(_ request: MediaRequest) -> SharedAnswer {
        let isUsual = request.method == .get && request.ifNoneMatch == nil && request.range == nil
        if isUsual, let known = request.acceptsGzip ? gzip : plain { return known }
        let verdict =
            switch said {
            case .playlist(let answer, let directives, let hasEnded):
                planner.verdict(answer, directives, request, hasEnded)
            case .file(let answer, let name): planner.verdict(answer, name, request)
            }
        let shared: SharedAnswer
        switch verdict {
        case .respond(let plan): shared = SharedAnswer(plan)
        case .hold: shared = SharedAnswer(planner.timedOut(request))
        }
        if isUsual {
            if request.acceptsGzip { gzip = shared } else { plain = shared }
        }
        return shared
    }
}
