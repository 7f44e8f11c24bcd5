import Shows
import Testing

@Suite struct ShowStateTests {
    private static let moves: [(ShowState, ShowState.Event, ShowState)] = [
        (.draft, .schedule, .scheduled), (.scheduled, .rehearse, .rehearsal), (.scheduled, .goLive, .live),
        (.rehearsal, .goLive, .live), (.live, .end, .ended), (.ended, .publishReplay, .replay),
        (.ended, .reopen, .live), (.replay, .reopen, .live), (.draft, .cancel, .cancelled),
        (.scheduled, .cancel, .cancelled), (.rehearsal, .cancel, .cancelled),
    ]

    @Test func onlyTheNamedMovesAreAllowed() {
        for state in ShowState.allCases {
            for event in ShowState.Event.allCases {
                let expected = Self.moves.first { $0.0 == state && $0.1 == event }?.2
                #expect(state.after(event) == expected, "\(state) after \(event)")
            }
        }
    }

    @Test func aRefusalNamesTheStateAndTheMove() {
        for state in ShowState.allCases {
            for event in ShowState.Event.allCases where state.after(event) == nil {
                let text = state.refusal(of: event)
                #expect(text.contains(state.rawValue) && text.contains(event.words))
            }
        }
        #expect(
            ShowState.ended.refusal(of: .goLive)
                == "the show is ended: to go live, it must be scheduled or rehearsal")
    }

    @Test func keysAdmitOnlyTheirSecret() {
        let key = StreamKey(secret: "correct-horse")
        #expect(key.admits("correct-horse"))
        for wrong in [
            "", "correct-hors", "correct-horse ", "Correct-horse", String(repeating: "x", count: 10_000),
        ] {
            #expect(!key.admits(wrong))
        }
        #expect(!"\(key)".contains("correct"))
    }
}
