import Media
package import NIOCore

extension MediaPlaylist {
    /// Reads a media playlist of at most 4 MiB, of lines of at most 64 KiB.
    ///
    /// Unknown tags and attributes are passed over. A segment's `map` is set where the init section changes. What
    /// stands after the last address becomes a segment without one: the segment that is still open.
    package init(parsing text: ByteBuffer) throws(PlaylistFault) {
        guard text.readableBytes <= PlaylistLines.longestText else {
            throw .tooLong(bytes: text.readableBytes)
        }
        try self.init(bytes: Array(text.readableBytesView))
    }

    /// As from a buffer.
    package init(parsing text: String) throws(PlaylistFault) {
        try self.init(bytes: Array(text.utf8))
    }

    private init(bytes: [UInt8]) throws(PlaylistFault) {
        var lines = try PlaylistLines(bytes)
        var reading = MediaPlaylistReading()
        while let line = try lines.next() {
            switch line {
            case .tag(let tag, let value): try reading.take(tag, value, line: lines.number)
            case .address(let uri): try reading.take(address: uri, line: lines.number)
            }
        }
        self = try reading.finish(line: lines.number)
    }
}

/// A media playlist that is being read, line by line.
private struct MediaPlaylistReading {
    private var playlist = MediaPlaylist(targetDuration: 0, mediaSequence: 0)
    private var hasTarget = false
    /// What is known of the segment whose address is still to come.
    private var open = MediaPlaylist.Segment(uri: nil)
    private var isOpenTouched = false
    private var openDuration: Double?
    private var carried = MediaPlaylist.Carried()

    mutating func take(
        _ tag: PlaylistLines.Tag, _ value: ArraySlice<UInt8>, line: Int
    ) throws(PlaylistFault) {
        switch tag {
        case .targetDuration:
            // Some servers write it with decimals, which old drafts allowed.
            guard let seconds = value.decimalNumber else { throw .malformed(tag: tag.rawValue, line: line) }
            playlist.targetDuration = Int(seconds.rounded())
            hasTarget = true
        case .mediaSequence: playlist.mediaSequence = try integer(tag, value, line)
        case .discontinuitySequence: playlist.discontinuitySequence = try integer(tag, value, line)
        case .playlistType:
            guard let kind = MediaPlaylist.Kind(rawValue: String(decoding: value.prefix(8), as: UTF8.self))
            else { throw .malformed(tag: tag.rawValue, line: line) }
            playlist.kind = kind
        case .iFramesOnly: playlist.isIFramesOnly = true
        case .independentSegments: playlist.hasIndependentSegments = true
        case .endList: playlist.isEnded = true
        case .discontinuity, .gap, .map, .key, .byteRange, .programDateTime, .part, .segment:
            try takeSegmentTag(tag, value, line: line)
        case .start, .serverControl, .partInformation, .skip, .preloadHint, .renditionReport, .dateRange:
            try take(AttributeList(value, of: tag, line: line), of: tag, line: line)
        case .media, .variant, .iFrameVariant, .sessionKey, .contentSteering:
            throw .wrongKind(tag: tag.rawValue, line: line)
        }
    }

    /// Tags that hold for the list.
    private mutating func take(
        _ list: AttributeList, of tag: PlaylistLines.Tag, line: Int
    ) throws(PlaylistFault) {
        switch tag {
        case .start: playlist.start = try StartPoint(list)
        case .serverControl:
            playlist.serverControl = MediaPlaylist.ServerControl(
                canBlockReload: list.flag("CAN-BLOCK-RELOAD"),
                canSkipUntil: try list.number("CAN-SKIP-UNTIL"),
                canSkipDateRanges: list.flag("CAN-SKIP-DATERANGES"), holdBack: try list.number("HOLD-BACK"),
                partHoldBack: try list.number("PART-HOLD-BACK"))
        case .partInformation: playlist.partTarget = try list.requiredNumber("PART-TARGET")
        case .skip:
            // What is skipped stands before everything else.
            guard playlist.segments.isEmpty, !isOpenTouched, let count = try list.count("SKIPPED-SEGMENTS")
            else { throw .malformed(tag: tag.rawValue, line: line) }
            playlist.skip = MediaPlaylist.Skip(
                segments: count, removedDateRanges: try list.texts("RECENTLY-REMOVED-DATERANGES"))
        case .preloadHint:
            switch try list.requiredText("TYPE") {
            case "PART": playlist.hintedPart = try list.requiredText("URI")
            case "MAP": playlist.hintedMap = try list.requiredText("URI")
            default: break
            }
        case .renditionReport:
            playlist.reports.append(
                MediaPlaylist.Report(
                    uri: try list.requiredText("URI"), lastSequence: try list.requiredInteger("LAST-MSN"),
                    lastPart: try list.count("LAST-PART")))
        default: playlist.dateRanges.append(try DateRange(list))
        }
    }

