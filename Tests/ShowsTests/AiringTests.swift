import Foundation
import Media
import People
import Shows
import Testing

@Suite struct AiringTests {
    private static func weekly(_ start: String, zone: String, until: String? = nil, minutes: Int = 60) throws
        -> ShowDraft
    {
        ShowDraft(
            titles: [.english: "Weekly"], start: Date(rfc3339: start), lengthMinutes: minutes,
            zone: zone, recurrence: Recurrence(until: until.flatMap(Date.init(rfc3339:))))
    }

    /// 20:00 in Berlin is 18:00 UTC in summer and 19:00 in winter; New York changes a week later, Singapore never.
    @Test(arguments: [
        ("2026-10-18T18:00:00Z", "Europe/Berlin", "2026-10-25T19:00:00.000Z"),
        ("2026-10-25T19:00:00Z", "Europe/Berlin", "2026-11-01T19:00:00.000Z"),
        ("2027-03-21T19:00:00Z", "Europe/Berlin", "2027-03-28T18:00:00.000Z"),
        ("2026-10-25T00:00:00Z", "America/New_York", "2026-11-01T00:00:00.000Z"),
        ("2026-11-01T00:00:00Z", "America/New_York", "2026-11-08T01:00:00.000Z"),
        ("2026-10-18T12:00:00Z", "Asia/Singapore", "2026-10-25T12:00:00.000Z"),
    ])
    func aWeeklyShowKeepsItsLocalTime(start: String, zone: String, next: String) throws {
        let draft = try Self.weekly(start, zone: zone)
        let first = try #require(draft.start)
        #expect(Airing.next(of: draft, after: first)?.rfc3339 == next)
        #expect(Airing.next(of: draft, after: first.addingTimeInterval(3600))?.rfc3339 == next)
        #expect(Airing.all(of: draft).count == 9 && Airing.all(of: draft)[1].start.rfc3339 == next)
    }

    /// 02:30 does not exist on the day that the clocks go forward: it is then 03:30, and 02:30 again a week later.
    @Test func aTimeThatIsLeftOutMovesAndComesBack() throws {
        let draft = try Self.weekly("2027-03-21T01:30:00Z", zone: "Europe/Berlin")
        let all = Airing.all(of: draft).map(\.start.rfc3339)
        #expect(all[1] == "2027-03-28T01:30:00.000Z" && all[2] == "2027-04-04T00:30:00.000Z")
    }

    @Test func aLongForgottenSeriesGoesOnInTheFuture() throws {
        let draft = try Self.weekly("2026-01-04T19:00:00Z", zone: "Europe/Berlin")
        let now = try #require(Date(rfc3339: "2026-07-08T12:00:00Z"))
        #expect(Airing.next(of: draft, after: now)?.rfc3339 == "2026-07-12T18:00:00.000Z")
        let over = try Self.weekly(
            "2026-01-04T19:00:00Z", zone: "Europe/Berlin", until: "2026-02-01T00:00:00Z")
        #expect(Airing.next(of: over, after: now) == nil && Airing.all(of: over).count == 4)
        #expect(Airing.next(of: ShowDraft(titles: [:], start: now), after: now) == nil)
    }

    private static func show(_ start: String, minutes: Int?, weekly: Bool = false) throws -> Show {
        Show(
            id: try #require(ShowID("other")),
            draft: ShowDraft(
                titles: [.english: "Other"], start: Date(rfc3339: start),
                lengthMinutes: minutes,
                zone: "Europe/Berlin", recurrence: weekly ? Recurrence() : nil), at: .now)
    }

    @Test(arguments: [
        ("2026-09-05T18:00:00Z", 60, true), ("2026-09-05T17:00:00Z", 60, false),
        ("2026-09-05T17:00:00Z", 61, true), ("2026-09-05T19:00:00Z", 60, false),
        ("2026-09-05T18:30:00Z", 5, true), ("2026-09-05T12:00:00Z", 1440, true),
        ("2026-09-12T18:00:00Z", 60, false),
    ])
    func showsOverlapWhereTheyShareAMinute(start: String, minutes: Int, isOverlap: Bool) throws {
        let draft = ShowDraft(
            titles: [.english: "Own"], start: Date(rfc3339: start), lengthMinutes: minutes)
        let other = try Self.show("2026-09-05T18:00:00Z", minutes: nil)
        #expect((Overlap.first(of: draft, among: [other]) != nil) == isOverlap)
    }

    @Test func weeklyShowsOverlapInLaterWeeks() throws {
        let other = try Self.show("2026-10-04T18:00:00Z", minutes: 60, weekly: true)
        // After the clocks went back, 19:30 UTC is 20:30 in Berlin.
        let met = ShowDraft(titles: [:], start: Date(rfc3339: "2026-11-01T19:30:00Z"), lengthMinutes: 60)
        #expect(Overlap.first(of: met, among: [other])?.at.rfc3339 == "2026-11-01T19:30:00.000Z")
        let missed = ShowDraft(titles: [:], start: Date(rfc3339: "2026-11-01T18:00:00Z"), lengthMinutes: 60)
        #expect(Overlap.first(of: missed, among: [other]) == nil)
        #expect(Overlap.first(of: ShowDraft(titles: [:]), among: [other]) == nil)
    }

    @Test func occurrencesAreNamedByTheirDayInTheirZone() throws {
        let series = try #require(ShowID("sunday"))
        let start = try #require(Date(rfc3339: "2026-11-01T23:30:00Z"))
        #expect(ShowNaming.id(ofSeries: series, start: start, zone: "Asia/Tokyo")?.text == "sunday-20261102")
        #expect(
            ShowNaming.id(ofSeries: series, start: start, zone: "America/Lima")?.text == "sunday-20261101")
        let long = try #require(ShowID(String(repeating: "x", count: 64)))
        #expect(ShowNaming.id(ofSeries: long, start: start, zone: nil)?.text.count == 64)
    }
}
