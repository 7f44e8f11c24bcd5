package import NIOCore

extension MultivariantPlaylist {
    /// Reads a multivariant playlist of at most 4 MiB, of lines of at most 64 KiB.
    ///
    /// Unknown tags and attributes are passed over, and so is every EXT-X-MEDIA that is neither subtitles nor audio
    /// with an address of its own. `channels` is 0 where it is not said.
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
        self.init(hasIndependentSegments: false, audio: [], variants: [])
        var announced: Variant?
        while let line = try lines.next() {
            switch line {
            case .tag(.variant, let value):
                guard announced == nil else { throw .strayAddress(line: lines.number) }
                announced = try Variant(AttributeList(value, of: .variant, line: lines.number))
            case .tag(.independentSegments, _): hasIndependentSegments = true
            case .tag(let tag, let value):
                guard tag.isMultivariant || tag == .start else {
                    throw .wrongKind(tag: tag.rawValue, line: lines.number)
                }
                try take(AttributeList(value, of: tag, line: lines.number), of: tag)
            case .address(let uri):
                guard var variant = announced else { throw .strayAddress(line: lines.number) }
                variant.uri = uri
                variants.append(variant)
                announced = nil
            }
        }
        guard announced == nil else { throw .strayAddress(line: lines.number) }
    }

    private mutating func take(_ list: AttributeList, of tag: PlaylistLines.Tag) throws(PlaylistFault) {
        switch tag {
        case .start: start = try StartPoint(list)
        case .sessionKey: sessionKeys.append(try Key(list))
        case .contentSteering:
            steering = Steering(
                uri: try list.requiredText("SERVER-URI"), pathway: try list.text("PATHWAY-ID"))
        case .iFrameVariant: iFrameVariants.append(try IFrameVariant(list))
        default:
            switch try list.requiredText("TYPE") {
            case "AUDIO": if let rendition = try AudioRendition(list) { audio.append(rendition) }
            case "SUBTITLES": subtitles.append(try SubtitleRendition(list))
            default: break
            }
        }
    }
}

extension MultivariantPlaylist.AudioRendition {
    /// Nil where its sound lies in the variant's own segments.
    fileprivate init?(_ list: AttributeList) throws(PlaylistFault) {
        guard let uri = try list.text("URI") else { return nil }
        // "2", or "16/JOC" with identifiers after the count.
        let channels = try list.text("CHANNELS").map { $0.utf8.prefix { $0 != UInt8(ascii: "/") } }
        self.init(
            group: try list.requiredText("GROUP-ID"), name: try list.requiredText("NAME"),
            language: try list.text("LANGUAGE"), isDefault: list.flag("DEFAULT"),
            channels: channels?.decimalInteger.flatMap(Int.init(exactly:)) ?? 0,
            stableID: try list.text("STABLE-RENDITION-ID"), uri: uri)
    }
}

extension MultivariantPlaylist.SubtitleRendition {
    fileprivate init(_ list: AttributeList) throws(PlaylistFault) {
        self.init(
            group: try list.requiredText("GROUP-ID"), name: try list.requiredText("NAME"),
            language: try list.text("LANGUAGE"), isDefault: list.flag("DEFAULT"),
            isAutomatic: list.flag("AUTOSELECT"), isForced: list.flag("FORCED"),
            characteristics: try list.names("CHARACTERISTICS"),
            stableID: try list.text("STABLE-RENDITION-ID"), uri: try list.requiredText("URI"))
    }
}

extension MultivariantPlaylist.Variant {
    fileprivate init(_ list: AttributeList) throws(PlaylistFault) {
        let resolution = try list.resolution("RESOLUTION")
        guard let bandwidth = try list.count("BANDWIDTH") else {
            throw list.missing("BANDWIDTH")
        }
        var captions = MultivariantPlaylist.ClosedCaptions.notSaid
        if let said = try list.text("CLOSED-CAPTIONS") {
            captions = list.isQuoted("CLOSED-CAPTIONS") ? .group(said) : .absent
        }
        self.init(
            bandwidth: bandwidth, averageBandwidth: try list.count("AVERAGE-BANDWIDTH"),
            codecs: try list.names("CODECS"), width: resolution?.width, height: resolution?.height,
            frameRate: try list.number("FRAME-RATE"), videoRange: try list.videoRange,
            audioGroup: try list.text("AUDIO"), subtitleGroup: try list.text("SUBTITLES"),
            closedCaptions: captions, score: try list.number("SCORE"),
            stableID: try list.text("STABLE-VARIANT-ID"), pathway: try list.text("PATHWAY-ID"), uri: "")
    }
}

extension MultivariantPlaylist.IFrameVariant {
    fileprivate init(_ list: AttributeList) throws(PlaylistFault) {
        let resolution = try list.resolution("RESOLUTION")
        guard let bandwidth = try list.count("BANDWIDTH") else {
            throw list.missing("BANDWIDTH")
        }
        self.init(
            bandwidth: bandwidth, averageBandwidth: try list.count("AVERAGE-BANDWIDTH"),
            codecs: try list.names("CODECS"), width: resolution?.width, height: resolution?.height,
            videoRange: try list.videoRange, stableID: try list.text("STABLE-VARIANT-ID"),
            pathway: try list.text("PATHWAY-ID"), uri: try list.requiredText("URI"))
    }
}

extension AttributeList {
    /// What is between commas, in a quoted text.
    fileprivate func names(_ name: String) throws(PlaylistFault) -> [String] {
        try text(name).map { $0.split(separator: ",").map(String.init) } ?? []
    }

    /// Nil where it is not said, or is a value of a later version.
    fileprivate var videoRange: MultivariantPlaylist.VideoRange? {
        get throws(PlaylistFault) {
            try text("VIDEO-RANGE").flatMap(MultivariantPlaylist.VideoRange.init(rawValue:))
        }
    }
}
