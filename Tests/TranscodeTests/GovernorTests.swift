import Codecs
import Media
import Testing
import Transcode

private typealias Governor = OverloadGovernor

private func rung(_ side: Int, _ cost: Double? = nil) -> Governor.Rung {
    Governor.Rung(
        name: RenditionName(shortSide: side), shortSide: side, cost: cost ?? Double(side * side * 16 / 9 * 30)
    )
}

private let ladder = [rung(720), rung(480), rung(360), rung(240)]

/// A machine with so many cores, and a run on it: what does not get done waits, up to the bounds of the queues.
private struct Machine {
    /// Cores that the steps of a second of pictures take.
    var decoding = 0.17
    var encoding: [(rung: Governor.Rung, cores: Double)] = zip(ladder, [0.25, 0.11, 0.06, 0.03]).map {
        ($0, $1)
    }
    var cores = 1.0
    var governor: Governor
    var now = MonotonicTime(nanoseconds: 1_000_000_000)
    var lateness = 0.0
    var worst = 0.0
    var changes: [(at: Double, change: Governor.Change)] = []
    var second = 0.0

    init(limits: Governor.Limits = .init()) {
        governor = Governor(limits: limits)
    }

    var demand: Double {
        let relief = governor.relief
        let effort: Double =
            switch governor.effort {
            case .full: 1
            case .lean: 0.8
            case .least: 0.62
            }
        return encoding.reduce(relief.showsKeyPicturesOnly ? 0.01 : decoding) { sum, next in
            let name = next.rung.name
            if relief.shed.contains(name) { return sum }
            return sum + next.cores * effort * (relief.halved.contains(name) ? 0.5 : 1)
        } + 0.03
    }

    mutating func run(_ seconds: Double, hiccup: Double = 0) {
        lateness += hiccup
        for _ in 0..<Int(seconds * 4) {
            now = now + .milliseconds(250)
            second += 0.25
            let demand = demand
            lateness += 0.25 * (1 - cores / demand)
            // Queues are full: pictures are dropped.
            let bound = governor.relief.level > 0 ? 0.6 : 1.2
            let dropped = lateness > bound ? Int((lateness - bound) * 30) + 1 : 0
            lateness = min(max(0, lateness), bound)
            worst = max(worst, lateness)
            let stage = Governor.Load.Stage(
                lateness: .milliseconds(Int64(lateness * 1000)), dropped: dropped,
                busy: min(1, demand / cores))
            let shed = governor.relief.shed
            let load = Governor.Load(
                decoding: .init(lateness: stage.lateness, busy: stage.busy),
                rungs: Dictionary(
                    uniqueKeysWithValues: encoding.filter { !shed.contains($0.rung.name) }
                        .map { ($0.rung.name, stage) }))
            if let change = governor.decide(encoding.map(\.rung), load, now: now) {
                changes.append((second, change))
            }
        }
    }
}

