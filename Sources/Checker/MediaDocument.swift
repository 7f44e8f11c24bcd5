/// A part as a playlist lists it.
struct ListedPart: Hashable, Sendable {
    let tag: Tag
    /// Where its bytes are; the range counts only with `uri`.
    let uri: String?
    let duration: Double?
    let range: ByteSpan?

    var isIndependent: Bool { tag["INDEPENDENT"] == "YES" }
    var isGap: Bool { tag["GAP"] == "YES" }
}

/// A stretch of a resource: `length@offset` with the offset known.
struct ByteSpan: Hashable, Sendable {
    let offset: Int
    let length: Int
}

/// A segment as a playlist lists it; the last may still have nothing but parts.
struct ListedSegment: Sendable {
    var number = 0
    var discontinuitySequence = 0
    var uri: String?
    /// Of the address; of the first of its tags where there is none yet.
    var line: PlaylistLine?
    var information: Tag?
    var duration: Double?
    var parts: [ListedPart] = []
    /// Written or counted on from the last one written; Unix seconds.
    var date: Double?
    var dateTag: Tag?
    var discontinuity: Tag?
    var isGap = false
    /// The init section in force.
    var map: Tag?
    /// It begins with this segment.
    var mapTag: Tag?
    var key: Tag?
    /// A key was in force where the init section was named: its bytes are encrypted too (4.4.4.5).
    var isMapEncrypted = false
    var rangeTag: Tag?
    var range: ByteSpan?
    /// All its tags, in order.
    var tags: [Tag] = []

    var isComplete: Bool { uri != nil }
    /// Seconds, from the parts where it is not complete.
    var length: Double { duration ?? parts.reduce(0) { $0 + ($1.duration ?? 0) } }
}

/// A media playlist, read without ever refusing it.
struct MediaDocument: Sendable {
    let text: PlaylistDocument
    private(set) var version: Tag?
    private(set) var targetTag: Tag?
    private(set) var targetDuration: Double?
    private(set) var partInformation: Tag?
    private(set) var control: Tag?
    private(set) var mediaSequence = 0
    private(set) var discontinuitySequence: Int?
    private(set) var playlistType: Tag?
    private(set) var isPicturesOnly = false
    private(set) var hasIndependentSegments = false
    private(set) var endTag: Tag?
    private(set) var skip: Tag?
    private(set) var hints: [Tag] = []
    private(set) var reports: [Tag] = []
    private(set) var dateRanges: [Tag] = []
    /// Complete ones, then perhaps the one that is still open.
    private(set) var segments: [ListedSegment] = []
    /// What stands where it may not: with why.
    private(set) var misplaced: [(line: PlaylistLine, why: String)] = []

    var url: String { text.url }
    var isEnded: Bool { endTag != nil || playlistType?.value == "VOD" }
    var partTarget: Double? { partInformation?.number("PART-TARGET") }
    var canBlock: Bool { control?["CAN-BLOCK-RELOAD"] == "YES" }
    var canSkipUntil: Double? { control?.number("CAN-SKIP-UNTIL") }
    var hasParts: Bool { segments.contains { !$0.parts.isEmpty } }
    var complete: ArraySlice<ListedSegment> {
        segments.last?.isComplete == false ? segments.dropLast() : segments[...]
    }
    var hintedPart: String? { hints.first { $0["TYPE"] == "PART" }?["URI"] }
    var skipped: Int { max(0, skip?.whole("SKIPPED-SEGMENTS") ?? 0) }
    /// Seconds of everything that is listed.
    var length: Double { segments.reduce(0) { $0 + $1.length } }
    /// The number of the next segment, and the index of the next part in it.
    var next: (number: Int, part: Int) {
        guard let last = segments.last else { return (mediaSequence + skipped, 0) }
        return last.isComplete ? (last.number + 1, 0) : (last.number, last.parts.count)
    }

    func segment(_ number: Int) -> ListedSegment? {
        guard let first = segments.first?.number, number >= first, number - first < segments.count else {
            return nil
        }
        return segments[number - first]
    }

