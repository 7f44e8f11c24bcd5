import Media
import Preflight
import Testing

@Suite struct FindingBoardTests {
    private static let words = Finding.Words("It is so.", fix: "Change it.")

    private func at(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(seconds * 1e9))
    }

    /// Silence has to last eight seconds, and to be gone for one.
    @Test func aVerdictHasToHold() throws {
        var board = FindingBoard()
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(0))
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(7.9))
        #expect(board.findings.isEmpty)
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(8))
        let finding = try #require(board.findings.first)
        #expect(finding.since == at(0) && finding.severity == .error && finding.words == Self.words)
        board.judge(.audioSilent, .good, at: at(9))
        board.judge(.audioSilent, .good, at: at(9.9))
        #expect(board.isRaised(.audioSilent))
        board.judge(.audioSilent, .good, at: at(10))
        #expect(board.findings.isEmpty)
    }

    @Test func aMomentOfTheOtherStartsTheWaitAnew() {
        var board = FindingBoard()
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(0))
        board.judge(.audioSilent, .good, at: at(5))
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(6))
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(13))
        #expect(board.findings.isEmpty)
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(14))
        #expect(board.findings.first?.since == at(6))
        board.judge(.audioSilent, .good, at: at(15))
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(15.5))
        board.judge(.audioSilent, .good, at: at(16))
        board.judge(.audioSilent, .good, at: at(16.9))
        #expect(board.findings.first?.since == at(6))
    }

    @Test func whatCannotBeToldChangesNothing() {
        var board = FindingBoard()
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(0))
        board.judge(.audioSilent, .unsure, at: at(5))
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(9))
        #expect(board.findings.isEmpty)
        board.judge(.audioSilent, .bad(.error, Self.words), at: at(17))
        board.judge(.audioSilent, .good, at: at(18))
        board.judge(.audioSilent, .unsure, at: at(18.5))
        board.judge(.audioSilent, .good, at: at(19))
        #expect(board.isRaised(.audioSilent))
    }

    @Test func theGravestComesFirst() {
        var board = FindingBoard()
        board.judge(.picturePortrait, .bad(.info, Self.words), at: at(0))
        board.judge(.resolutionOdd, .bad(.warning, Self.words), at: at(2))
        board.judge(.resolutionLow, .bad(.warning, Self.words), at: at(1))
        board.judge(.audioMissing, .bad(.error, Self.words), at: at(3))
        #expect(
            board.findings.map(\.code) == [.audioMissing, .resolutionLow, .resolutionOdd, .picturePortrait])
    }
}
