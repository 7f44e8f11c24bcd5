// In: requests of one event loop's connections, and its windows' snapshots. Out: answers, at once or when it is time.
// Blocks nobody and locks nothing but the directory: all it holds belongs to the loop.
// Snapshots that come faster than the loop turns replace each other (only the newest counts).

import Media
import NIOCore
import Synchronization

/// What the connections of one event loop share.
///
/// Everything but `post` is touched on `loop` only, hence `@unchecked Sendable`.
final class Desk: @unchecked Sendable {
    enum Decision {
        case answer(SharedAnswer)
        case held(Waiter)
    }

    let loop: any EventLoop
    let house: House
    /// The loop's coarse clock: right to a quarter of a second.
    private(set) var now = NIODeadline.now()
    /// The `Date` field of this second.
    private(set) var date = ""
    var tally = Tally()
    var guests = GuestList()
    private var room: WaitingRoom
    private var watched: [ShowID: any ServedWindow] = [:]
    private var second: Int64 = 0
    private let posted = Mutex<[ShowID: any ServedSnapshot]>([:])
    private let heldAtMost: Int
    private var reportedHeld = 0

    static let tickPeriod = TimeAmount.milliseconds(250)

    init(loop: any EventLoop, house: House) {
        self.loop = loop
        self.house = house
        self.room = WaitingRoom(planner: house.planner, privatePlanner: house.privatePlanner)
        self.heldAtMost = house.limits.held
        readClocks()
    }

    var steadySecond: Int64 { Int64(now.uptimeNanoseconds / 1_000_000_000) }

    /// Decides on a request now, or holds it for `viewer`.
    func decide(
        _ request: MediaRequest, viewer: any WaitingViewer, key: UInt64, stream: Int
    ) -> Decision {
        if let plan = house.planner.early(request) { return .answer(SharedAnswer(plan)) }
        guard case .target(let target) = request.target, let window = house.window(request, target.show)
        else { return said(house.planner.verdict(request, nil)) }
        var request = request
        let planner = house.planner(for: request)
        switch house.gatekeeper.entry(to: target.show, with: request.credentials, at: second) {
        case .open: break
        case .capped(let cap): request.cap = cap
        case .refused(let reason): return .answer(SharedAnswer(planner.refused(request, reason)))
        }
        let verdict = planner.verdict(request, window.latest)
        // The name of a preview is a secret, and its host no viewer; nor is who asks for what is not there.
        if case .playlist = target, !request.isReplay, !target.show.isPreview, !verdict.isMissing {
            house.viewers.saw(key, of: target.show, at: steadySecond)
        }
        if request.words != nil, !target.show.isPreview, let note = request.note(viewer: key) {
            house.notes?.heard(note)
        }
        guard case .hold = verdict, let wanted = request.wanted else { return said(verdict) }
        return hold(request, wanted, window, viewer: viewer, stream: stream)
    }

    private func said(_ verdict: Planner.Verdict) -> Decision {
        switch verdict {
        case .respond(let plan): .answer(SharedAnswer(plan))
        case .hold: .answer(SharedAnswer(.problem(.unavailable, "Ask again.", house.planner.cache)))
        }
    }

    private func hold(
        _ request: MediaRequest, _ wanted: Wanted, _ window: any ServedWindow, viewer: any WaitingViewer,
        stream: Int
    ) -> Decision {
        if watched[wanted.show] !== window {
            watched[wanted.show] = window
            house.watch(wanted.show, window)
            // What was published before the watch began is not told: look again.
            if case .respond(let plan) = house.planner(for: request).verdict(request, window.latest) {
                return .answer(SharedAnswer(plan))
            }
        }
        guard house.held.load(ordering: .relaxed) - reportedHeld + room.count < heldAtMost,
            !house.isStopping.load(ordering: .relaxed)
        else {
            tally.heldRefused += 1
            tally.isEmpty = false
            return .answer(SharedAnswer(house.planner.crowded(request)))
        }
        return .held(
            room.hold(request, for: wanted, viewer: viewer, stream: stream, deadline: now + house.patience))
    }

    func leave(_ waiter: Waiter) { room.leave(waiter) }

    /// From any thread: a window has a new snapshot.
    func post(_ show: ShowID, _ snapshot: any ServedSnapshot) {
        let isFirst = posted.withLock { posted in
            defer { posted[show] = snapshot }
            return posted.isEmpty
        }
        if isFirst { loop.execute { self.readPosts() } }
    }

    private func readPosts() {
        let news = posted.withLock { posted in
            defer { posted = [:] }
            return posted
        }
        for (show, posted) in news {
            // Publishing threads may overtake each other on their way here; the window itself has the newest.
            let snapshot = watched[show]?.latest ?? posted
            for (answers, waiters) in room.answered(by: snapshot, show: show) {
                answer(waiters) { answers.answer($0) }
            }
        }
    }

    /// Writes in batches, so that what is written but not yet flushed stays small.
    private func answer(_ waiters: [Waiter], _ shared: (MediaRequest) -> SharedAnswer) {
        var unflushed: [any WaitingViewer] = []
        for waiter in waiters {
            waiter.viewer.answer(waiter, with: shared(waiter.request))
            if unflushed.last !== waiter.viewer { unflushed.append(waiter.viewer) }
            if unflushed.count == 32 {
                for viewer in unflushed { viewer.flushAnswers() }
                unflushed.removeAll(keepingCapacity: true)
            }
        }
        for viewer in unflushed { viewer.flushAnswers() }
    }

    /// Called every `tickPeriod` on the loop.
    func tick() {
        readClocks()
        let late = room.expired(now)
        if !late.isEmpty {
            tally.heldTimeouts += late.count
            tally.isEmpty = false
            answer(late) { SharedAnswer(house.planner.timedOut($0)) }
        }
        for guest in guests.expired(now) { guest.expired() }
        if watched.keys.contains(where: \.isPreview) {
            watched = watched.filter { !house.isStale($0.key, $0.value) }
        }
        report()
    }

    /// The server will stop: who is here is asked to come again.
    func sendAway() {
        for guest in guests.everybody { guest.sendAway() }
    }

    /// Stops serving: held requests get 503, connections end when their answer is out.
    func quiesce() {
        answer(room.everybody()) { SharedAnswer(house.planner.closing($0)) }
        for guest in guests.everybody { guest.quiesce() }
        report()
    }

    func abort() {
        for guest in guests.everybody { guest.abort() }
        report()
    }

    private func report() {
        if room.count != reportedHeld {
            house.held.wrappingAdd(room.count - reportedHeld, ordering: .relaxed)
            reportedHeld = room.count
        }
        if !tally.isEmpty || tally.bytes > 0 || !tally.lines.isEmpty {
            house.metrics.add(tally)
            tally = Tally()
        }
    }

    private func readClocks() {
        now = .now()
        let wall = WallClock.seconds
        if wall != second {
            second = wall
            date = HTTPDate.text(unixSeconds: wall)
        }
    }
}