@Suite struct GovernorTests {
    @Test func stepsGoFromEffortToTheTopOfCost() {
        #expect(
            Governor.steps(ladder) == [
                .spare(.lean), .spare(.least), .halveLow, .shed(RenditionName("720p")),
                .shed(RenditionName("480p")), .shed(RenditionName("240p")), .keyPictures,
            ])
        #expect(Governor.steps([rung(720)]) == [.spare(.lean), .spare(.least), .halveKept, .keyPictures])
        #expect(
            Governor.steps([rung(1080), rung(720)]) == [
                .spare(.lean), .spare(.least), .shed(RenditionName("1080p")), .halveKept, .keyPictures,
            ])
        #expect(
            Governor.steps([rung(240), rung(180)]) == [
                .spare(.lean), .spare(.least), .halveLow, .shed(RenditionName("180p")), .halveKept,
                .keyPictures,
            ])
        #expect(Governor.steps([]) == [])
    }

    @Test func aMachineThatFallsFarBehindDoesWithoutAllAtOnce() {
        var governor = Governor()
        var now = MonotonicTime(nanoseconds: 1_000_000_000)
        var late = Duration.zero
        var seconds = 0.0
        // Two thirds of the machine are gone: every second brings two thirds of a second of arrears.
        while !governor.relief.showsKeyPicturesOnly, seconds < 20 {
            now = now + .milliseconds(250)
            seconds += 0.25
            late += .milliseconds(165)
            let stage = Governor.Load.Stage(lateness: late, busy: 1)
            _ = governor.decide(ladder, .init(decoding: stage, rungs: [:]), now: now)
        }
        #expect(seconds <= 4 && late < .milliseconds(2700))
        #expect(governor.relief.level == 7)
        // A pause of the whole machine, which it makes up for by itself, costs nothing.
        governor = Governor()
        for milliseconds in [0, 0, 2500, 1900, 1300, 700, 100, 0, 0] {
            now = now + .milliseconds(250)
            let stage = Governor.Load.Stage(lateness: .milliseconds(milliseconds), busy: 1)
            #expect(governor.decide(ladder, .init(decoding: stage, rungs: [:]), now: now) == nil)
        }
    }

    @Test(arguments: [
        // Cores, and the level that suffices; a run takes 0.65 of a core.
        (1.0, 0), (0.70, 0), (0.60, 1), (0.50, 2), (0.44, 3), (0.33, 4), (0.26, 5), (0.05, 7),
    ]) func everyLoadFindsItsLevel(_ cores: Double, _ level: Int) {
        var machine = Machine()
        machine.run(30)
        #expect(machine.governor.relief.level == 0 && machine.worst == 0)
        machine.cores = cores
        machine.run(20)
        #expect(machine.governor.relief.level == level, "\(machine.changes)")
        #expect(machine.worst <= 1.2)
        if cores > 0.06 { #expect(machine.lateness < 0.25, "real time again within 20 s") }
        #expect(!machine.governor.relief.shed.contains(RenditionName("360p")), "one is always there")
        machine.cores = 1
        machine.worst = 0
        machine.run(120)
        #expect(machine.governor.relief == Relief(levels: 7), "everything is back")
        #expect(machine.worst <= 0.6, "and nothing was late for it")
        let back = machine.changes.filter(\.change.isBack).map(\.change.step)
        let taken = machine.changes.filter { !$0.change.isBack }.map(\.change.step)
        #expect(Array(back.suffix(level)) == Array(taken.reversed().suffix(level)), "in reverse")
    }

    @Test(arguments: [0.60, 0.50, 0.40, 0.33, 0.25, 0.21]) func aLoadThatStaysDoesNotMakeItFlap(
        _ cores: Double
    ) {
        var machine = Machine()
        machine.cores = cores
        machine.run(60)
        machine.changes = []
        machine.run(1800)
        let trials = machine.changes.filter(\.change.isBack)
        #expect(trials.count <= 14, "\(trials.count) tries in half an hour")
        for (earlier, later) in zip(trials, trials.dropFirst()).suffix(4) {
            #expect(later.at - earlier.at >= 150)
        }
        #expect(machine.worst <= 0.9)
    }

    @Test func aHiccupChangesNothing() {
        var machine = Machine()
        machine.run(10)
        machine.run(10, hiccup: 0.7)
        #expect(machine.changes.isEmpty, "\(machine.changes)")
    }

    @Test func betweenCalmAndLateEverythingStays() {
        var governor = Governor()
        var now = MonotonicTime(nanoseconds: 1)
        func look(_ milliseconds: Int64, dropped: Int = 0) -> Governor.Change? {
            now = now + .milliseconds(250)
            let stage = Governor.Load.Stage(
                lateness: .milliseconds(milliseconds), dropped: dropped, busy: 0.5)
            return governor.decide(ladder, .init(decoding: .init(), rungs: [ladder[0].name: stage]), now: now)
        }
        for _ in 0..<2 { #expect(look(500) == nil) }
        let first = look(500)
        #expect(first?.step == .spare(.lean) && first?.stage == RenditionName("720p"))
        for _ in 0..<400 { #expect(look(300) == nil) }
        for _ in 0..<19 { #expect(look(40) == nil) }
        #expect(look(300) == nil, "the calm has to be of one piece")
        for _ in 0..<20 { #expect(look(40) == nil) }
        #expect(look(40)?.isBack == true)
        // What is dropped is late, however small the lateness looks; on trial two looks suffice.
        #expect(look(10, dropped: 1) == nil)
        #expect(look(10, dropped: 1)?.isBack == false)
    }

    @Test func aDecoderThatIsLateByItselfShowsKeyPicturesAtLast() {
        var machine = Machine()
        machine.decoding = 1.5
        machine.run(40)
        #expect(machine.governor.relief.showsKeyPicturesOnly)
        #expect(machine.lateness < 0.25)
    }

    @Test func renditionsComeAndGo() {
        var machine = Machine()
        machine.cores = 0.26
        machine.run(30)
        #expect(machine.governor.relief.shed.first == RenditionName("720p"))
        // The source's slot is encoded from here on.
        machine.encoding.insert((Governor.Rung(name: .source, shortSide: 1080, cost: 9e9), 0.5), at: 0)
        machine.run(20)
        #expect(machine.governor.relief.shed.first == .source)
        machine.encoding.removeFirst(2)
        machine.run(1)
        #expect(!machine.governor.relief.shed.contains(.source))
        #expect(!machine.governor.relief.shed.contains(RenditionName("720p")))
    }

    @Test func aBurstMakesNobodyLate() {
        var clock = DueClock()
        let frame = Duration.nanoseconds(33_333_333)
        var arrival = MonotonicTime(nanoseconds: 1_000_000_000)
        for _ in 0..<30 {
            arrival = arrival + frame
            #expect(clock.due(arrival, length: frame) == arrival)
        }
        // A second and a half was held up on its way.
        arrival = arrival + .milliseconds(1500)
        var last = clock.due(arrival, length: frame)
        for _ in 0..<45 {
            let due = clock.due(arrival, length: frame)
            #expect((due - last - frame * 3 / 4).magnitude < .nanoseconds(2))
            last = due
        }
        #expect(last - arrival > .milliseconds(1000))
        // It is forgotten while pictures come as usual.
        for _ in 0..<200 {
            arrival = arrival + frame
            last = clock.due(arrival, length: frame)
        }
        #expect(last == arrival)
    }

    @Test(arguments: [
        FrameRate(30), FrameRate(30000, 1001), FrameRate(25), FrameRate(24), FrameRate(15), FrameRate(60),
        FrameRate(10),
    ]) func halfThePicturesOfEachPart(_ rate: FrameRate) {
        let grid = PartGrid(rate: rate)
        var places = PartPlaces(grid: grid)
        var kept = 0
        let start = MediaTime(milliseconds: 10_000)
        var end: MediaTime?
        let cuts: Set<Int64> = [0, rate.frame(nearest: MediaTime(milliseconds: 2000)), 200]
        var (segment, part) = (start, 0)
        for frame in Int64(0)..<300 {
            let time = start + rate.time(ofFrame: frame)
            if cuts.contains(frame) { (segment, part) = (time, 0) }
            while grid.end(ofPart: part, from: segment) <= time { part += 1 }
            let partStart = part == 0 ? segment : grid.end(ofPart: part - 1, from: segment)
            let place = places.take(time, isCut: cuts.contains(frame))
            #expect((place.index == 0) == (time == partStart), "\(rate) \(frame)")
            guard place.isKeptAtHalf else { continue }
            kept += 1
            // Cuts that nobody foresaw come before the last picture's time is over.
            if let end, !cuts.contains(frame) { #expect(time == end, "\(rate) \(frame)") }
            let next = rate.time(ofFrame: frame + (place.isLast ? 1 : 2))
            end = start + next
        }
        #expect(kept >= 150 && kept <= 180, "\(kept)")
    }
}

extension Duration {
    fileprivate var magnitude: Duration { self < .zero ? .zero - self : self }
}
