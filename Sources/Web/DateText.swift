import Foundation
import Media

/// Dates and lengths as a language writes them, for readers without a script; with one, the page writes dates in the
/// reader's zone. Here they are in UTC and say so.
enum DateText {
    static func moment(_ date: Date, in language: LanguageTag, at now: Date) -> String {
        var style = Date.FormatStyle(
            locale: Locale(identifier: language.text), calendar: Calendar(identifier: .gregorian),
            timeZone: utc
        )
        .weekday(.abbreviated).day(.defaultDigits).month(.wide).hour().minute()
        if abs(date.timeIntervalSince(now)) > 300 * 86_400 { style = style.year() }
        return "\(date.formatted(style)) UTC"
    }

    /// `90 minutes` as `1 hour 30 minutes`.
    static func length(minutes: Int, in language: LanguageTag) -> String {
        Duration.seconds(minutes * 60).formatted(
            Duration.UnitsFormatStyle(allowedUnits: [.hours, .minutes], width: .wide)
                .locale(Locale(identifier: language.text)))
    }

    /// An element that scripts write anew in the reader's zone.
    static func element(_ date: Date, in language: LanguageTag, at now: Date) -> String {
        "<time datetime=\"\(iso(date))\">\(escaped(moment(date, in: language, at: now)))</time>"
    }

    /// `2026-12-01T18:00:00Z`.
    static func iso(_ date: Date) -> String {
        let day = CivilDate(unixMilliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
        let second = day.millisecondOfDay / 1000
        return "\(digits(day.year, 4))-\(digits(day.month))-\(digits(day.day))T"
            + "\(digits(second / 3600)):\(digits(second / 60 % 60)):\(digits(second % 60))Z"
    }

    static func digits(_ value: Int, _ count: Int = 2) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }

    private static let utc = TimeZone(identifier: "UTC") ?? .gmt
}
