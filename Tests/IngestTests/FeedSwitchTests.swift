import Ingest
import Media
import Testing

/// A show's two feeds, on a clock of the test's own.
private struct Board {
    var board: FeedSwitch
    var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
    /// What was decided, in order.
    var decisions: [FeedSwitch.Decision] = []

    init(_ change: (inout FeedSwitch.Policy) -> Void = { _ in }) {
        var policy = FeedSwitch.Policy()
        change(&policy)
        board = FeedSwitch(policy: policy)
    }

    mutating func note(_ decision: FeedSwitch.Decision?) {
        if let decision { decisions.append(decision) }
    }

    mutating func connect(_ role: FeedSwitch.Role) { note(board.connect(role)) }

    mutating func leave(_ role: FeedSwitch.Role) { note(board.disconnect(role, now: now)) }

    /// These feeds send a picture every 40 ms for so long; ticks come ten times a second.
    mutating func run(_ milliseconds: Int, sending: Set<FeedSwitch.Role>) {
        for step in 0..<milliseconds / 20 {
            now = now + .milliseconds(20)
            if step % 2 == 0 {
                for role in FeedSwitch.Role.allCases where sending.contains(role) {
                    note(board.picture(role, now: now))
                }
            }
            if step % 5 == 0 { note(board.decide(now: now)) }
        }
    }

    mutating func taken() -> [FeedSwitch.Decision] {
        defer { decisions = [] }
        return decisions
    }
}

@Suite struct FeedSwitchTests {
    @Test func aProcessThatStoodStillHasHeardNoSilence() {
        var stage = Board()
        stage.connect(.primary)
        stage.run(1000, sending: [.primary])
        #expect(stage.taken() == [.show(.primary)])
        // The machine gave it no time for four seconds; its tick comes before what the host has sent is read.
        stage.now = stage.now + .seconds(4)
        stage.board.overslept(.milliseconds(3700))
        stage.note(stage.board.decide(now: stage.now))
        stage.run(500, sending: [])
        #expect(stage.taken().isEmpty)
        stage.run(1500, sending: [])
        #expect(stage.taken() == [.lose], "a silence that it was awake for counts")
    }

    @Test func aSilenceOfTwoSecondsIsWaitedOut() {
        var stage = Board()
        stage.connect(.primary)
        #expect(stage.taken().isEmpty, "a connection without pictures shows nothing")
        stage.run(1000, sending: [.primary])
        #expect(stage.taken() == [.show(.primary)])
        stage.run(1900, sending: [])
        #expect(stage.taken().isEmpty)
        stage.run(400, sending: [])
        #expect(stage.taken() == [.lose])
        stage.run(100, sending: [.primary])
        #expect(stage.taken() == [.show(.primary)])
    }

    @Test func theBackupTakesOverAfterASecondAndAtOnceWhereThePrimaryIsGone() {
        var stage = Board()
        stage.connect(.primary)
        stage.connect(.backup)
        stage.run(3000, sending: [.primary, .backup])
        #expect(stage.taken() == [.show(.primary)])
        stage.run(900, sending: [.backup])
        #expect(stage.taken().isEmpty)
        stage.run(300, sending: [.backup])
        #expect(stage.taken() == [.show(.backup)])

        var other = Board()
        other.connect(.primary)
        other.connect(.backup)
        other.run(3000, sending: [.primary, .backup])
        _ = other.taken()
        other.leave(.primary)
        #expect(other.taken() == [.show(.backup)], "without a moment between them")
    }

    @Test func thePrimaryReturnsOnceItHasBeenWellForLong() {
        var stage = Board { $0.comeback = .automatic(after: .seconds(10)) }
        stage.connect(.backup)
        stage.run(1000, sending: [.backup])
        stage.connect(.primary)
        _ = stage.taken()
        stage.run(9800, sending: [.primary, .backup])
        #expect(stage.taken().isEmpty)
        // A stumble begins the time anew.
        stage.run(1500, sending: [.backup])
        stage.run(9800, sending: [.primary, .backup])
        #expect(stage.taken().isEmpty)
        stage.run(600, sending: [.primary, .backup])
        #expect(stage.taken() == [.show(.primary)])
    }

    @Test func byHandItStaysWhereItIs() {
        var stage = Board { $0.comeback = .manual }
        stage.connect(.backup)
        stage.run(1000, sending: [.backup])
        stage.connect(.primary)
        _ = stage.taken()
        stage.run(60_000, sending: [.primary, .backup])
        #expect(stage.taken().isEmpty)
        stage.note(stage.board.choose(.primary, now: stage.now))
        #expect(stage.taken() == [.show(.primary)])
        stage.note(stage.board.choose(.backup, now: stage.now))
        stage.run(60_000, sending: [.primary, .backup])
        #expect(stage.taken() == [.show(.backup)], "a choice holds against the way back")
        stage.leave(.backup)
        #expect(stage.taken() == [.show(.primary)])
        #expect(stage.board.choose(.backup, now: stage.now) == nil, "it is not there")
    }

    @Test func aNewConnectionTakesTheRoleOver() {
        var stage = Board()
        stage.connect(.primary)
        stage.run(1000, sending: [.primary])
        _ = stage.taken()
        stage.connect(.primary)
        #expect(stage.taken() == [.lose])
        stage.run(100, sending: [.primary])
        #expect(stage.taken() == [.show(.primary)])
    }

    @Test func bothGoneAndEitherBack() {
        var stage = Board()
        stage.connect(.primary)
        stage.connect(.backup)
        stage.run(1000, sending: [.primary, .backup])
        _ = stage.taken()
        stage.leave(.primary)
        stage.leave(.backup)
        #expect(stage.taken() == [.show(.backup), .lose])
        stage.run(5000, sending: [])
        stage.connect(.backup)
        stage.run(500, sending: [.backup])
        #expect(stage.taken() == [.show(.backup)])
    }
}
