/// An instant as ISO 8601 writes it, in milliseconds since 1970.
struct PlaylistDate: Hashable, Sendable {
    let milliseconds: Int64
    /// Without a zone nobody knows when it is; it is read as UTC.
    let hasZone: Bool

    var seconds: Double { Double(milliseconds) / 1000 }

    /// `2026-05-01T12:00:00.040Z`, with any number of decimals and any zone. Nil where it is no date.
    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        func digits(_ count: Int) -> Int64? {
            guard rest.count >= count else { return nil }
            var value: Int64 = 0
            for byte in rest.prefix(count) {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            rest = rest.dropFirst(count)
            return value
        }
        func mark(_ scalar: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: scalar) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = digits(4), mark("-"), let month = digits(2), (1...12).contains(month), mark("-"),
            let day = digits(2), (1...31).contains(day), mark("T"), let hour = digits(2), hour < 25,
            mark(":"),
            let minute = digits(2), minute < 60, mark(":"), let second = digits(2), second < 61
        else { return nil }
        var fraction: Int64 = 0
        if mark(".") {
            let decimals = rest.prefix { (0x30...0x39).contains($0) }
            guard !decimals.isEmpty else { return nil }
            rest = rest.dropFirst(decimals.count)
            for index in 0..<3 {
                let place = decimals.startIndex + index
                fraction = fraction * 10 + (place < decimals.endIndex ? Int64(decimals[place] - 0x30) : 0)
            }
        }
        var zone: Int64 = 0
        if mark("Z") {
            hasZone = true
        } else if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            rest = rest.dropFirst()
            guard let hours = digits(2) else { return nil }
            _ = mark(":")
            guard let minutes = rest.isEmpty ? 0 : digits(2) else { return nil }
            zone = (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -60 : 60)
            hasZone = true
        } else {
            hasZone = false
        }
        guard rest.isEmpty else { return nil }
        // Days since 1 March of year 0: a leap day is a year's last.
        let shifted = month <= 2 ? year - 1 : year
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + ofYear - 719_468
        milliseconds = ((days * 24 + hour) * 3600 + minute * 60 + second - zone) * 1000 + fraction
    }
}