    private mutating func takeSegmentTag(
        _ tag: PlaylistLines.Tag, _ value: ArraySlice<UInt8>, line: Int
    ) throws(PlaylistFault) {
        isOpenTouched = true
        switch tag {
        case .discontinuity: open.isDiscontinuity = true
        case .gap: open.isGap = true
        case .map:
            let list = try AttributeList(value, of: tag, line: line)
            let (uri, range) = (try list.requiredText("URI"), try list.range("BYTERANGE"))
            let isSame = uri == carried.map && range == carried.mapRange
            (open.map, open.mapRange) = isSame ? (nil, nil) : (uri, range)
        case .key: open.keys.append(try Key(AttributeList(value, of: tag, line: line)))
        case .byteRange:
            guard let range = ByteRange(value) else { throw .malformed(tag: tag.rawValue, line: line) }
            open.byteRange = range
        case .programDateTime:
            guard let instant = CivilDate.unixMilliseconds(parsing: value) else {
                throw .malformed(tag: tag.rawValue, line: line)
            }
            open.programDateTime = instant
        case .part:
            let list = try AttributeList(value, of: tag, line: line)
            open.parts.append(
                MediaPlaylist.Part(
                    uri: try list.requiredText("URI"), duration: try list.requiredNumber("DURATION"),
                    isIndependent: list.flag("INDEPENDENT"), isGap: list.flag("GAP"),
                    byteRange: try list.range("BYTERANGE")))
        default:
            let end = value.firstIndex(of: UInt8(ascii: ",")) ?? value.endIndex
            guard let seconds = value[..<end].decimalNumber else {
                throw .malformed(tag: tag.rawValue, line: line)
            }
            openDuration = seconds
        }
    }

    mutating func take(address uri: String, line: Int) throws(PlaylistFault) {
        guard let duration = openDuration else { throw .strayAddress(line: line) }
        open.uri = uri
        open.duration = duration
        carried.pass(open)
        playlist.segments.append(open)
        open = MediaPlaylist.Segment(uri: nil)
        openDuration = nil
        isOpenTouched = false
    }

    mutating func finish(line: Int) throws(PlaylistFault) -> MediaPlaylist {
        guard hasTarget else { throw .missingTag(PlaylistLines.Tag.targetDuration.rawValue) }
        guard openDuration == nil else { throw .strayAddress(line: line) }
        // An init section named again says nothing new.
        if open != MediaPlaylist.Segment(uri: nil) { playlist.segments.append(open) }
        return playlist
    }

    private func integer(
        _ tag: PlaylistLines.Tag, _ value: ArraySlice<UInt8>, _ line: Int
    ) throws(PlaylistFault) -> UInt64 {
        guard let number = value.decimalInteger else { throw .malformed(tag: tag.rawValue, line: line) }
        return number
    }
}

extension StartPoint {
    init(_ list: AttributeList) throws(PlaylistFault) {
        guard let offset = try list.signedNumber("TIME-OFFSET") else { throw list.missing("TIME-OFFSET") }
        self.init(offset: offset, isPrecise: list.flag("PRECISE"))
    }
}

extension Key {
    init(_ list: AttributeList) throws(PlaylistFault) {
        self.init(
            method: try list.requiredText("METHOD"), uri: try list.text("URI"),
            vector: try list.vector("IV"), format: try list.text("KEYFORMAT"),
            formatVersions: try list.text("KEYFORMATVERSIONS"))
        if uri == nil, method != Key.clear.method { throw list.missing("URI") }
    }
}
