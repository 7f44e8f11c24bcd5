import Audience
import Foundation
import Logging
import Media
import Persistence
import Testing

@Suite struct AudienceTablesTests {
    let show = ShowID("evening")!

    func withTables(_ body: (AudienceTables, _ path: String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/audience.sqlite"
        try body(try AudienceTables.open(path: path), path)
    }

    func rollup(_ start: Int64, played: Int, join: Int = 500, of show: ShowID? = nil) -> AudienceRollup {
        var cell = QualityCell()
        cell.starts = 1
        cell.played = played
        cell.viewersPeak = played / 1000
        cell.join.record(join)
        return AudienceRollup(
            show: show ?? self.show, span: .minute, start: start,
            cells: [.all: cell, .rendition("720p"): cell, .country("DE"): cell])
    }

    @Test func minutesAddUpToHoursAndOutliveTheProcess() throws {
        try withTables { tables, path in
            try tables.addAudience([rollup(7200, played: 1000), rollup(7260, played: 3000)])
            // The same minute again, as after a restart in its middle.
            try tables.addAudience([rollup(7260, played: 500, join: 4000)])
            let again = try AudienceTables.open(path: path)
            let minutes = try again.audience(of: show, .minute, in: 0..<100_000, limit: 100)
            #expect(minutes.map(\.start) == [7200, 7260])
            #expect(minutes[1].cells[.all]?.played == 3500)
            #expect(minutes[1].cells[.all]?.viewersPeak == 3)
            #expect(minutes[1].cells[.country("DE")]?.join.count == 2)
            let hours = try again.audience(of: show, .hour, in: 0..<100_000, limit: 100)
            #expect(hours.map(\.start) == [7200])
            #expect(hours[0].cells[.rendition("720p")]?.played == 4500)
            #expect(hours[0].cells[.all]?.starts == 3)
        }
    }

    @Test func rangesAndLimitsHold() throws {
        try withTables { tables, _ in
            try tables.addAudience((0..<10).map { rollup(Int64($0) * 60, played: 1000) })
            try tables.addAudience([rollup(0, played: 9, of: ShowID("other")!)])
            #expect(
                try tables.audience(of: show, .minute, in: 120..<300, limit: 100).map(\.start) == [
                    120, 180, 240,
                ])
            #expect(try tables.audience(of: show, .minute, in: 0..<600, limit: 2).map(\.start) == [480, 540])
            #expect(try tables.audience(of: ShowID("nobody")!, .minute, in: 0..<600, limit: 2) == [])
        }
    }

    @Test func oldFiguresGo() throws {
        try withTables { tables, _ in
            try tables.addAudience([rollup(3600, played: 1), rollup(7200, played: 1)])
            #expect(try tables.forgetAudience(minutesBefore: 7200, hoursBefore: 0) == 3)
            #expect(try tables.audience(of: show, .minute, in: 0..<10_000, limit: 9).count == 1)
            #expect(try tables.audience(of: show, .hour, in: 0..<10_000, limit: 9).count == 2)
            try tables.forgetAudience(of: show)
            #expect(try tables.audience(of: show, .hour, in: 0..<10_000, limit: 9) == [])
        }
    }

    /// What the ledger counts is in the report after a restart.
    @Test func theLedgerKeepsItsMinutes() throws {
        try withTables { tables, path in
            let ledger = AudienceLedger(store: tables, logger: Logger(label: "test"))
            ledger.turn(at: .init(steady: 0, wall: 6000), requests: [:])
            for sequence in 0..<3 {
                var beat = Beat(session: "0123456789abcdef", show: show, sequence: sequence, state: .playing)
                beat.played = sequence * 10_000
                beat.latency = 2100
                let now = AudienceBook.Moment(steady: Int64(sequence * 10), wall: 6000 + Int64(sequence * 10))
                #expect(ledger.hear(beat, from: "192.0.2.1", country: "DE", at: now) == .taken)
            }
            ledger.turn(at: .init(steady: 22, wall: 6022), requests: [show: 4])
            #expect(ledger.count(of: show).beats == 1)
            // The minute that runs is told too: nobody waits for its end.
            let running = try ledger.report(of: show, in: 5000..<7000, requests: 4)
            #expect(running.total.watchedSeconds == 20 && running.total.viewersPeak == 4)
            #expect(running.points.count == 1 && abs((running.total.latencySecondsP50 ?? 0) - 2.1) < 0.1)
            #expect(try ledger.csv(of: show).contains("country,DE"))
            ledger.finish(at: .init(steady: 23, wall: 6023))
            let next = AudienceLedger(
                store: try AudienceTables.open(path: path), logger: Logger(label: "test"))
            let report = try next.report(of: show, in: 5000..<7000, requests: 0)
            #expect(report.stepSeconds == 60)
            #expect(report.total.watchedSeconds == 20)
            #expect(report.total.viewersPeak == 4)
            #expect(report.countries.map(\.name) == ["DE"])
            #expect(report.now.viewers == 0)
            #expect(try next.csv(of: show).contains("country,DE"))
            // The same minute goes on after the restart.
            next.turn(at: .init(steady: 0, wall: 6030), requests: [:])
            for sequence in 3..<5 {
                var beat = Beat(session: "0123456789abcdef", show: show, sequence: sequence, state: .playing)
                beat.played = sequence * 10_000
                let second = Int64(sequence - 3) * 10
                let now = AudienceBook.Moment(steady: second, wall: 6030 + second)
                #expect(next.hear(beat, from: "192.0.2.1", country: "DE", at: now) == .taken)
            }
            let whole = try next.report(of: show, in: 5000..<7000, requests: 0)
            #expect(whole.total.watchedSeconds == 30 && whole.points.count == 1)
            #expect(try next.report(of: ShowID("nobody")!, in: 5000..<7000, requests: 0).points.isEmpty)
        }
    }
}
