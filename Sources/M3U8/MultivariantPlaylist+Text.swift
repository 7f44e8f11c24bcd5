package import NIOCore

extension MultivariantPlaylist {
    /// Appends the playlist as text. Control characters and quotation marks are left out of names and addresses.
    ///
    /// No tag in it needs a protocol version; 4 is what the draft advises beside EXT-X-MEDIA (section 8).
    package func write(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("#EXTM3U\n#EXT-X-VERSION:4\n")
        if hasIndependentSegments { buffer.writeStaticString("#EXT-X-INDEPENDENT-SEGMENTS\n") }
        start?.write(into: &buffer)
        if let steering {
            AttributeLine.write("EXT-X-CONTENT-STEERING", into: &buffer) { line in
                line.quoted("SERVER-URI", steering.uri)
                line.quoted("PATHWAY-ID", steering.pathway)
            }
        }
        for key in sessionKeys { key.write("EXT-X-SESSION-KEY", into: &buffer) }
        for rendition in audio {
            AttributeLine.write("EXT-X-MEDIA", into: &buffer) { rendition.write(into: &$0) }
        }
        for rendition in subtitles {
            AttributeLine.write("EXT-X-MEDIA", into: &buffer) { rendition.write(into: &$0) }
        }
        for variant in variants {
            AttributeLine.write("EXT-X-STREAM-INF", into: &buffer) { variant.write(into: &$0) }
            buffer.writeAddressLine(variant.uri)
        }
        for variant in iFrameVariants {
            AttributeLine.write("EXT-X-I-FRAME-STREAM-INF", into: &buffer) { variant.write(into: &$0) }
        }
    }
}

extension MultivariantPlaylist.AudioRendition {
    fileprivate func write(into line: inout AttributeLine) {
        line.word("TYPE", "AUDIO")
        line.quoted("GROUP-ID", group)
        line.quoted("NAME", name)
        line.quoted("LANGUAGE", language)
        line.word("DEFAULT", isDefault ? "YES" : "NO")
        line.word("AUTOSELECT", "YES")
        line.quoted("CHANNELS", channels > 0 ? "\(channels)" : nil)
        line.quoted("STABLE-RENDITION-ID", stableID)
        line.quoted("URI", uri)
    }
}

extension MultivariantPlaylist.SubtitleRendition {
    fileprivate func write(into line: inout AttributeLine) {
        line.word("TYPE", "SUBTITLES")
        line.quoted("GROUP-ID", group)
        line.quoted("NAME", name)
        line.quoted("LANGUAGE", language)
        line.word("DEFAULT", isDefault ? "YES" : "NO")
        line.word("AUTOSELECT", isDefault || isAutomatic ? "YES" : "NO")
        line.flag("FORCED", isForced)
        line.quoted("CHARACTERISTICS", characteristics.isEmpty ? nil : characteristics.joined(separator: ","))
        line.quoted("STABLE-RENDITION-ID", stableID)
        line.quoted("URI", uri)
    }
}

extension MultivariantPlaylist.Variant {
    fileprivate func write(into line: inout AttributeLine) {
        line.whole("BANDWIDTH", bandwidth)
        line.whole("AVERAGE-BANDWIDTH", averageBandwidth)
        line.thousandths("SCORE", score)
        line.quoted("CODECS", codecs.isEmpty ? nil : codecs.joined(separator: ","))
        line.size("RESOLUTION", width: width, height: height)
        line.thousandths("FRAME-RATE", frameRate)
        line.word("VIDEO-RANGE", videoRange?.rawValue)
        line.quoted("STABLE-VARIANT-ID", stableID)
        line.quoted("AUDIO", audioGroup)
        line.quoted("SUBTITLES", subtitleGroup)
        switch closedCaptions {
        case .notSaid: break
        case .absent: line.word("CLOSED-CAPTIONS", "NONE")
        case .group(let group): line.quoted("CLOSED-CAPTIONS", group)
        }
        line.quoted("PATHWAY-ID", pathway)
    }
}

extension MultivariantPlaylist.IFrameVariant {
    fileprivate func write(into line: inout AttributeLine) {
        line.whole("BANDWIDTH", bandwidth)
        line.whole("AVERAGE-BANDWIDTH", averageBandwidth)
        line.quoted("CODECS", codecs.isEmpty ? nil : codecs.joined(separator: ","))
        line.size("RESOLUTION", width: width, height: height)
        line.word("VIDEO-RANGE", videoRange?.rawValue)
        line.quoted("STABLE-VARIANT-ID", stableID)
        line.quoted("PATHWAY-ID", pathway)
        line.quoted("URI", uri)
    }
}
