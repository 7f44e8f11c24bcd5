import HLSClient
import Media
import Testing

struct ViewerTests {
    struct Habit: CustomStringConvertible, Sendable {
        var show = FakeShow()
        var hints = false
        var deltas = true
        var start = 60.3

        var description: String {
            "hints \(hints) deltas \(deltas) sound \(show.hasSound) dated \(show.isDated) from \(start)"
        }

        static let all: [Habit] = {
            var all: [Habit] = []
            for bits in 0..<16 {
                for start in [60.3, 61.0, 61.97] {
                    var habit = Habit(hints: bits & 1 > 0, deltas: bits & 2 > 0, start: start)
                    habit.show.hasSound = bits & 4 > 0
                    habit.show.isDated = bits & 8 > 0
                    all.append(habit)
                }
            }
            return all
        }()
    }

    static func settings(_ change: (inout ViewerSettings) -> Void = { _ in }) -> ViewerSettings {
        var settings = ViewerSettings()
        settings.rendition = "360p"
        change(&settings)
        return settings
    }

    @Test(arguments: Habit.all) func aGoodShowIsWatchedAtTheHoldBack(_ habit: Habit) throws {
        let settings = Self.settings {
            $0.usesHints = habit.hints
            $0.usesDeltas = habit.deltas
        }
        var stage = Stage(at: habit.start, settings: settings) { habit.show.answer($0, at: $1) }
        stage.run(until: habit.start + 60)
        let figures = stage.viewer.figures
        #expect(figures.troubles.isEmpty)
        #expect(stage.viewer.playhead.stalls == 0)
        #expect(try #require(figures.join).inSeconds < 0.25)
        let distance = stage.viewer.distance(at: Stage.time(stage.now))
        #expect(abs(try #require(distance) - 1.62) < 0.15)
        if habit.show.isDated {
            let latency = try #require(stage.latency(since: habit.start + 20))
            #expect(latency > 1.5 && latency < 1.62 + 0.15)
        }
        #expect(figures.misfits == 0 && figures.jumps == 0 && figures.gaps == 0)
        #expect((figures.deltas > 100) == habit.deltas)
        #expect((figures.hints > 100) == habit.hints)
        #expect(figures.hintMisses <= 1)
        // Each part once, each playlist once a part: two requests a part and rendition, and a few to begin with.
        let renditions = habit.show.hasSound ? 2 : 1
        #expect(figures.requests <= renditions * (2 * 120 + 12) + 1)
        #expect(stage.pendingAtMost <= renditions * 2)
        let blocking = stage.requests.filter { $0.target.contains("_HLS_msn") }
        #expect(blocking.count >= renditions * 115)
    }

    @Test func aViewerComesInAtTheLastIndependentPart() throws {
        let show = FakeShow()
        var stage = Stage(at: 60.3, settings: Self.settings()) { show.answer($0, at: $1) }
        stage.run(until: 60.6)
        let media = stage.requests.map(\.target).filter { $0.hasPrefix("/360p/") && $0.hasSuffix("mp4") }
        // 60.3 - 0.02 is in part 0 of segment 130, listed to 60.0; 1.62 s before that is in part 0 of segment 129.
        #expect(media.first == "/360p/init-0.mp4")
        #expect(media.dropFirst().first == "/360p/129.0.mp4")
    }

    @Test func aSlowNetworkIsTakenAtItsRate() throws {
        let show = FakeShow()
        var stage = Stage(settings: Self.settings { $0.rendition = nil }) { show.answer($0, at: $1) }
        stage.bitsPerSecond = 2e6
        stage.run(until: 120)
        #expect(stage.viewer.rendition == "360p")
        #expect(stage.viewer.figures.switches == 1)
        #expect(stage.viewer.figures.troubles.isEmpty)
        let first = try #require(stage.requests.first { $0.target.hasPrefix("/360p/index.m3u8") })
        #expect(first.target.contains("_HLS_msn="), "a change of rendition uses the report")
        // It waited at 720p, which the network does not carry, and never again later.
        let stalls = stage.viewer.playhead.stalls
        stage.run(until: 180)
        #expect(stage.viewer.playhead.stalls == stalls)
    }

    @Test func aFastNetworkIsTakenAtItsRate() {
        var show = FakeShow()
        show.variants.reverse()
        var stage = Stage(settings: Self.settings { $0.rendition = nil }) { show.answer($0, at: $1) }
        stage.run(until: 90)
        #expect(stage.viewer.rendition == "720p")
        #expect(stage.viewer.figures.switches == 1)
        #expect(stage.viewer.playhead.stalls == 0)
        #expect(stage.viewer.figures.troubles.isEmpty)
    }

