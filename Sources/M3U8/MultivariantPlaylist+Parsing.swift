package import NIOCore

extension MultivariantPlaylist {
    /// Reads a multivariant playlist of at most 4 MiB, of lines of at most 64 KiB.
    ///
    /// Unknown tags and attributes are passed over, and so is every EXT-X-MEDIA that is not audio with an address of
    /// its own. `channels` is 0 where it is not said.
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
        self.init(audio: [], variants: [])
        var announced: Variant?
        while let line = try lines.next() {
            switch line {
            case .tag(.media, let value):
                let list = try AttributeList(value, of: .media, line: lines.number)
                if let rendition = try AudioRendition(list) { audio.append(rendition) }
            case .tag(.variant, let value):
                guard announced == nil else { throw .strayAddress(line: lines.number) }
                announced = try Variant(AttributeList(value, of: .variant, line: lines.number))
            case .tag(let tag, _):
                throw .wrongKind(tag: tag.rawValue, line: lines.number)
            case .address(let uri):
                guard var variant = announced else { throw .strayAddress(line: lines.number) }
                variant.uri = uri
                variants.append(variant)
                announced = nil
            }
        }
        guard announced == nil else { throw .strayAddress(line: lines.number) }
    }
}

extension MultivariantPlaylist.AudioRendition {
    fileprivate init?(_ list: AttributeList) throws(PlaylistFault) {
        guard try list.text("TYPE") == "AUDIO", let uri = try list.text("URI") else { return nil }
        // "2", or "16/JOC" with identifiers after the count.
        let channels = try list.text("CHANNELS").map { $0.utf8.prefix { $0 != UInt8(ascii: "/") } }
        self.init(
            group: try list.requiredText("GROUP-ID"), name: try list.requiredText("NAME"),
            language: try list.text("LANGUAGE"), isDefault: list.flag("DEFAULT"),
            channels: channels?.decimalInteger.flatMap(Int.init(exactly:)) ?? 0, uri: uri)
    }
}

extension MultivariantPlaylist.Variant {
    fileprivate init(_ list: AttributeList) throws(PlaylistFault) {
        let resolution = try list.resolution("RESOLUTION")
        guard let bandwidth = try list.count("BANDWIDTH") else {
            throw list.missing("BANDWIDTH")
        }
        self.init(
            bandwidth: bandwidth, averageBandwidth: try list.count("AVERAGE-BANDWIDTH"),
            codecs: try list.text("CODECS").map { $0.split(separator: ",").map(String.init) } ?? [],
            width: resolution?.width, height: resolution?.height, frameRate: try list.number("FRAME-RATE"),
            audioGroup: try list.text("AUDIO"), uri: "")
    }
}
