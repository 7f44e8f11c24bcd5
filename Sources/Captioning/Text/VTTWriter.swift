import Media
package import NIOCore

/// Writes WebVTT. Nothing in a cue can end it, begin another, or be markup: what could is escaped, or was never in a
/// `CueText`.
package struct VTTWriter: Sendable {
    /// What goes on the wire so far.
    package private(set) var buffer: ByteBuffer

    /// A whole file for people and editors.
    package init() {
        buffer = ByteBufferAllocator().buffer(capacity: 256)
        buffer.writeStaticString("WEBVTT\n")
    }

    /// A segment of a rendition. The times of its cues are media times, so that one and the same map holds for a whole
    /// show; players count its 33 bits on by themselves.
    package static func segment() -> VTTWriter {
        var writer = VTTWriter()
        writer.buffer.writeStaticString("X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n")
        return writer
    }

    /// Appends a cue; none that says nothing, or ends before it starts.
    package mutating func write(_ cue: VTTCue) {
        let (start, end) = (max(0, cue.start.milliseconds), max(0, cue.end.milliseconds))
        guard end > start, !cue.text.isEmpty else { return }
        buffer.writeInteger(UInt8(ascii: "\n"))
        if let id = cue.id.map(VTTWriter.name), !id.isEmpty {
            write(id)
            buffer.writeInteger(UInt8(ascii: "\n"))
        }
        writeTime(start)
        buffer.writeStaticString(" --> ")
        writeTime(end)
        buffer.writeInteger(UInt8(ascii: "\n"))
        if let speaker = cue.speaker.map(VTTWriter.name), !speaker.isEmpty {
            buffer.writeStaticString("<v ")
            writeEscaped(speaker)
            buffer.writeStaticString(">")
        }
        writeEscaped(cue.text.text)
        buffer.writeInteger(UInt8(ascii: "\n"))
    }

    /// One line, and nothing in it, nor with a ">" after it, that is told from a time line. An arrow is one whatever mark is
    /// on it.
    private static func name(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in CueText(text).lines.joined(separator: " ").prefix(80).unicodeScalars {
            if scalar == ">", plain.suffix(2).elementsEqual(["-", "-"]) {
                plain.removeLast(2)
                plain.append("→")
            } else {
                plain.append(scalar)
            }
        }
        while let last = plain.last, last == "-" || last.properties.isWhitespace { plain.removeLast() }
        return String(plain).trimmed
    }

    private mutating func write(_ text: String) { buffer.writeString(text) }

    private mutating func writeEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): buffer.writeStaticString("&amp;")
            case UInt8(ascii: "<"): buffer.writeStaticString("&lt;")
            case UInt8(ascii: ">"): buffer.writeStaticString("&gt;")
            default: buffer.writeInteger(byte)
            }
        }
    }

    /// `00:01:02.345`; the hours may have more digits.
    private mutating func writeTime(_ milliseconds: Int64) {
        buffer.writeString(ClockText.hours(milliseconds, point: "."))
    }
}

/// Instants and spans as files of captions write them.
package enum ClockText {
    /// `00:01:02.345`, with `point` before the milliseconds; negative ones are zero.
    package static func hours(_ milliseconds: Int64, point: Character) -> String {
        let value = max(0, milliseconds)
        func digits(_ number: Int64, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let (seconds, rest) = (value / 1000, value % 1000)
        return
            "\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))\(point)\(digits(rest, 3))"
    }

    /// `[hh:]mm:ss.ttt` in milliseconds, with a comma as SubRip writes it or a point; nil where it is none.
    package static func milliseconds(_ text: some StringProtocol) -> Int64? {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(fields.count), let last = fields.last else { return nil }
        let parts = last.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "," }
        guard parts.count == 2, let seconds = number(parts[0], 1...2), seconds < 60,
            let thousandths = number(parts[1], 3...3),
            let minutes = number(fields[fields.count - 2], 1...2), minutes < 60,
            let hours = fields.count == 3 ? number(fields[0], 1...6) : 0
        else { return nil }
        return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
    }

    private static func number(_ text: some StringProtocol, _ digits: ClosedRange<Int>) -> Int64? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}

extension StringProtocol {
    /// Without the blanks around it.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isBlank { rest.removeFirst() }
        while let last = rest.last, last.isBlank { rest.removeLast() }
        return String(rest)
    }
}
