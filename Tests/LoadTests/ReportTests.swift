import Foundation
import HLSClient
import Load
import Testing

struct ReportTests {
    static func report(_ change: (inout LoadPlan, inout Tally) -> Void = { _, _ in }) -> LoadReport {
        var plan = LoadPlan(address: WebAddress("http://a/live/show/index.m3u8")!)
        var tally = Tally()
        tally.viewers = 10
        tally.joined = 10
        tally.played = 594
        tally.stalled = 6
        tally.stalls = 2
        for _ in 0..<10 {
            tally.join.note(0.1)
            tally.latency.note(1.75)
        }
        change(&plan, &tally)
        return LoadReport(
            plan: plan, tally: tally,
            span: .init(
                seconds: 60, whole: 65, viewers: 10, requests: 4800, bytes: 75_000_000, clientCPU: 1.2,
                serverCPU: 0.6, clientResident: 50 << 20, serverResident: 80 << 20))
    }

    @Test func figuresFallOut() {
        let report = Self.report()
        #expect(report.failure == nil)
        #expect(abs(report.stallsPerMinute - 0.2) < 1e-9)
        #expect(abs(report.rebuffering - 0.01) < 1e-9)
        #expect(report.coresPerThousand(1.2) == 2)
        #expect(report.text.contains("server: 0.60 s of CPU, 1.000 cores per 1,000 viewers, 80 MiB"))
        #expect(report.text.contains("errors: none"))
    }

    @Test func limitsAreHeld() {
        #expect(
            Self.report { $1.figures.note(.timeout) }.failure
                == "1 errors are more than the 0 allowed (timeout: 1).")
        #expect(
            Self.report {
                $0.limits.errors = 1
                $1.figures.note(.timeout)
            }.failure == nil)
        #expect(Self.report { plan, _ in plan.limits.latency = 1.7 }.failure != nil)
        #expect(Self.report { plan, _ in plan.limits.latency = 1.8 }.failure == nil)
        #expect(Self.report { plan, _ in plan.limits.stalls = 0.1 }.failure != nil)
        #expect(Self.report { $1.joined = 0 }.failure == "No viewer saw a picture.")
    }

    @Test func theDocumentIsOfNumbers() throws {
        let report = Self.report { $1.figures.note(Trouble(status: 503)) }
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
        #expect(document["requestsPerSecond"] as? Double == 80)
        #expect((document["errorsByKind"] as? [String: Int]) == ["status 503": 1])
        #expect((document["server"] as? [String: Any])?["cpuSeconds"] as? Double == 0.6)
        #expect((document["latencySeconds"] as? [String: Any])?["p50"] as? Double == 1.75)
    }
}
