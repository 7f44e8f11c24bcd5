import NIOCore

/// A WebVTT segment, as far as it can be read.
struct CaptionSegment: Sendable {
    struct Cue: Sendable {
        let line: PlaylistLine
        /// Seconds of the local time; nil where it is none.
        let start: Double?
        let end: Double?
    }

    let hasHeader: Bool
    /// X-TIMESTAMP-MAP stands on a line after the header, before the first empty one.
    let mapLine: PlaylistLine?
    /// The local time in seconds, and the 90 kHz time that it is the same as.
    let map: (local: Double, ticks: Double)?
    let cues: [Cue]

    init(_ bytes: ByteBuffer) {
        var text = String(decoding: bytes.readableBytesView.prefix(1 << 20), as: UTF8.self)
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        hasHeader = text.hasPrefix("WEBVTT")
        var mapLine: PlaylistLine?
        var cues: [Cue] = []
        var isHeader = true
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated() {
            if index > 0, line.isEmpty { isHeader = false }
            if isHeader, line.hasPrefix("X-TIMESTAMP-MAP=") {
                mapLine = PlaylistLine(number: index + 1, text: String(line))
            }
            guard line.contains("-->"), cues.count < 10_000 else { continue }
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            let arrow = fields.firstIndex(of: "-->") ?? fields.endIndex
            let start = arrow > 0 && arrow < fields.endIndex ? CaptionSegment.time(fields[arrow - 1]) : nil
            let end = arrow + 1 < fields.endIndex ? CaptionSegment.time(fields[arrow + 1]) : nil
            cues.append(
                Cue(line: PlaylistLine(number: index + 1, text: String(line)), start: start, end: end))
        }
        self.mapLine = mapLine
        self.cues = cues
        map = mapLine.flatMap { CaptionSegment.map($0.text.dropFirst(16)) }
    }

    /// `LOCAL:00:00:00.000,MPEGTS:900000`, in either order.
    private static func map(_ text: Substring) -> (local: Double, ticks: Double)? {
        var local: Double?
        var ticks: Double?
        for field in text.split(separator: ",") {
            let field = field.trimmingBlanks
            if field.hasPrefix("LOCAL:") { local = time(field.dropFirst(6)) }
            if field.hasPrefix("MPEGTS:") { ticks = Numeral(String(field.dropFirst(7)))?.value }
        }
        guard let local, let ticks else { return nil }
        return (local, ticks)
    }

    /// `[hh:]mm:ss.ttt` in seconds.
    private static func time(_ text: Substring) -> Double? {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(fields.count) else { return nil }
        var seconds = 0.0
        for (index, field) in fields.enumerated() {
            let isLast = index == fields.count - 1
            guard let value = Numeral(String(field)), value.isClean, isLast || !field.contains("."),
                !isLast || field.split(separator: ".").last?.count == 3 && field.contains(".")
            else { return nil }
            seconds = seconds * 60 + value.value
        }
        return seconds
    }
}
