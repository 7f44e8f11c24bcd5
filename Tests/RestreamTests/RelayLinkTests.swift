import Media
import Restream
import Testing

@Suite struct RelayLinkTests {
    private let calm = 0.5

    private func at(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(seconds * 1e9))
    }

    /// A link whose connection 1 stands since second 1.
    private func open() -> RelayLink {
        var link = RelayLink()
        #expect(link.media(isStart: true, now: at(0)) == .connect(1))
        link.opened(1, now: at(1))
        return link
    }

    @Test func itIsCalledWithTheFirstKeyPicture() {
        var link = RelayLink()
        #expect(link.phase == .idle && !link.takesMedia)
        #expect(link.media(isStart: false, now: at(0)) == nil && link.phase == .idle)
        #expect(link.media(isStart: true, now: at(1)) == .connect(1))
        #expect(link.takesMedia && !link.isOpen)
        #expect(link.media(isStart: true, now: at(2)) == nil, "one call at a time")
        link.opened(1, now: at(2))
        #expect(link.isOpen && link.trouble == nil)
    }

    @Test func pausesGrowToALimitAndAreSpread() {
        var link = RelayLink()
        var now = 0.0
        var pauses: [Double] = []
        for number in 1...9 {
            #expect(link.media(isStart: true, now: at(now)) == .connect(number))
            #expect(link.lost(number, .closed, now: at(now), chance: calm) == true)
            guard case .waiting(let until) = link.phase else { return #expect(Bool(false)) }
            pauses.append((until - at(now)) / .seconds(1))
            #expect(link.media(isStart: true, now: at(now)) == nil, "not before the pause is over")
            now += pauses[pauses.count - 1]
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        var (early, late) = (RelayLink(), RelayLink())
        _ = early.media(isStart: true, now: at(0))
        _ = late.media(isStart: true, now: at(0))
        early.lost(1, .closed, now: at(0), chance: 0)
        late.lost(1, .closed, now: at(0), chance: 1)
        #expect(early.phase == .waiting(until: at(0.8)) && late.phase == .waiting(until: at(1.2)))
    }

    @Test func aConnectionThatHeldBeginsThePausesAnew() {
        var link = RelayLink()
        for number in 1...5 {
            _ = link.media(isStart: true, now: at(Double(number) * 100))
            link.lost(number, .closed, now: at(Double(number) * 100), chance: calm)
        }
        _ = link.media(isStart: true, now: at(1000))
        link.opened(6, now: at(1000))
        for second in 1001...1040 { _ = link.media(isStart: false, now: at(Double(second))) }
        link.lost(6, .closed, now: at(1040), chance: calm)
        #expect(link.phase == .waiting(until: at(1041)))
    }

    @Test func whatSaysNothingAndWhatTakesNothingIsGivenUp() {
        var link = RelayLink()
        _ = link.media(isStart: true, now: at(0))
        #expect(link.tick(now: at(14), stuckSince: nil, chance: calm) == nil)
        #expect(link.tick(now: at(16), stuckSince: nil, chance: calm) == .close)
        #expect(link.trouble == .silent)
        link = open()
        _ = link.media(isStart: false, now: at(12))
        #expect(link.tick(now: at(12), stuckSince: at(3), chance: calm) == nil)
        _ = link.media(isStart: false, now: at(14))
        #expect(link.tick(now: at(14), stuckSince: at(3), chance: calm) == .close)
        #expect(link.trouble == .stalled)
    }

    @Test func aSilenceEndsTheConnectionInOrderAndTheFeedsReturnBeginsAnother() {
        var link = open()
        #expect(link.tick(now: at(19), stuckSince: nil, chance: calm) == nil, "kept through a short slate")
        #expect(link.tick(now: at(21), stuckSince: nil, chance: calm) == .finish)
        #expect(link.phase == .idle && link.trouble == nil)
        #expect(link.media(isStart: false, now: at(30)) == nil)
        #expect(link.media(isStart: true, now: at(31)) == .connect(2))
    }

    @Test func aTargetThatHangsUpInASilenceHasNotFailed() {
        var link = open()
        #expect(link.lost(1, .closed, now: at(10), chance: calm) == true)
        #expect(link.phase == .idle && link.trouble == nil)
        #expect(link.media(isStart: true, now: at(11)) == .connect(2))
    }

    @Test func olderConnectionsAreNotHeard() {
        var link = open()
        _ = link.media(isStart: false, now: at(2))
        link.lost(1, .closed, now: at(2), chance: calm)
        #expect(link.lost(1, .stalled, now: at(2), chance: calm) == false, "told twice")
        #expect(link.trouble == .closed)
        #expect(link.media(isStart: true, now: at(4)) == .connect(2))
        link.opened(1, now: at(4))
        #expect(!link.isOpen)
        #expect(link.lost(1, .closed, now: at(4), chance: calm) == false)
        link.opened(2, now: at(4))
        #expect(link.isOpen && link.trouble == nil)
    }

    @Test func theShowsEndSaysGoodbye() {
        var link = open()
        #expect(link.end() == .finish && link.phase == .idle)
        #expect(link.end() == nil)
        #expect(link.media(isStart: true, now: at(5)) == .connect(2))
        #expect(link.end() == .close)
        _ = link.media(isStart: true, now: at(6))
        link.lost(3, .closed, now: at(6), chance: calm)
        #expect(link.end() == nil && link.phase == .idle && link.trouble == nil)
    }
}
