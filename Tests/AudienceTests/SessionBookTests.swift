import Audience
import Media
import Testing

/// The book as an object, so that what it answers can stand inside of an expectation.
private final class Desk {
    private var book: SessionBook

    init(most: Int = 200_000) { book = SessionBook(most: most) }

    var count: Int { book.count }

    func note(_ beat: Beat, session: UInt64, country: String?, at second: Int64) -> SessionBook.Answer {
        book.note(beat, session: session, country: country, at: second)
    }

    func note(_ data: CMCD, of report: CMCDReport, session: UInt64, at second: Int64) -> SessionBook.Answer {
        book.note(data, of: report, session: session, at: second)
    }

    func counts(at second: Int64) -> [ShowID: SessionBook.Count] { book.counts(at: second) }
}

@Suite struct SessionBookTests {
    let show = ShowID("evening")!

    func beat(_ sequence: Int, _ state: Beat.State = .playing, _ change: (inout Beat) -> Void = { _ in })
        -> Beat
    {
        var beat = Beat(session: "0123456789abcdef", show: show, sequence: sequence, state: state)
        change(&beat)
        return beat
    }

    @Test func aSessionIsToldAndForgotten() throws {
        var book = SessionBook()
        _ = book.note(beat(0), session: 7, country: nil, at: 100)
        _ = book.note(beat(1) { $0.played = 4000 }, session: 7, country: nil, at: 110)
        let record = try #require(book.record(of: 7, at: 115))
        #expect(record.show == show && record.played == 4000 && record.silence == 5)
        #expect(book.shows == [show] && book.record(of: 8, at: 115) == nil)
        let (first, second) = (book.forget(7), book.forget(7))
        #expect(first && !second && book.count == 0)
    }

    func gain(_ answer: SessionBook.Answer) throws -> BeatGain {
        guard case .gained(let gain) = answer else {
            throw BeatMissing()
        }
        return gain
    }

    struct BeatMissing: Error {}

    @Test func countsForThirtySecondsAndNoLongerOnceLeft() throws {
        let book = Desk()
        _ = book.note(beat(0), session: 1, country: nil, at: 100)
        _ = book.note(beat(0), session: 2, country: nil, at: 110)
        #expect(book.counts(at: 111)[show]?.live == 2)
        #expect(book.counts(at: 130)[show]?.live == 2)
        #expect(book.counts(at: 131)[show]?.live == 1)
        _ = book.note(beat(1, .ended), session: 2, country: nil, at: 131)
        #expect(book.counts(at: 131)[show] == nil)
        // Back from the browser's memory.
        _ = book.note(beat(2), session: 2, country: nil, at: 200)
        #expect(book.counts(at: 200)[show]?.live == 1)
        #expect(book.count == 2)
        _ = book.counts(at: 501)
        #expect(book.count == 0)
    }

