import Media
import NIOCore

// The few forms of value that a playlist has, written straight into the buffer that goes on the wire.
extension ByteBuffer {
    /// A whole number in decimal digits.
    mutating func writeDigits(_ value: UInt64) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 20) { room in
            var count = 1
            var rest = value / 10
            while rest > 0 {
                count += 1
                rest /= 10
            }
            rest = value
            var place = count
            while place > 0 {
                place -= 1
                room[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return count
        }
    }

    /// Nothing in a playlist is negative: such a number is written as zero.
    mutating func writeDigits(_ value: Int) {
        writeDigits(UInt64(max(0, value)))
    }

    /// The last `count` digits of a number, zeros in front kept.
    mutating func writeDigits(_ value: UInt64, count: Int) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            var rest = value
            var place = count
            while place > 0 {
                place -= 1
                room[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return count
        }
    }

    /// Seconds to the nearest hundred-thousandth, with at least one decimal and no zero after it that says nothing.
    mutating func writeSeconds(_ seconds: Double) {
        let units = ByteBuffer.scaled(seconds, by: 100_000)
        writeDigits(units / 100_000)
        writeInteger(UInt8(ascii: "."))
        var fraction = units % 100_000
        var count = 5
        while count > 1, fraction % 10 == 0 {
            fraction /= 10
            count -= 1
        }
        writeDigits(fraction, count: count)
    }

    /// A number with exactly three decimals, as FRAME-RATE wants it.
    mutating func writeThousandths(_ value: Double) {
        let units = ByteBuffer.scaled(value, by: 1000)
        writeDigits(units / 1000)
        writeInteger(UInt8(ascii: "."))
        writeDigits(units % 1000, count: 3)
    }

    /// What is not a number counts as zero, what is beyond any sense as the greatest that fits.
    private static func scaled(_ value: Double, by scale: Double) -> UInt64 {
        UInt64(((value > 0 ? min(value, 1e12) : 0) * scale).rounded())
    }

    /// An instant as `2026-05-01T12:00:00.040Z`.
    mutating func writeDate(unixMilliseconds: Int64) {
        let date = CivilDate(unixMilliseconds: unixMilliseconds)
        let time = date.millisecondOfDay
        writeWithUnsafeMutableBytes(minimumWritableBytes: 24) { room in
            func put(_ value: Int, _ places: Range<Int>, then mark: UInt8) {
                var rest = value
                for place in places.reversed() {
                    room[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                room[places.upperBound] = mark
            }
            put(date.year, 0..<4, then: UInt8(ascii: "-"))
            put(date.month, 5..<7, then: UInt8(ascii: "-"))
            put(date.day, 8..<10, then: UInt8(ascii: "T"))
            put(time / 3_600_000, 11..<13, then: UInt8(ascii: ":"))
            put(time / 60_000 % 60, 14..<16, then: UInt8(ascii: ":"))
            put(time / 1000 % 60, 17..<19, then: UInt8(ascii: "."))
            put(time % 1000, 20..<23, then: UInt8(ascii: "Z"))
            return 24
        }
    }

    /// Text that cannot end its own quotes or its line: control characters and quotation marks are left out.
    mutating func writePlain(_ text: String) {
        let before = writerIndex
        let count = writeString(text)
        let isPlain = withUnsafeReadableBytes { all in
            all.suffix(count).allSatisfy(ByteBuffer.isPlain)
        }
        if !isPlain {
            moveWriterIndex(to: before)
            writeBytes(text.utf8.filter(ByteBuffer.isPlain))
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x22 && byte != 0x7F }

    mutating func writeQuoted(_ text: String) {
        writeInteger(UInt8(ascii: "\""))
        writePlain(text)
        writeInteger(UInt8(ascii: "\""))
    }

    /// An address on a line of its own. It cannot be taken for a tag.
    mutating func writeAddressLine(_ uri: String) {
        if uri.utf8.first == UInt8(ascii: "#") {
            writePlain(String(uri.drop { $0 == "#" }))
        } else {
            writePlain(uri)
        }
        writeLineEnd()
    }

    mutating func writeLineEnd() {
        writeInteger(UInt8(ascii: "\n"))
    }
}