    @Test func tooLittleForAnyRenditionStallsAndIsMeasured() throws {
        let show = FakeShow()
        var stage = Stage(settings: Self.settings()) { show.answer($0, at: $1) }
        stage.bitsPerSecond = 500_000
        stage.run(until: 160)
        _ = stage.viewer.latency(at: Stage.time(160))
        #expect(stage.viewer.playhead.stalls > 3)
        let stalled = stage.viewer.playhead.stalled(at: Stage.time(stage.now)).inSeconds
        let played = stage.viewer.playhead.played.inSeconds
        let join = try #require(stage.viewer.figures.join).inSeconds
        #expect(abs(stalled + played + join - (160 - 60.3)) < 0.01)
        // 828 kbit/s over 500: two fifths of the time it waits.
        #expect(stalled > 25 && stalled < 60)
    }

    @Test func theEndIsSeen() {
        var show = FakeShow()
        show.ends = 80
        var stage = Stage(settings: Self.settings()) { show.answer($0, at: $1) }
        stage.run(until: 120)
        #expect(stage.isDone)
        #expect(stage.viewer.playhead.state == .ended)
        #expect(abs(stage.viewer.playhead.position - (FakeShow.epoch + 80)) < 0.01)
        #expect(stage.now < 83)
        #expect(stage.viewer.figures.troubles.isEmpty)
        #expect(stage.viewer.wake == nil)
    }

    @Test func aReplayIsWatchedFromItsStart() {
        var show = FakeShow()
        show.ends = 60
        show.window = 1000
        var stage = Stage(at: 100, settings: Self.settings()) { show.answer($0, at: $1) }
        stage.run(until: 120)
        #expect(abs(stage.viewer.playhead.position - (FakeShow.epoch + 20)) < 0.2)
        let furthest =
            stage.requests.compactMap { $0.target.split(separator: "/").last.flatMap { Int($0.prefix(3)) } }
            .max() ?? 0
        #expect(furthest <= 100 + 27, "not more than the buffer is fetched")
        stage.run(until: 200)
        #expect(stage.isDone && stage.viewer.playhead.stalls == 0)
        #expect(stage.viewer.figures.troubles.isEmpty)
    }

    @Test func gapsAreLeftOut() {
        var show = FakeShow()
        show.gaps = [134, 135]
        var stage = Stage(settings: Self.settings()) { show.answer($0, at: $1) }
        stage.run(until: 100)
        #expect(stage.viewer.figures.gaps == 16)
        #expect(stage.viewer.figures.troubles.isEmpty)
        #expect(stage.viewer.playhead.stalls == 1)
        #expect(stage.latency(since: 90).map { $0 < 1.9 } == true)
    }

    @Test func aDiscontinuityBringsItsInitSection() {
        var show = FakeShow()
        show.changes = [133]
        var stage = Stage(settings: Self.settings()) { show.answer($0, at: $1) }
        stage.run(until: 100)
        #expect(stage.viewer.figures.discontinuities == 2, "in both renditions")
        #expect(stage.requests.filter { $0.target.hasSuffix("init-133.mp4") }.count == 2)
        #expect(stage.viewer.playhead.stalls == 0)
    }

    @Test func aDeltaThatDoesNotFitBringsAWholePlaylist() {
        let show = FakeShow()
        var stage = Stage(settings: Self.settings()) { address, time in
            var answer = show.answer(address, at: time)
            // For a while, deltas leave out more than anyone knows.
            if time > 70, time < 75, answer.text.contains("#EXT-X-SKIP") {
                answer.text.replace("SKIPPED-SEGMENTS=", with: "SKIPPED-SEGMENTS=9")
            }
            return answer
        }
        stage.run(until: 100)
        #expect(stage.viewer.figures.misfits > 5)
        #expect(stage.viewer.figures.troubles.isEmpty)
        #expect(stage.viewer.playhead.stalls == 0)
    }

    @Test func aTimeOutIsCountedAndTriedAgain() {
        let show = FakeShow()
        var stage = Stage(settings: Self.settings { $0.timeout = 3 }) { address, time in
            var answer = show.answer(address, at: time)
            if time > 70, time < 71, address.path.hasSuffix("mp4") { answer.at = 1000 }
            return answer
        }
        stage.run(until: 120)
        let troubles = stage.viewer.figures.troubles
        #expect(Set(troubles.keys) == [.timeout])
        #expect(troubles[.timeout].map { (1...2).contains($0) } == true)
        #expect(stage.latency(since: 110) != nil)
    }
}
