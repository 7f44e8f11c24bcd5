import Captioning
import Testing

struct BoothTests {
    private func booth(_ names: String...) -> CaptionBooth {
        var booth = CaptionBooth()
        for (index, name) in names.enumerated() {
            let isIn = booth.enter(.init(id: index + 1, name: name))
            #expect(isIn)
        }
        return booth
    }

    @Test func whoComesFirstIsOn() {
        #expect(CaptionBooth().on == nil)
        #expect(booth("Ana").on == 1)
        #expect(booth("Ana", "Luis").on == 1)
    }

    @Test func theTurnGoesRoundInTheOrderOfComing() {
        var booth = booth("Ana", "Luis", "Mei")
        for next in [2, 3, 1] {
            booth.hand(booth.on ?? 0)
            #expect(booth.on == next)
        }
    }

    @Test func onlyWhoIsOnHandsOver() {
        var booth = booth("Ana", "Luis")
        booth.hand(2)
        booth.hand(9)
        #expect(booth.on == 1)
        // Both press in the same moment: it is one handing over.
        booth.hand(1)
        booth.hand(1)
        #expect(booth.on == 2)
    }

    @Test func whoIsAloneKeepsTheTurn() {
        var booth = booth("Ana")
        booth.hand(1)
        #expect(booth.on == 1)
    }

    @Test func anybodyWhoIsThereTakesOver() {
        var booth = booth("Ana", "Luis")
        booth.take(2)
        #expect(booth.on == 2)
        booth.take(7)
        #expect(booth.on == 2)
    }

    @Test func whoGoesAwayLeavesTheTurnToTheNext() {
        var booth = booth("Ana", "Luis", "Mei")
        booth.take(2)
        booth.leave(2)
        #expect(booth.on == 3)
        booth.leave(1)
        #expect(booth.on == 3 && booth.seats.map(\.name) == ["Mei"])
        booth.leave(3)
        #expect(booth.on == nil && booth.seats.isEmpty)
        let isIn = booth.enter(.init(id: 4, name: "Ana"))
        #expect(isIn)
        #expect(booth.on == 4)
    }

    @Test func thereIsRoomForAFew() {
        var booth = CaptionBooth()
        for id in 1...CaptionBooth.mostSeats {
            let isIn = booth.enter(.init(id: id, name: "\(id)"))
            #expect(isIn)
        }
        let isLateIn = booth.enter(.init(id: 99, name: "late"))
        #expect(!isLateIn)
        // Who is there already may say it again.
        let isInAgain = booth.enter(.init(id: 1, name: "one"))
        #expect(isInAgain)
        #expect(booth.seats.count == CaptionBooth.mostSeats && booth.seats[0].name == "one")
    }

    /// Whatever they do, one of those who are there is on.
    @Test func somebodyIsAlwaysOn() {
        var random = SystemRandomNumberGenerator()
        var booth = CaptionBooth()
        for _ in 0..<5000 {
            let id = Int.random(in: 1...12, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: _ = booth.enter(.init(id: id, name: "\(id)"))
            case 1: booth.leave(id)
            case 2: booth.take(id)
            default: booth.hand(id)
            }
            #expect(booth.seats.isEmpty == (booth.on == nil))
            if let on = booth.on { #expect(booth.seats.contains { $0.id == on }) }
            #expect(booth.seats.count <= CaptionBooth.mostSeats)
        }
    }
}
