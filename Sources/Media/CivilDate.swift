/// A day of the proleptic Gregorian calendar in UTC and a time in it.
package struct CivilDate: Hashable, Sendable {
    /// 0 to 9999: what four digits can write.
    package let year: Int
    package let month: Int
    package let day: Int
    package let millisecondOfDay: Int

    private static let dayLength: Int64 = 86_400_000
    /// The years 0 to 9999 in Unix milliseconds.
    private static let writable: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// Instants that four digits of year cannot write become the nearest that they can.
    package init(unixMilliseconds: Int64) {
        let range = CivilDate.writable
        let instant = min(max(unixMilliseconds, range.lowerBound), range.upperBound)
        // Days are counted from 1 March of year 0, so that the leap day is a year's last and eras are alike.
        let sinceEpoch = (instant - (instant < 0 ? CivilDate.dayLength - 1 : 0)) / CivilDate.dayLength
        millisecondOfDay = Int(instant - sinceEpoch * CivilDate.dayLength)
        let days = Int(sinceEpoch) + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Unix milliseconds of an ISO 8601 date and time with seconds, an optional fraction and a zone.
    /// Nil where it is anything else.
    package static func unixMilliseconds(parsing text: some Collection<UInt8>) -> Int64? {
        var rest = text[...]
        func digits(_ count: Int, _ range: ClosedRange<Int>) -> Int? {
            guard rest.count >= count else { return nil }
            var value = 0
            for byte in rest.prefix(count) {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            rest = rest.dropFirst(count)
            return range.contains(value) ? value : nil
        }
        func mark(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = digits(4, 0...9999), mark(UInt8(ascii: "-")), let month = digits(2, 1...12),
            mark(UInt8(ascii: "-")), let day = digits(2, 1...31), mark(UInt8(ascii: "T")),
            let hour = digits(2, 0...24), mark(UInt8(ascii: ":")), let minute = digits(2, 0...59),
            mark(UInt8(ascii: ":")), let second = digits(2, 0...60)
        else { return nil }
        var milliseconds = 0
        if mark(UInt8(ascii: ".")) {
            var weight = 100
            var seen = 0
            while let byte = rest.first, (0x30...0x39).contains(byte) {
                milliseconds += Int(byte - 0x30) * weight
                weight /= 10
                seen += 1
                rest = rest.dropFirst()
            }
            guard seen > 0 else { return nil }
        }
        var zoneMinutes = 0
        if !mark(UInt8(ascii: "Z")) {
            let isWest = mark(UInt8(ascii: "-"))
            guard isWest || mark(UInt8(ascii: "+")), let hours = digits(2, 0...23) else { return nil }
            _ = mark(UInt8(ascii: ":"))
            guard let minutes = rest.isEmpty ? 0 : digits(2, 0...59) else { return nil }
            zoneMinutes = (hours * 60 + minutes) * (isWest ? -1 : 1)
        }
        guard rest.isEmpty else { return nil }
        let seconds = (hour * 60 + minute - zoneMinutes) * 60 + second
        return daysSinceEpoch(year: year, month: month, day: day) * dayLength
            + Int64(seconds * 1000 + milliseconds)
    }

    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}