    @Test func aLostBeatLosesNothingAndOneThatComesTwiceAddsNothing() throws {
        let book = Desk()
        _ = book.note(beat(0, .starting), session: 1, country: nil, at: 0)
        let late = beat(2) { ($0.played, $0.stalls, $0.stalled, $0.join) = (18_000, 2, 700, 900) }
        let first = try gain(book.note(late, session: 1, country: "DE", at: 20))
        #expect(
            (first.played, first.stalls, first.stalled, first.join, first.country) == (
                18_000, 2, 700, 900, "DE"
            ))
        #expect(book.note(late, session: 1, country: nil, at: 21) == .stale)
        #expect(book.note(beat(1) { $0.played = 9000 }, session: 1, country: nil, at: 22) == .stale)
        let next = try gain(
            book.note(beat(3) { ($0.played, $0.join) = (28_000, 900) }, session: 1, country: nil, at: 30))
        #expect(next.played == 10_000)
        #expect(next.join == nil)
    }

    @Test func whoIsKnownFromBeforeTheStartIsNotNew() throws {
        let book = Desk()
        let known = beat(40) { ($0.played, $0.stalls, $0.join) = (390_000, 5, 900) }
        let gain1 = try gain(book.note(known, session: 1, country: nil, at: 0))
        #expect(!gain1.isNew && gain1.played == 0 && gain1.stalls == 0 && gain1.join == nil)
        let gain2 = try gain(
            book.note(
                beat(41) { ($0.played, $0.stalls, $0.join) = (400_000, 6, 900) }, session: 1, country: nil,
                at: 10))
        #expect((gain2.played, gain2.stalls, gain2.join) == (10_000, 1, nil))
    }

    @Test func boastingIsBounded() throws {
        let book = Desk()
        _ = book.note(beat(0), session: 1, country: nil, at: 0)
        let boast = beat(1) {
            ($0.played, $0.stalls, $0.stalled, $0.droppedFrames) = (
                500_000_000, 9_999_999, 500_000_000, 90_000_000
            )
        }
        let gain = try gain(book.note(boast, session: 1, country: nil, at: 10))
        #expect(
            gain.played <= 14_000 && gain.stalled <= 12_000 && gain.stalls <= 55 && gain.droppedFrames <= 1440
        )
        // A clock that stands still, or a count that falls, gives nothing away either.
        let less = try self.gain(book.note(beat(2) { $0.played = 5 }, session: 1, country: nil, at: 9))
        #expect(less.played == 0)
    }

    @Test func failedStartsCountOnce() throws {
        let book = Desk()
        let failed = { (n: Int) in self.beat(n, .failed) { $0.failure = "manifestLoadError" } }
        #expect(try gain(book.note(beat(0, .starting), session: 1, country: nil, at: 0)).hasFailed == false)
        #expect(try gain(book.note(failed(1), session: 1, country: nil, at: 10)).hasFailed)
        #expect(try gain(book.note(failed(2), session: 1, country: nil, at: 20)).hasFailed == false)
        #expect(try gain(book.note(failed(0), session: 2, country: nil, at: 0)).hasFailed)
    }

    @Test func newcomersBeyondTheBoundAreNotCounted() {
        let book = Desk(most: 2)
        #expect(book.note(beat(0), session: 1, country: nil, at: 0) != .full)
        #expect(book.note(beat(0), session: 2, country: nil, at: 0) != .full)
        #expect(book.note(beat(0), session: 3, country: nil, at: 0) == .full)
        _ = book.counts(at: 400)
        #expect(book.note(beat(0), session: 3, country: nil, at: 400) != .full)
    }

    @Test func playersWithoutBeatsAreKnownByTheirCMCD() throws {
        let book = Desk()
        func report(_ isMedia: Bool) -> CMCDReport {
            CMCDReport(
                show: show, rendition: RenditionName("720p"), isReplay: false, isMedia: isMedia,
                isEncoded: false,
                text: "", viewer: 1, country: nil)
        }
        let data = try CMCD(fields: #"br=2500,d=2000,ot=v,sid="a""#)
        let first = try gain(book.note(data, of: report(true), session: 9, at: 0))
        #expect(first.isNew && first.played == 2000 && first.bitrate == 2500 && first.rendition == "720p")
        let sound = try gain(
            book.note(CMCD(fields: #"br=128,d=2000,ot=a,sid="a""#), of: report(true), session: 9, at: 1))
        #expect(!sound.isNew && sound.played == 0 && sound.bitrate == nil)
        // Said again and again while it starves: one stall.
        let starved = try CMCD(fields: #"bs,d=2000,ot=v,sid="a""#)
        #expect(try gain(book.note(starved, of: report(true), session: 9, at: 2)).stalls == 1)
        #expect(try gain(book.note(starved, of: report(true), session: 9, at: 3)).stalls == 0)
        #expect(try gain(book.note(data, of: report(true), session: 9, at: 4)).stalls == 0)
        #expect(try gain(book.note(starved, of: report(true), session: 9, at: 5)).stalls == 1)
        #expect(book.counts(at: 6)[show]?.cmcd == 1)
        #expect(book.counts(at: 36)[show] == nil)
    }
}

private final class Gate {
    private var pace: BeatPace

    init(_ pace: BeatPace) { self.pace = pace }

    var count: Int { pace.count }

    func takes(_ address: String, at now: Double) -> Bool { pace.takes(address, at: now) }
}

@Suite struct BeatPaceTests {
    @Test func aBurstIsFreeThenItIsAPace() {
        let pace = Gate(BeatPace(rate: 2, burst: 4))
        #expect((0..<6).map { _ in pace.takes("a", at: 0) } == [true, true, true, true, false, false])
        #expect(pace.takes("b", at: 0))
        #expect(pace.takes("a", at: 0.5))
        #expect(!pace.takes("a", at: 0.5))
        #expect((0..<5).map { _ in pace.takes("a", at: 10) } == [true, true, true, true, false])
    }

    @Test func addressesAreBounded() {
        let pace = Gate(BeatPace(rate: 1, burst: 2, most: 3))
        for name in ["a", "b", "c"] { #expect(pace.takes(name, at: 0)) }
        #expect(!pace.takes("d", at: 0))
        #expect(pace.takes("a", at: 0))
        #expect(pace.takes("d", at: 1.5))
        #expect(pace.count <= 3)
    }
}
