import Foundation
import NIOCore

/// A line of a playlist as it stands there; the first is number 1.
package struct PlaylistLine: Hashable, Sendable {
    package let number: Int
    package let text: String
}

/// A tag with its line: `#NAME:value`.
struct Tag: Hashable, Sendable {
    let line: PlaylistLine
    let name: String
    let value: String
    let attributes: Attributes

    init(_ line: PlaylistLine) {
        self.line = line
        let body = line.text.dropFirst()
        let colon = body.firstIndex(of: ":") ?? body.endIndex
        name = String(body[..<colon])
        value = colon < body.endIndex ? String(body[body.index(after: colon)...]) : ""
        attributes = Tag.withAttributes.contains(name) ? Attributes(value) : Attributes("")
    }

    /// The tags whose value is an attribute list.
    static let withAttributes: Set<String> = [
        "EXT-X-PART", "EXT-X-PART-INF", "EXT-X-SERVER-CONTROL", "EXT-X-MAP", "EXT-X-KEY", "EXT-X-DATERANGE",
        "EXT-X-SKIP", "EXT-X-PRELOAD-HINT", "EXT-X-RENDITION-REPORT", "EXT-X-MEDIA", "EXT-X-STREAM-INF",
        "EXT-X-I-FRAME-STREAM-INF", "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY", "EXT-X-CONTENT-STEERING",
        "EXT-X-START", "EXT-X-DEFINE",
    ]

    subscript(name: String) -> String? { attributes[name] }

    /// An attribute as a number; nil where it is absent, or none.
    func number(_ name: String) -> Double? { attributes[name].flatMap(Numeral.init)?.value }

    func whole(_ name: String) -> Int? {
        attributes[name].flatMap(Numeral.init).flatMap { Int(exactly: $0.value.rounded(.towardZero)) }
    }
}

/// A number at the start of a text, and whether it is one as the specification writes them (4.2).
struct Numeral {
    let value: Double
    /// Digits with at most one point and nothing after them.
    let isClean: Bool

    /// Nil where the text does not start with a digit; a sign is taken, and is not clean.
    init?(_ text: String) {
        let body = text.first == "-" ? text.dropFirst() : text[...]
        var points = 0
        let digits = body.prefix { character in
            if character == "." {
                points += 1
                return points == 1
            }
            return character.isASCII && character.isNumber
        }
        guard digits.contains(where: { $0 != "." }), let value = Double("0" + digits), value < 1e15 else {
            return nil
        }
        self.value = text.first == "-" ? -value : value
        isClean = text == digits
    }
}

/// A text read as a playlist, whatever it is: nothing is refused, everything keeps its line.
package struct PlaylistDocument: Sendable {
    enum Entry: Sendable {
        case tag(Tag)
        case address(PlaylistLine)
    }

    let url: String
    let entries: [Entry]
    /// The first line; nil in an empty text.
    let head: PlaylistLine?
    let isUTF8: Bool
    let hasByteOrderMark: Bool
    /// The first line with a control character in it.
    let control: PlaylistLine?
    /// Bytes of text.
    let size: Int

    /// More than that is not read.
    static let mostBytes = 8 << 20

    init(_ bytes: ByteBuffer, url: String) {
        self.url = url
        size = bytes.readableBytes
        let raw = bytes.readableBytesView.prefix(PlaylistDocument.mostBytes)
        isUTF8 = String(validating: raw, as: UTF8.self) != nil
        var text = String(decoding: raw, as: UTF8.self)[...]
        hasByteOrderMark = text.unicodeScalars.first == "\u{FEFF}"
        if hasByteOrderMark { text.unicodeScalars.removeFirst() }
        var entries: [Entry] = []
        var head: PlaylistLine?
        var control: PlaylistLine?
        var number = 0
        for piece in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            var piece = piece
            if piece.last == 0x0D { piece.removeLast() }
            let line = PlaylistLine(number: number, text: String(piece) ?? "")
            if head == nil { head = line }
            if control == nil, piece.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
                control = line
            }
            guard let first = piece.first(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
            if first != UInt8(ascii: "#") {
                entries.append(.address(line))
            } else if piece.starts(with: "#EXT".utf8) {
                entries.append(.tag(Tag(line)))
            }
        }
        self.entries = entries
        self.head = head
        self.control = control
    }

    var tags: [Tag] {
        entries.compactMap { if case .tag(let tag) = $0 { tag } else { nil } }
    }

    func tags(_ name: String) -> [Tag] { tags.filter { $0.name == name } }

    /// The tags that make a text a media playlist, or a multivariant one (4.1).
    var isMultivariant: Bool { tags.contains { TagTable.multivariantOnly.contains($0.name) } }
    var isMedia: Bool { tags.contains { TagTable.mediaOnly.contains($0.name) } }

    /// An address that stands in a playlist, as a whole one.
    static func resolve(_ uri: String, against base: String) -> String {
        guard let base = URL(string: base), let url = URL(string: uri, relativeTo: base) else { return uri }
        return url.absoluteString
    }
}

