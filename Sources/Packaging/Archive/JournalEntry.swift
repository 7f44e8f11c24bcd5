package import Media

/// A segment as a journal tells it.
package struct ReelSegment: Hashable, Sendable {
    package var sequence: UInt64
    package var start: MediaTime
    package var duration: MediaTime
    /// Unix milliseconds of its first sample.
    package var programDateTime: Int64
    package var isDiscontinuity: Bool
    /// Nothing of it can be fetched: an outage, or it could not be written.
    package var isGap: Bool
    /// The init section it needs.
    package var map: String?
    package var file: String
    package var bytes: Int
    /// Bytes from its start to the end of its first picture, where that is an IDR picture.
    package var keyLength: Int?

    package init(
        sequence: UInt64, start: MediaTime, duration: MediaTime, programDateTime: Int64,
        isDiscontinuity: Bool, isGap: Bool, map: String?, file: String, bytes: Int, keyLength: Int? = nil
    ) {
        self.sequence = sequence
        self.start = start
        self.duration = duration
        self.programDateTime = programDateTime
        self.isDiscontinuity = isDiscontinuity
        self.isGap = isGap
        self.map = map
        self.file = file
        self.bytes = bytes
        self.keyLength = keyLength
    }

    package var end: MediaTime { start + duration }
}

