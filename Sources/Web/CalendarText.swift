package import Foundation
package import Media

/// An iCalendar file (RFC 5545) of events in UTC: pure text.
package struct CalendarText: Sendable {
    package struct Event: Sendable, Hashable {
        /// Stays with the event for ever: a calendar that has it already changes it.
        package var uid: String
        /// Higher with each change.
        package var sequence: Int
        /// When this was last changed.
        package var stamp: Date
        package var start: Date
        package var end: Date
        package var title: String
        /// Of the title and the description; nil where it is not known.
        package var language: LanguageTag?
        package var description: String
        package var url: String
        package var tags: [String]
        package var isCancelled: Bool

        package init(
            uid: String, sequence: Int, stamp: Date, start: Date, end: Date, title: String,
            language: LanguageTag? = nil, description: String = "", url: String, tags: [String] = [],
            isCancelled: Bool = false
        ) {
            self.uid = uid
            self.sequence = sequence
            self.stamp = stamp
            self.start = start
            self.end = end
            self.title = title
            self.language = language
            self.description = description
            self.url = url
            self.tags = tags
            self.isCancelled = isCancelled
        }
    }

    package static let contentType = "text/calendar; charset=utf-8"
    /// A reminder comes so long before the start.
    private static let alarm = "-PT10M"

    private var lines: [String] = []

    /// The file, with CRLF after each line.
    package static func text(of events: [Event]) -> String {
        var text = CalendarText()
        text.lines += [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Shopcast//Shows//EN", "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
        ]
        events.forEach { text.add($0) }
        text.lines.append("END:VCALENDAR")
        return text.lines.map { folded($0) + "\r\n" }.joined()
    }

    private mutating func add(_ event: Event) {
        let language = event.language.map { ";LANGUAGE=\($0.text)" } ?? ""
        lines += [
            "BEGIN:VEVENT", "UID:\(CalendarText.escaped(event.uid))", "SEQUENCE:\(max(0, event.sequence))",
            "DTSTAMP:\(CalendarText.instant(event.stamp))",
            "LAST-MODIFIED:\(CalendarText.instant(event.stamp))",
            "DTSTART:\(CalendarText.instant(event.start))", "DTEND:\(CalendarText.instant(event.end))",
            "SUMMARY\(language):\(CalendarText.escaped(event.title))",
        ]
        if !event.description.isEmpty {
            lines.append("DESCRIPTION\(language):\(CalendarText.escaped(event.description))")
        }
        lines += ["LOCATION:\(CalendarText.escaped(event.url))", "URL:\(CalendarText.address(event.url))"]
        if !event.tags.isEmpty {
            lines.append("CATEGORIES:\(event.tags.map(CalendarText.escaped).joined(separator: ","))")
        }
        lines.append("STATUS:\(event.isCancelled ? "CANCELLED" : "CONFIRMED")")
        if !event.isCancelled {
            lines += [
                "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:\(CalendarText.escaped(event.title))",
                "TRIGGER:\(CalendarText.alarm)", "END:VALARM",
            ]
        }
        lines.append("END:VEVENT")
    }

    /// `20261201T180000Z`; seconds are rounded down.
    private static func instant(_ date: Date) -> String {
        let day = CivilDate(unixMilliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded(.down)))
        let second = day.millisecondOfDay / 1000
        return "\(DateText.digits(day.year, 4))\(DateText.digits(day.month))\(DateText.digits(day.day))T"
            + "\(DateText.digits(second / 3600))\(DateText.digits(second / 60 % 60))\(DateText.digits(second % 60))Z"
    }

    /// TEXT: line ends become `\n`, other control characters spaces; nothing that was given ends a line or a value.
    private static func escaped(_ text: String) -> String {
        var safe = ""
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": safe += "\\\\"
            case ";": safe += "\\;"
            case ",": safe += "\\,"
            case "\n": if previous != "\r" { safe += "\\n" }
            case "\r", "\u{2028}", "\u{2029}", "\u{85}": safe += "\\n"
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}": safe += " "
            default: safe.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return safe
    }

    /// URI: no characters but those of addresses.
    private static func address(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0.value > 0x20 && $0.value < 0x7F }.map(Character.init))
    }

    /// Lines of at most 75 bytes, that go on after a line end and a space; no character is cut.
    private static func folded(_ line: String) -> String {
        var folded = ""
        var room = 75
        for scalar in line.unicodeScalars {
            let length = UTF8.width(scalar)
            if length > room {
                folded += "\r\n "
                room = 74
            }
            folded.unicodeScalars.append(scalar)
            room -= length
        }
        return folded
    }
}
