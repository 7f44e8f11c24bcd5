package import Foundation
import Media

/// JSON as the API and the store write it: instants are RFC 3339 in UTC with milliseconds, members in order.
package enum WireJSON {
    package static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.rfc3339)
        }
        return encoder
    }

    package static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = Date(rfc3339: try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "an instant such as 2026-09-05T18:30:00Z is needed, with its zone")
            }
            return date
        }
        return decoder
    }
}

extension Date {
    /// Nil where `text` is no RFC 3339 date and time with a zone.
    package init?(rfc3339 text: String) {
        guard text.utf8.count <= 40, let milliseconds = CivilDate.unixMilliseconds(parsing: text.utf8) else {
            return nil
        }
        self.init(unixMilliseconds: milliseconds)
    }

    package init(unixMilliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(unixMilliseconds) / 1000)
    }

    /// Rounded; what 64 bits cannot hold becomes the nearest that they can.
    package var unixMilliseconds: Int64 {
        let value = (timeIntervalSince1970 * 1000).rounded()
        return value >= 9e18 ? .max : value <= -9e18 ? .min : Int64(value)
    }

    /// What the store keeps of it.
    package var toMilliseconds: Date { Date(unixMilliseconds: unixMilliseconds) }

    /// `2026-09-05T18:30:00.000Z`
    package var rfc3339: String {
        let day = CivilDate(unixMilliseconds: unixMilliseconds)
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let (second, millisecond) = (day.millisecondOfDay / 1000, day.millisecondOfDay % 1000)
        return "\(digits(day.year, 4))-\(digits(day.month, 2))-\(digits(day.day, 2))"
            + "T\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
            + ".\(digits(millisecond, 3))Z"
    }
}
