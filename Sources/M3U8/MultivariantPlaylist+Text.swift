package import NIOCore

extension MultivariantPlaylist {
    /// Appends the playlist as text. Control characters and quotation marks are left out of names and addresses.
    package func write(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n")
        for rendition in audio { rendition.write(into: &buffer) }
        for variant in variants { variant.write(into: &buffer) }
    }
}

extension MultivariantPlaylist.AudioRendition {
    fileprivate func write(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=")
        buffer.writeQuoted(group)
        buffer.writeStaticString(",NAME=")
        buffer.writeQuoted(name)
        if let language {
            buffer.writeStaticString(",LANGUAGE=")
            buffer.writeQuoted(language)
        }
        buffer.writeStaticString(isDefault ? ",DEFAULT=YES,AUTOSELECT=YES" : ",DEFAULT=NO,AUTOSELECT=YES")
        if channels > 0 {
            buffer.writeStaticString(",CHANNELS=\"")
            buffer.writeDigits(channels)
            buffer.writeStaticString("\"")
        }
        buffer.writeStaticString(",URI=")
        buffer.writeQuoted(uri)
        buffer.writeLineEnd()
    }
}

extension MultivariantPlaylist.Variant {
    fileprivate func write(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("#EXT-X-STREAM-INF:BANDWIDTH=")
        buffer.writeDigits(bandwidth)
        if let averageBandwidth {
            buffer.writeStaticString(",AVERAGE-BANDWIDTH=")
            buffer.writeDigits(averageBandwidth)
        }
        if !codecs.isEmpty {
            buffer.writeStaticString(",CODECS=")
            buffer.writeQuoted(codecs.joined(separator: ","))
        }
        if let width, let height {
            buffer.writeStaticString(",RESOLUTION=")
            buffer.writeDigits(width)
            buffer.writeStaticString("x")
            buffer.writeDigits(height)
        }
        if let frameRate {
            buffer.writeStaticString(",FRAME-RATE=")
            buffer.writeThousandths(frameRate)
        }
        if let audioGroup {
            buffer.writeStaticString(",AUDIO=")
            buffer.writeQuoted(audioGroup)
        }
        buffer.writeStaticString(",CLOSED-CAPTIONS=NONE\n")
        buffer.writeAddressLine(uri)
    }
}
