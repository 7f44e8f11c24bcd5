import Checker
import Testing

/// Every rule has one presentation that breaks it, and nothing else is said about that one.
@Suite struct RuleTests {
    static let cases = BadPlaylists.all + BadPresentations.all + BadAnswers.all

    private func report(_ stage: Stage, _ change: Change = Change()) async throws -> Report {
        try await Survey(fetcher: StagedFetcher(stage: stage, change: change), options: .init(seconds: 6))
            .run(stage.base + "index.m3u8")
    }

    private func broken(_ report: Report) -> [String] {
        report.outcomes.filter { $0.state == .fail || $0.state == .warn }.map(\.rule.id)
    }

    static let good: [(name: String, stage: Stage)] = [
        ("live", Stage()),
        ("over TLS", Stage().with { $0.scheme = "https" }),
        ("on demand", .onDemand),
        ("ended", Stage.onDemand.with { $0.keepsControl = true }),
        ("without parts", Stage().with { $0.hasParts = false }),
        ("young", Stage().with { $0.segments = 2 }),
        (
            "with 15 minutes",
            Stage().with {
                $0.segments = 460
                $0.window = 450
            }
        ),
    ]

    @Test(arguments: good.indices) func goodOneIsNotFlagged(_ index: Int) async throws {
        let report = try await report(RuleTests.good[index].stage)
        #expect(broken(report) == [], "\(RuleTests.good[index].name):\n\(report.text)")
    }

    @Test(arguments: cases) func brokenOneIsCaughtByItsRuleAlone(_ bad: BadCase) async throws {
        let report = try await report(bad.stage, bad.change)
        #expect(broken(report) == [bad.rule], "\(report.text)")
        let finding = report.outcomes.first { $0.rule.id == bad.rule }?.findings.first
        #expect(finding?.fault.url.hasPrefix(bad.stage.base) == true)
        #expect(finding?.fault.message.isEmpty == false)
    }

    @Test func everyRuleHasItsCase() {
        let ids = RuleBook.rules.map(\.id)
        #expect(Set(ids).count == ids.count, "an id stands twice")
        #expect(Set(ids).symmetricDifference(RuleTests.cases.map(\.rule)) == [])
    }

    /// Together the good ones give every rule something to look at.
    @Test func everyRuleIsLookedAt() async throws {
        var unseen = Set(RuleBook.rules.map(\.id))
        for good in RuleTests.good {
            for outcome in try await report(good.stage).outcomes where outcome.looks > 0 {
                unseen.remove(outcome.rule.id)
            }
        }
        // What no good presentation has: it is optional.
        let optional: Set = [
            "session-key", "steering", "daterange-end-on-next", "daterange-client-attribute", "interstitial",
            "key", "byte-range", "range-served",
        ]
        #expect(unseen == optional)
    }
}
