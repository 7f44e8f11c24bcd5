import Audience
import Foundation
import Media
import Testing

@Suite struct AudienceBookTests {
    let show = ShowID("evening")!

    func moment(_ second: Int64) -> AudienceBook.Moment {
        .init(steady: second, wall: 1_800_000_000 + second)
    }

    func beat(
        _ session: Int, _ sequence: Int, _ rendition: String = "720p",
        _ change: (inout Beat) -> Void = { _ in }
    ) -> Beat {
        var beat = Beat(session: "session-\(session)", show: show, sequence: sequence, state: .playing)
        beat.rendition = RenditionName(rendition)
        beat.played = sequence * 10_000
        beat.bitrate = 2500
        beat.latency = 2000
        change(&beat)
        return beat
    }

    /// Two viewers for a minute, in two countries.
    func watched() throws -> AudienceRollup {
        var book = AudienceBook()
        let none = book.turn(at: moment(0), requests: [:])
        #expect(none.isEmpty)
        for step in 0..<6 {
            let now = moment(Int64(step) * 10)
            _ = book.note(beat(1, step) { $0.join = 700 }, session: 1, country: "DE", at: now)
            _ = book.note(
                beat(2, step, "360p") { ($0.stalled, $0.stalls) = (step * 100, step) }, session: 2,
                country: "BR", at: now)
            let over = book.turn(at: now, requests: [show: step == 3 ? 5 : 1])
            #expect(over.isEmpty)
        }
        let over = book.turn(at: moment(60), requests: [:])
        return try #require(over.first)
    }

    @Test func aMinuteTellsEverySlice() throws {
        let rollup = try watched()
        #expect(rollup.start == 1_800_000_000 && rollup.span == .minute)
        let all = try #require(rollup.cells[.all])
        #expect(all.starts == 2 && all.played == 100_000 && all.stalls == 5 && all.stalled == 500)
        #expect(all.viewersPeak == 5)
        #expect(all.join.count == 1)
        #expect(all.bitrate == 2500)
        #expect(rollup.cells[.rendition("360p")]?.stalls == 5)
        #expect(rollup.cells[.country("DE")]?.stalls == 0)
        #expect(rollup.cells[.country("DE")]?.played == 50_000)
        #expect(rollup.cells[.replay] == nil)
    }

    @Test func recordingsCountApart() {
        var book = AudienceBook()
        _ = book.turn(at: moment(0), requests: [:])
        _ = book.note(beat(1, 0) { $0.isReplay = true }, session: 1, country: "DE", at: moment(1))
        _ = book.turn(at: moment(2), requests: [:])
        let cells = book.close(at: moment(2), anyway: true).first?.cells ?? [:]
        #expect(Array(cells.keys) == [.replay])
        #expect(book.counts[show]?.live == 0 && book.counts[show]?.replay == 1)
    }

    @Test func countriesAreBounded() {
        var book = AudienceBook()
        _ = book.turn(at: moment(0), requests: [:])
        for number in 0..<200 {
            let name =
                String(UnicodeScalar(UInt8(65 + number / 26)))
                + String(UnicodeScalar(UInt8(65 + number % 26)))
            _ = book.note(beat(number, 0), session: UInt64(number), country: name, at: moment(1))
        }
        let cells = book.close(at: moment(2), anyway: true).first?.cells ?? [:]
        #expect(cells.keys.count { $0.kind == "country" } == 65)
        #expect(cells[.country("other")]?.starts == 136)
    }

    @Test func theTwoWaysOfCountingAreNotAdded() {
        var count = SessionBook.Count()
        count.beats = 7
        count.cmcd = 2
        #expect(AudienceBook.viewers(count, requests: 1) == 9)
        #expect(AudienceBook.viewers(count, requests: 12) == 12)
    }

    @Test func theReportHasEveryKeyAndTheTableEveryColumn() throws {
        let rollup = try watched()
        let report = AudienceReport(
            show: show, range: 1_800_000_000..<1_800_000_060, span: .minute, rollups: [rollup],
            now: .init(viewers: 2, beats: 2, cmcd: 0, requests: 2, replay: 0))
        let object = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "show", "from", "until", "stepSeconds", "now", "total", "replay", "points", "renditions",
                "countries",
            ])
        let point = try #require((object["points"] as? [[String: Any]])?.first)
        #expect(point["time"] as? String == "2027-01-15T08:00:00Z")
        #expect(point["starts"] as? Int == 2)
        #expect(point["stallRatio"] as? Double == 0.00498)
        #expect(abs((point["latencySecondsP50"] as? Double ?? 0) - 2) < 0.1)
        #expect((object["replay"] as? [String: Any])?["stallRatio"] is NSNull)
        #expect((object["renditions"] as? [[String: Any]])?.count == 2)

        let lines = AudienceCSV.text([rollup]).split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(lines.count == 6)
        #expect(lines.allSatisfy { $0.count == AudienceCSV.header.count })
        #expect(lines[1][1] == "all" && lines[1][0] == "2027-01-15T08:00:00Z" && lines[1][8] == "100")
    }
}
