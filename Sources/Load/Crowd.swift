// In: answers and time. Out: viewers' requests. All viewers of one event loop, on that loop: they come, are told the
// time, leave, and are counted. Nobody blocks; a viewer who leaves takes its connections along.

import HLSClient
import Media
import NIOCore

final class Crowd {
    struct Plan: Sendable {
        let address: WebAddress
        var settings: ViewerSettings
        /// When each viewer comes (seconds from the start), soonest first.
        var arrivals: [Double]
        let stay: Double?
        let lines: Lines.Options
        let seed: UInt64
    }

    /// How late a viewer may hear of the time.
    private static let beat = TimeAmount.milliseconds(20)

    private let loop: any EventLoop
    private let plan: Plan
    private let started = MonotonicTime.now
    private var arrived = 0
    private var seats: [Seat] = []
    private let library = SharedLibrary()
    private let budget = BodyBudget()
    private var tally = Tally()
    private var random: Chance
    private var sampled = MonotonicTime.now
    private var task: RepeatedTask?

    init(loop: any EventLoop, plan: Plan) {
        self.loop = loop
        self.plan = plan
        random = Chance(seed: plan.seed)
    }

    func begin() {
        let crowd = NIOLoopBound(self, eventLoop: loop)
        task = loop.scheduleRepeatedTask(initialDelay: .zero, delay: Crowd.beat) { _ in crowd.value.beat() }
    }

    /// Ends all viewers and tells what they have counted.
    func end() -> Tally {
        task?.cancel()
        task = nil
        let now = MonotonicTime.now
        for seat in seats { close(seat, at: now) }
        seats = []
        tally.playlistsRead = library.library.read
        tally.playlistsAsked = library.library.asked
        return tally
    }

    var count: Int { seats.count }
    /// Bytes of bodies and requests so far, of all viewers.
    var traffic: (bytes: Int, requests: Int) {
        seats.reduce((tally.bytes, tally.figures.requests)) {
            ($0.0 + $1.lines.bytes, $0.1 + $1.viewer.figures.requests)
        }
    }

    private func beat() {
        let now = MonotonicTime.now
        let passed = (now - started).inSeconds
        while arrived < plan.arrivals.count, plan.arrivals[arrived] <= passed {
            arrived += 1
            seats.append(open(at: now))
        }
        let isSample = (now - sampled).inSeconds >= 1
        if isSample { sampled = now }
        for index in seats.indices {
            let seat = seats[index]
            if let wake = seat.viewer.wake, wake <= now { seat.tick(at: now) }
            if isSample {
                if let latency = seat.viewer.latency(at: now) { tally.latency.note(latency) }
                if let distance = seat.viewer.distance(at: now) { tally.distance.note(distance) }
            }
            if let leaves = seat.leaves, leaves <= now {
                close(seat, at: now)
                seats[index] = open(at: now)
            }
        }
        if seats.contains(where: \.isDone) {
            for seat in seats where seat.isDone { close(seat, at: now) }
            seats.removeAll(where: \.isDone)
        }
    }

    private func open(at now: MonotonicTime) -> Seat {
        let lines = Lines(loop: loop, options: plan.lines, budget: budget)
        let seat = Seat(
            viewer: Viewer(plan.address, settings: plan.settings, at: now), lines: lines, library: library)
        lines.listener = seat
        if let stay = plan.stay { seat.leaves = now + .seconds(stay * random.exponential()) }
        seat.tick(at: now)
        return seat
    }

    private func close(_ seat: Seat, at now: MonotonicTime) {
        tally.bytes += seat.lines.bytes
        tally.connections += seat.lines.opened
        seat.lines.close()
        tally.add(seat.viewer, at: now)
    }
}

/// The playlists that the viewers of one event loop have read.
final class SharedLibrary {
    var library = Library()
}

/// A viewer and its connections.
final class Seat: TransportListener {
    var viewer: Viewer
    let lines: Lines
    var leaves: MonotonicTime?
    private(set) var isDone = false
    private let shared: SharedLibrary
    private var isBusy = false
    /// Answers that came while the viewer was at work; as many as it has requests at most.
    private var inbox: [(number: Int, result: Result<HTTPAnswer, HTTPFailure>)] = []

    init(viewer: Viewer, lines: Lines, library: SharedLibrary) {
        self.viewer = viewer
        self.lines = lines
        self.shared = library
    }

    func tick(at now: MonotonicTime) {
        isBusy = true
        perform(viewer.tick(at: now))
        drain()
    }

    func finished(_ number: Int, _ result: Result<HTTPAnswer, HTTPFailure>) {
        inbox.append((number, result))
        if !isBusy { drain() }
    }

    private func drain() {
        isBusy = true
        while !inbox.isEmpty {
            let (number, result) = inbox.removeFirst()
            perform(viewer.receive(number, result, at: .now, library: &shared.library))
        }
        isBusy = false
    }

    private func perform(_ actions: [Viewer.Action]) {
        for action in actions {
            switch action {
            case .get(let request, let number): lines.get(request, number: number)
            case .cancel(let number): lines.cancel(number)
            case .done: isDone = true
            }
        }
    }
}

/// Repeatable chance (SplitMix64).
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A wait of mean 1.
    mutating func exponential() -> Double {
        -logarithm(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &self))
    }
}