/// One line of a journal: what happened to a window, in plain words, with a check sum of its own.
///
/// A line stands on its own: one that is torn or damaged is left out, those around it still hold.
package enum JournalEntry: Hashable, Sendable {
    /// The first line: whose journal it is. `continues` is the tag of the reel that this one carries on (after a
    /// restart); `discontinuities` is the number of DISCONTINUITY tags before its first segment; a reel that is not
    /// kept loses its segments as they leave the window.
    case header(
        show: ShowID, tag: String, continues: String?, unixMilliseconds: Int64, discontinuities: UInt64,
        isKept: Bool)
    /// A run begins: `epoch` is the Unix time, in milliseconds, of media time zero. Its renditions follow, best first.
    case run(epoch: Int64)
    case rendition(RunPlan.Rendition)
    /// The rendition of this name is text: it needs no init section, and is no run's.
    case text(RenditionName)
    /// An init section is on disk.
    case initSection(RenditionName, file: String, bytes: Int)
    /// A segment is on disk, or is a gap.
    case segment(RenditionName, ReelSegment)
    /// Numbers up to this one are taken.
    case taken(UInt64)
    /// The show has ended.
    case ended(unixMilliseconds: Int64)

    /// The line, with its check sum and line end.
    package var line: String {
        let text = words.joined(separator: " ")
        return "\(text) \(String(CheckSum.of(text), radix: 16))\n"
    }

    private var words: [String] {
        switch self {
        case .header(let show, let tag, let continues, let unix, let discontinuities, let isKept):
            return [
                "reel", "1", show.text, tag, continues ?? "-", "\(unix)", "\(discontinuities)",
                isKept ? "kept" : "passing",
            ]
        case .run(let epoch): return ["run", "\(epoch)"]
        case .rendition(let rendition):
            let start = [
                "rendition", rendition.name.text, "\(rendition.peakBitsPerSecond)",
                rendition.isPassthrough ? "passed" : "made",
            ]
            switch rendition.kind {
            case .video(let width, let height, let rate):
                return start + ["video", "\(width)", "\(height)", "\(rate.numerator)", "\(rate.denominator)"]
            case .audio(let channels): return start + ["audio", "\(channels)"]
            case .text: return ["text", rendition.name.text]
            }
        case .text(let name): return ["text", name.text]
        case .initSection(let name, let file, let bytes): return ["init", name.text, file, "\(bytes)"]
        case .segment(let name, let segment):
            return [
                "segment", name.text, "\(segment.sequence)", "\(segment.start.ticks)",
                "\(segment.duration.ticks)",
                "\(segment.programDateTime)",
                (segment.isDiscontinuity ? "d" : "") + (segment.isGap ? "g" : "") + ".", segment.map ?? "-",
                segment.file, "\(segment.bytes)", segment.keyLength.map { "\($0)" } ?? "-",
            ]
        case .taken(let sequence): return ["taken", "\(sequence)"]
        case .ended(let unix): return ["ended", "\(unix)"]
        }
    }

    /// Reads a line without its end; nil where it is damaged or says what no line of ours does.
    package init?(line: Substring) {
        guard line.utf8.count <= 1024, let space = line.lastIndex(of: " "),
            UInt32(line[line.index(after: space)...], radix: 16) == CheckSum.of(line[..<space])
        else { return nil }
        let words = line[..<space].split(separator: " ", omittingEmptySubsequences: false)
        guard let entry = JournalEntry(words: words) else { return nil }
        self = entry
    }

    private init?(words: [Substring]) {
        switch (words.first ?? "", words.count) {
        case ("reel", 8):
            guard words[1] == "1", let show = ShowID(words[2]), ArchiveFolder.isPlain(words[3]),
                words[4] == "-" || ArchiveFolder.isPlain(words[4]), let unix = Int64(words[5]),
                let discontinuities = UInt64(words[6]), discontinuities < 1 << 62
            else { return nil }
            self = .header(
                show: show, tag: String(words[3]), continues: words[4] == "-" ? nil : String(words[4]),
                unixMilliseconds: unix, discontinuities: discontinuities, isKept: words[7] == "kept")
        case ("run", 2):
            guard let epoch = JournalEntry.moment(words[1]) else { return nil }
            self = .run(epoch: epoch)
        case ("rendition", 6), ("rendition", 9):
            guard let rendition = JournalEntry.rendition(words) else { return nil }
            self = .rendition(rendition)
        case ("text", 2):
            guard let name = JournalEntry.name(words[1]) else { return nil }
            self = .text(name)
        case ("init", 4):
            guard let name = JournalEntry.name(words[1]), ArchiveFolder.isPlain(words[2]),
                let bytes = Int(words[3]), (0...1 << 20).contains(bytes)
            else { return nil }
            self = .initSection(name, file: String(words[2]), bytes: bytes)
        case ("segment", 11):
            guard let name = JournalEntry.name(words[1]), let segment = JournalEntry.segment(words) else {
                return nil
            }
            self = .segment(name, segment)
        case ("taken", 2):
            guard let sequence = JournalEntry.number(words[1]) else { return nil }
            self = .taken(sequence)
        case ("ended", 2):
            guard let unix = JournalEntry.moment(words[1]) else { return nil }
            self = .ended(unixMilliseconds: unix)
        default: return nil
        }
    }

    private static func name(_ word: Substring) -> RenditionName? {
        ArchiveFolder.isPlain(word) ? RenditionName(String(word)) : nil
    }

    /// Sequence numbers that sums stay far from overflowing with.
    private static func number(_ word: Substring) -> UInt64? {
        UInt64(word).flatMap { $0 < 1 << 60 ? $0 : nil }
    }

    /// Unix milliseconds of any plausible date.
    private static func moment(_ word: Substring) -> Int64? {
        Int64(word).flatMap { $0.magnitude < 1 << 48 ? $0 : nil }
    }

    private static func time(_ word: Substring) -> MediaTime? {
        Int64(word).flatMap { (0..<1 << 56).contains($0) ? MediaTime(ticks: $0) : nil }
    }

    private static func segment(_ words: [Substring]) -> ReelSegment? {
        guard let sequence = number(words[2]), let start = time(words[3]), let duration = time(words[4]),
            let date = moment(words[5]), words[7] == "-" || ArchiveFolder.isPlain(words[7]),
            ArchiveFolder.isPlain(words[8]), let bytes = Int(words[9]), (0...1 << 32).contains(bytes)
        else { return nil }
        let key = Int(words[10])
        guard words[10] == "-" || key.map({ (0...bytes).contains($0) }) ?? false else { return nil }
        return ReelSegment(
            sequence: sequence, start: start, duration: duration, programDateTime: date,
            isDiscontinuity: words[6].contains("d"), isGap: words[6].contains("g"),
            map: words[7] == "-" ? nil : String(words[7]), file: String(words[8]), bytes: bytes,
            keyLength: key)
    }

    private static func rendition(_ words: [Substring]) -> RunPlan.Rendition? {
        guard let name = name(words[1]), let peak = Int(words[2]), (0...1 << 40).contains(peak) else {
            return nil
        }
        let kind: RunPlan.Rendition.Kind
        switch (words[4], words.count) {
        case ("audio", 6):
            guard let channels = Int(words[5]), (1...64).contains(channels) else { return nil }
            kind = .audio(channels: channels)
        case ("video", 9):
            let numbers = words[5...].compactMap { Int($0) }
            guard numbers.count == 4, (1...16384).contains(numbers[0]), (1...16384).contains(numbers[1]),
                (1...1_000_000).contains(numbers[2]), (1...1_000_000).contains(numbers[3])
            else { return nil }
            kind = .video(
                width: numbers[0], height: numbers[1],
                frameRate: FrameRate(Int64(numbers[2]), Int64(numbers[3])))
        default: return nil
        }
        return RunPlan.Rendition(
            name: name, kind: kind, peakBitsPerSecond: peak, isPassthrough: words[3] == "passed")
    }
}

/// CRC-32 of a line's text.
enum CheckSum {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    static func of(_ text: some StringProtocol) -> UInt32 {
        ~text.utf8.reduce(~UInt32(0)) { sum, byte in
            sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)]
        }
    }
}