/// What the specification says of tags as such.
enum TagTable {
    static let multivariantOnly: Set<String> = [
        "EXT-X-MEDIA", "EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-SESSION-DATA",
        "EXT-X-SESSION-KEY", "EXT-X-CONTENT-STEERING",
    ]

    static let mediaOnly: Set<String> = [
        "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-ENDLIST",
        "EXT-X-PLAYLIST-TYPE", "EXT-X-I-FRAMES-ONLY", "EXT-X-PART-INF", "EXT-X-SERVER-CONTROL", "EXTINF",
        "EXT-X-BYTERANGE", "EXT-X-DISCONTINUITY", "EXT-X-KEY", "EXT-X-MAP", "EXT-X-PROGRAM-DATE-TIME",
        "EXT-X-GAP", "EXT-X-BITRATE", "EXT-X-PART", "EXT-X-DATERANGE", "EXT-X-SKIP", "EXT-X-PRELOAD-HINT",
        "EXT-X-RENDITION-REPORT",
    ]

    /// At most once in a playlist.
    static let single: Set<String> = [
        "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-ENDLIST",
        "EXT-X-PLAYLIST-TYPE", "EXT-X-I-FRAMES-ONLY", "EXT-X-PART-INF", "EXT-X-SERVER-CONTROL",
        "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START", "EXT-X-CONTENT-STEERING", "EXT-X-SKIP",
    ]

    static let required: [String: [String]] = [
        "EXT-X-PART": ["URI", "DURATION"], "EXT-X-PART-INF": ["PART-TARGET"], "EXT-X-MAP": ["URI"],
        "EXT-X-KEY": ["METHOD"], "EXT-X-DATERANGE": ["ID", "START-DATE"], "EXT-X-SKIP": ["SKIPPED-SEGMENTS"],
        "EXT-X-PRELOAD-HINT": ["TYPE", "URI"], "EXT-X-RENDITION-REPORT": ["URI"],
        "EXT-X-MEDIA": ["TYPE", "GROUP-ID", "NAME"], "EXT-X-STREAM-INF": ["BANDWIDTH"],
        "EXT-X-I-FRAME-STREAM-INF": ["BANDWIDTH", "URI"], "EXT-X-SESSION-DATA": ["DATA-ID"],
        "EXT-X-SESSION-KEY": ["METHOD"], "EXT-X-CONTENT-STEERING": ["SERVER-URI"],
        "EXT-X-START": ["TIME-OFFSET"],
    ]

    private static let yesNo: Set<String> = ["YES", "NO"]

    /// The words that an attribute may have, by tag and name.
    static let words: [String: [String: Set<String>]] = [
        "EXT-X-PART": ["INDEPENDENT": yesNo, "GAP": yesNo],
        "EXT-X-SERVER-CONTROL": ["CAN-BLOCK-RELOAD": yesNo, "CAN-SKIP-DATERANGES": yesNo],
        "EXT-X-KEY": ["METHOD": ["NONE", "AES-128", "SAMPLE-AES", "SAMPLE-AES-CTR"]],
        "EXT-X-PRELOAD-HINT": ["TYPE": ["PART", "MAP"]],
        "EXT-X-MEDIA": [
            "TYPE": ["AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"], "DEFAULT": yesNo, "AUTOSELECT": yesNo,
            "FORCED": yesNo,
        ],
        "EXT-X-STREAM-INF": ["VIDEO-RANGE": ["SDR", "HLG", "PQ"]],
        "EXT-X-I-FRAME-STREAM-INF": ["VIDEO-RANGE": ["SDR", "HLG", "PQ"]],
    ]

    /// The attributes that are numbers, by tag.
    static let numbers: [String: Set<String>] = [
        "EXT-X-PART": ["DURATION"], "EXT-X-PART-INF": ["PART-TARGET"],
        "EXT-X-SERVER-CONTROL": ["CAN-SKIP-UNTIL", "HOLD-BACK", "PART-HOLD-BACK"],
        "EXT-X-SKIP": ["SKIPPED-SEGMENTS"], "EXT-X-RENDITION-REPORT": ["LAST-MSN", "LAST-PART"],
        "EXT-X-STREAM-INF": ["BANDWIDTH", "AVERAGE-BANDWIDTH", "SCORE", "FRAME-RATE"],
        "EXT-X-I-FRAME-STREAM-INF": ["BANDWIDTH", "AVERAGE-BANDWIDTH", "SCORE"],
        "EXT-X-DATERANGE": ["DURATION", "PLANNED-DURATION"],
    ]

    /// Tags whose value is one number, up to a comma.
    static let numerals: Set<String> = [
        "EXTINF", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE",
        "EXT-X-VERSION", "EXT-X-BITRATE",
    ]
}
