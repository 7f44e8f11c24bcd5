package import NIOCore

extension MediaPlaylist {
    /// Appends the playlist as text, in the order of tags that the draft and Apple's examples use.
    ///
    /// Durations are written to the nearest 10 µs. Control characters and quotation marks are left out of addresses.
    /// A segment without an address must stand last, or its parts are read as the next segment's.
    package func write(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:")
        buffer.writeDigits(targetDuration)
        buffer.writeLineEnd()
        serverControl?.write(into: &buffer)
        if let partTarget {
            buffer.writeStaticString("#EXT-X-PART-INF:PART-TARGET=")
            buffer.writeSeconds(partTarget)
            buffer.writeLineEnd()
        }
        buffer.writeStaticString("#EXT-X-MEDIA-SEQUENCE:")
        buffer.writeDigits(mediaSequence)
        buffer.writeStaticString("\n#EXT-X-DISCONTINUITY-SEQUENCE:")
        buffer.writeDigits(discontinuitySequence)
        buffer.writeLineEnd()
        var map: String?
        for segment in segments {
            segment.write(into: &buffer, after: map)
            map = segment.map ?? map
        }
        if let hintedPart {
            buffer.writeStaticString("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=")
            buffer.writeQuoted(hintedPart)
            buffer.writeLineEnd()
        }
        for report in reports { report.write(into: &buffer) }
        if isEnded { buffer.writeStaticString("#EXT-X-ENDLIST\n") }
    }
}

extension MediaPlaylist.ServerControl {
    fileprivate func write(into buffer: inout ByteBuffer) {
        guard canBlockReload || partHoldBack != nil || holdBack != nil else { return }
        buffer.writeStaticString("#EXT-X-SERVER-CONTROL:")
        var isFirst = true
        func separate(_ buffer: inout ByteBuffer) {
            if !isFirst { buffer.writeInteger(UInt8(ascii: ",")) }
            isFirst = false
        }
        if canBlockReload {
            separate(&buffer)
            buffer.writeStaticString("CAN-BLOCK-RELOAD=YES")
        }
        if let partHoldBack {
            separate(&buffer)
            buffer.writeStaticString("PART-HOLD-BACK=")
            buffer.writeSeconds(partHoldBack)
        }
        if let holdBack {
            separate(&buffer)
            buffer.writeStaticString("HOLD-BACK=")
            buffer.writeSeconds(holdBack)
        }
        buffer.writeLineEnd()
    }
}

extension MediaPlaylist.Segment {
    fileprivate func write(into buffer: inout ByteBuffer, after previousMap: String?) {
        if isDiscontinuity { buffer.writeStaticString("#EXT-X-DISCONTINUITY\n") }
        for key in keys {
            buffer.writeStaticString("#EXT-X-KEY:METHOD=")
            buffer.writeString(key.method)
            if let uri = key.uri {
                buffer.writeStaticString(",URI=")
                buffer.writeQuoted(uri)
            }
            if let vector = key.vector {
                let digits = vector.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                buffer.writeString(",IV=0x" + digits)
            }
            buffer.writeLineEnd()
        }
        if let map, map != previousMap {
            buffer.writeStaticString("#EXT-X-MAP:URI=")
            buffer.writeQuoted(map)
            buffer.writeLineEnd()
        }
        if let programDateTime {
            buffer.writeStaticString("#EXT-X-PROGRAM-DATE-TIME:")
            buffer.writeDate(unixMilliseconds: programDateTime)
            buffer.writeLineEnd()
        }
        for part in parts {
            buffer.writeStaticString("#EXT-X-PART:DURATION=")
            buffer.writeSeconds(part.duration)
            buffer.writeStaticString(",URI=")
            buffer.writeQuoted(part.uri)
            if part.isIndependent { buffer.writeStaticString(",INDEPENDENT=YES") }
            if part.isGap { buffer.writeStaticString(",GAP=YES") }
            buffer.writeLineEnd()
        }
        if isGap { buffer.writeStaticString("#EXT-X-GAP\n") }
        guard let uri else { return }
        buffer.writeStaticString("#EXTINF:")
        buffer.writeSeconds(duration)
        buffer.writeStaticString(",\n")
        buffer.writeAddressLine(uri)
    }
}

extension MediaPlaylist.Report {
    fileprivate func write(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("#EXT-X-RENDITION-REPORT:URI=")
        buffer.writeQuoted(uri)
        buffer.writeStaticString(",LAST-MSN=")
        buffer.writeDigits(lastSequence)
        if let lastPart {
            buffer.writeStaticString(",LAST-PART=")
            buffer.writeDigits(lastPart)
        }
        buffer.writeLineEnd()
    }
}
