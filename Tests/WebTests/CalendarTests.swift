import Foundation
import Media
import Shows
import Testing
import Web

struct CalendarTests {
    private let start = Date(timeIntervalSince1970: 1_796_148_000)  // 2026-12-01T18:00:00Z

    private func event(_ title: String = "Silk", description: String = "") -> CalendarText.Event {
        CalendarText.Event(
            uid: "silk@shop.example", sequence: 7, stamp: start - 86_400.5, start: start, end: start + 5400,
            title: title, language: .english, description: description,
            url: "https://shop.example/shows/silk", tags: ["silk, wool", "new"])
    }

    private func unfolded(_ text: String) -> [String] {
        text.replacingOccurrences(of: "\r\n ", with: "").components(separatedBy: "\r\n")
    }

    @Test func anEventIsWrittenAsItIs() {
        #expect(
            CalendarText.text(of: [event(description: "By hand;\nfrom Como")])
                == [
                    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Shopcast//Shows//EN", "CALSCALE:GREGORIAN",
                    "METHOD:PUBLISH", "BEGIN:VEVENT", "UID:silk@shop.example", "SEQUENCE:7",
                    "DTSTAMP:20261130T175959Z", "LAST-MODIFIED:20261130T175959Z", "DTSTART:20261201T180000Z",
                    "DTEND:20261201T193000Z", "SUMMARY;LANGUAGE=en:Silk",
                    "DESCRIPTION;LANGUAGE=en:By hand\\;\\nfrom Como",
                    "LOCATION:https://shop.example/shows/silk", "URL:https://shop.example/shows/silk",
                    "CATEGORIES:silk\\, wool,new", "STATUS:CONFIRMED", "BEGIN:VALARM", "ACTION:DISPLAY",
                    "DESCRIPTION:Silk", "TRIGGER:-PT10M", "END:VALARM", "END:VEVENT", "END:VCALENDAR", "",
                ].joined(separator: "\r\n"))
    }

    @Test func aCancelledEventSaysSoAndRemindsNobody() {
        var event = event()
        event.isCancelled = true
        let lines = unfolded(CalendarText.text(of: [event]))
        #expect(lines.contains("STATUS:CANCELLED") && !lines.contains("BEGIN:VALARM"))
    }

    @Test(arguments: [
        "Silk\r\nATTENDEE:mailto:a@b.example", "a\nBEGIN:VALARM", "a\rb", "a\u{2028}b\u{85}c\u{0}d\u{b}e",
        "\\n;,\\", String(repeating: "絹", count: 200), String(repeating: "🧣👩‍👩‍👧", count: 60),
        "\u{202e}reversed", "",
    ])
    func noTitleBreaksOutOfItsLine(title: String) {
        let text = CalendarText.text(of: [event(title, description: title)])
        for line in text.components(separatedBy: "\r\n") {
            #expect(line.utf8.count <= 75 && !line.contains("\n") && !line.contains("\r"))
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 || [0x85, 0x2028].contains($0.value) })
        }
        let lines = unfolded(text)
        #expect(lines.count == (title.isEmpty ? 25 : 26))
        #expect(lines.filter { $0.hasPrefix("BEGIN:VALARM") }.count == 1)
        #expect(!lines.contains { $0.hasPrefix("ATTENDEE") })
    }

    /// Winter time begins in Berlin on 25 October 2026: the show stays at eight in the evening there.
    @Test func aWeeklyShowHasItsNextWeeksUnderTheNamesThatTheyWillHave() throws {
        let calendar = try ShowCalendar(try WebAssets.bundled(playerDirectory: nil))
        var show = ShowSummary(
            id: try #require(ShowID("friday")), title: "Friday", language: .english, state: .scheduled,
            isPaused: false)
        #expect(calendar.text(of: show, base: "https://shop.example:8443", for: Reader()) == nil)
        show.start = Date(timeIntervalSince1970: 1_792_173_600)  // 2026-10-16T18:00:00Z, 20:00 in Berlin
        show.zone = "Europe/Berlin"
        show.recurrence = Recurrence()
        show.revision = 3
        let text = try #require(calendar.text(of: show, base: "https://shop.example:8443", for: Reader()))
        let lines = unfolded(text)
        #expect(lines.filter { $0 == "BEGIN:VEVENT" }.count == 9)
        #expect(
            lines.filter { $0.hasPrefix("DTSTART") }.prefix(3) == [
                "DTSTART:20261016T180000Z", "DTSTART:20261023T180000Z", "DTSTART:20261030T190000Z",
            ])
        #expect(
            lines.filter { $0.hasPrefix("UID") }.prefix(3) == [
                "UID:friday@shop.example", "UID:friday-20261023@shop.example",
                "UID:friday-20261030@shop.example",
            ])
        #expect(lines.filter { $0.hasPrefix("SEQUENCE") }.prefix(2) == ["SEQUENCE:3", "SEQUENCE:0"])
        #expect(lines.contains("DESCRIPTION;LANGUAGE=en:Watch here: https://shop.example:8443/shows/friday"))
        show.state = .cancelled
        let cancelled = unfolded(
            try #require(calendar.text(of: show, base: "https://shop.example", for: Reader())))
        #expect(
            cancelled.filter { $0 == "BEGIN:VEVENT" }.count == 1 && cancelled.contains("STATUS:CANCELLED"))
    }
}