    init(_ text: PlaylistDocument) {
        self.text = text
        // Header tags count wherever they stand: where they should is a rule of its own.
        for tag in text.tags { take(header: tag) }
        var open = ListedSegment()
        var inForce: (map: Tag?, key: Tag?, isMapEncrypted: Bool) = (nil, nil, false)
        var clock: Double?
        var ends: [String: Int] = [:]
        var discontinuities = discontinuitySequence ?? 0
        var number = mediaSequence + skipped
        if skip != nil { discontinuities = discontinuitySequence ?? 0 }

        func close(_ segment: ListedSegment) {
            var segment = segment
            segment.number = number
            if segment.discontinuity != nil {
                discontinuities += 1
                clock = nil
            }
            segment.discontinuitySequence = discontinuities
            if let tag = segment.dateTag { clock = PlaylistDate(tag.value)?.seconds }
            segment.date = clock
            clock = clock.map { $0 + segment.length }
            segment.map = inForce.map
            segment.key = inForce.key
            segment.isMapEncrypted = inForce.isMapEncrypted
            segments.append(segment)
            number += 1
        }

        for entry in text.entries {
            switch entry {
            case .address(let line):
                guard open.information != nil else {
                    misplaced.append((line, "an address without an EXTINF before it"))
                    continue
                }
                open.uri = line.text
                open.line = line
                if let tag = open.rangeTag { open.range = span(tag.value, of: line.text, &ends) }
                close(open)
                open = ListedSegment()
            case .tag(let tag):
                switch tag.name {
                case "EXTINF":
                    if let before = open.information {
                        misplaced.append((before.line, "an EXTINF without an address after it"))
                    }
                    open.information = tag
                    open.duration = Numeral(String(tag.value.prefix { $0 != "," }))?.value
                case "EXT-X-PART":
                    if open.information != nil {
                        misplaced.append((tag.line, "a part after its segment's EXTINF"))
                    }
                    let uri = tag["URI"]
                    let range = tag["BYTERANGE"].flatMap { text in uri.flatMap { span(text, of: $0, &ends) } }
                    open.parts.append(
                        ListedPart(tag: tag, uri: uri, duration: tag.number("DURATION"), range: range))
                case "EXT-X-MAP":
                    inForce.map = tag
                    inForce.isMapEncrypted = inForce.key?["METHOD"] == "AES-128"
                    open.mapTag = tag
                case "EXT-X-KEY": inForce.key = tag["METHOD"] == "NONE" ? nil : tag
                case "EXT-X-PROGRAM-DATE-TIME": open.dateTag = tag
                case "EXT-X-DISCONTINUITY": open.discontinuity = tag
                case "EXT-X-GAP": open.isGap = true
                case "EXT-X-BYTERANGE": open.rangeTag = tag
                default: continue
                }
                if open.line == nil { open.line = tag.line }
                open.tags.append(tag)
            }
        }
        if let information = open.information {
            misplaced.append((information.line, "an EXTINF without an address after it"))
        }
        if !open.parts.isEmpty { close(open) }
    }

    private mutating func take(header tag: Tag) {
        switch tag.name {
        case "EXT-X-VERSION": version = version ?? tag
        case "EXT-X-TARGETDURATION":
            guard targetTag == nil else { return }
            targetTag = tag
            targetDuration = Numeral(tag.value)?.value
        case "EXT-X-PART-INF": partInformation = partInformation ?? tag
        case "EXT-X-SERVER-CONTROL": control = control ?? tag
        case "EXT-X-MEDIA-SEQUENCE": mediaSequence = Numeral(tag.value).map { Int($0.value) } ?? 0
        case "EXT-X-DISCONTINUITY-SEQUENCE": discontinuitySequence = Numeral(tag.value).map { Int($0.value) }
        case "EXT-X-PLAYLIST-TYPE": playlistType = playlistType ?? tag
        case "EXT-X-I-FRAMES-ONLY": isPicturesOnly = true
        case "EXT-X-INDEPENDENT-SEGMENTS": hasIndependentSegments = true
        case "EXT-X-ENDLIST": endTag = tag
        case "EXT-X-SKIP": skip = skip ?? tag
        case "EXT-X-PRELOAD-HINT": hints.append(tag)
        case "EXT-X-RENDITION-REPORT": reports.append(tag)
        case "EXT-X-DATERANGE": dateRanges.append(tag)
        default: break
        }
    }

    /// `n[@o]`: without an offset it follows the resource's last range (4.4.4.2). Nil where it cannot be known.
    private func span(_ text: String, of uri: String, _ ends: inout [String: Int]) -> ByteSpan? {
        let fields = text.split(separator: "@", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(fields.count), let length = fields[0], length > 0 else { return nil }
        guard let offset = fields.count == 2 ? fields[1] : ends[uri], offset >= 0,
            offset < Int.max - length
        else { return nil }
        ends[uri] = offset + length
        return ByteSpan(offset: offset, length: length)
    }
}
