/// A playlist's bytes, one line that means something after the other; comments and unknown tags are passed over.
struct PlaylistLines {
    /// The tags that are read, of either kind of playlist.
    enum Tag: String {
        case targetDuration = "EXT-X-TARGETDURATION"
        case serverControl = "EXT-X-SERVER-CONTROL"
        case partInformation = "EXT-X-PART-INF"
        case mediaSequence = "EXT-X-MEDIA-SEQUENCE"
        case discontinuitySequence = "EXT-X-DISCONTINUITY-SEQUENCE"
        case discontinuity = "EXT-X-DISCONTINUITY"
        case map = "EXT-X-MAP"
        case programDateTime = "EXT-X-PROGRAM-DATE-TIME"
        case part = "EXT-X-PART"
        case gap = "EXT-X-GAP"
        case segment = "EXTINF"
        case preloadHint = "EXT-X-PRELOAD-HINT"
        case renditionReport = "EXT-X-RENDITION-REPORT"
        case endList = "EXT-X-ENDLIST"
        case playlistType = "EXT-X-PLAYLIST-TYPE"
        case iFramesOnly = "EXT-X-I-FRAMES-ONLY"
        case independentSegments = "EXT-X-INDEPENDENT-SEGMENTS"
        case start = "EXT-X-START"
        case skip = "EXT-X-SKIP"
        case byteRange = "EXT-X-BYTERANGE"
        case key = "EXT-X-KEY"
        case dateRange = "EXT-X-DATERANGE"
        case media = "EXT-X-MEDIA"
        case variant = "EXT-X-STREAM-INF"
        case iFrameVariant = "EXT-X-I-FRAME-STREAM-INF"
        case sessionKey = "EXT-X-SESSION-KEY"
        case contentSteering = "EXT-X-CONTENT-STEERING"

        /// It stands in multivariant playlists only.
        var isMultivariant: Bool {
            switch self {
            case .media, .variant, .iFrameVariant, .sessionKey, .contentSteering: true
            default: false
            }
        }
    }

    enum Line {
        case tag(Tag, ArraySlice<UInt8>)
        case address(String)
    }

    /// Far above an hour of 200 ms parts, far below what hurts.
    static let longestText = 4 << 20
    static let longestLine = 64 << 10

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

    private let bytes: [UInt8]
    private var position: Int
    /// Of the line that `next` gave last; the first line is 1.
    private(set) var number = 1

    /// Takes the `#EXTM3U` line. Throws where it is absent or the text is longer than 4 MiB.
    init(_ bytes: [UInt8]) throws(PlaylistFault) {
        guard bytes.count <= PlaylistLines.longestText else { throw .tooLong(bytes: bytes.count) }
        let mark = Array("#EXTM3U".utf8)
        var end = mark.count
        guard bytes.starts(with: mark) else { throw .notAPlaylist }
        while end < bytes.count, [0x20, 0x09, 0x0D].contains(bytes[end]) { end += 1 }
        guard end == bytes.count || bytes[end] == 0x0A else { throw .notAPlaylist }
        self.bytes = bytes
        self.position = min(end + 1, bytes.count)
    }

    /// The next tag or address; nil at the end. Throws `lineTooLong` beyond 64 KiB, `notUTF8` and `controlCharacter`.
    mutating func next() throws(PlaylistFault) -> Line? {
        while position < bytes.count {
            number += 1
            let end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
            var line = bytes[position..<end]
            position = min(end + 1, bytes.count)
            guard line.count <= PlaylistLines.longestLine else { throw .lineTooLong(line: number) }
            while let last = line.last, [0x0D, 0x20, 0x09].contains(last) { line.removeLast() }
            guard let first = line.first else { continue }
            guard first == UInt8(ascii: "#") else {
                guard let address = String(validating: line, as: UTF8.self) else {
                    throw .notUTF8(line: number)
                }
                guard !line.contains(where: PlaylistLines.isControl) else {
                    throw .controlCharacter(line: number)
                }
                return .address(address)
            }
            let body = line.dropFirst()
            let colon = body.firstIndex(of: UInt8(ascii: ":")) ?? body.endIndex
            guard let tag = Tag(rawValue: String(decoding: body[..<colon].prefix(40), as: UTF8.self)) else {
                continue
            }
            guard !line.contains(where: { PlaylistLines.isControl($0) && (tag != .skip || $0 != 0x09) })
            else {
                throw .controlCharacter(line: number)
            }
            return .tag(tag, body[min(colon + 1, body.endIndex)...])
        }
        return nil
    }
}

extension Collection<UInt8> {
    /// A decimal-integer: digits only, at most 64 bits. Nil where it is anything else.
    var decimalInteger: UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in self {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
            let (sum, isFull) = tens.addingReportingOverflow(UInt64(byte - 0x30))
            guard !isOver, !isFull else { return nil }
            value = sum
        }
        return value
    }

    /// A decimal-floating-point: digits with at most one point, no sign, below 10^12. Nil where it is anything else.
    ///
    /// Decimals beyond what a Double can hold are passed over; the rest is rounded once, so that a number that was
    /// written with few decimals comes back as the same Double.
    var decimalNumber: Double? {
        var mantissa: UInt64 = 0
        var divisor: Double = 1
        var hasDigit = false
        var isFraction = false
        for byte in self {
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
                continue
            }
            guard (0x30...0x39).contains(byte) else { return nil }
            hasDigit = true
            if isFraction {
                guard mantissa < 100_000_000_000_000 else { continue }
                // A number of nothing but zeros must not grow its divisor for ever.
                guard divisor < 1e15 else { continue }
                divisor *= 10
            } else {
                guard mantissa < 100_000_000_000 else { return nil }
            }
            mantissa = mantissa * 10 + UInt64(byte - 0x30)
        }
        return hasDigit ? Double(mantissa) / divisor : nil
    }
}
