package import NIOCore

extension MediaPlaylist {
    /// Appends the playlist as text, in the order of tags that the draft and Apple's examples use.
    ///
    /// Durations are written to the nearest 10 µs. Control characters and quotation marks are left out of addresses.
    /// A segment without an address must stand last, or its parts are read as the next segment's.
    package func write(into buffer: inout ByteBuffer) {
        writeHead(version: version, into: &buffer)
        var carried = Carried()
        for segment in segments {
            segment.writeOpening(into: &buffer, after: carried)
            segment.writeBody(into: &buffer)
            carried.pass(segment)
        }
        writeFoot(into: &buffer)
    }

    /// Appends what stands above the segments, EXT-X-SKIP included.
    ///
    /// DISCONTINUITY-SEQUENCE comes before SKIP: players count from it while they read.
    package func writeHead(version: Int, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("#EXTM3U\n#EXT-X-VERSION:")
        buffer.writeDigits(version)
        buffer.writeStaticString("\n#EXT-X-TARGETDURATION:")
        buffer.writeDigits(targetDuration)
        buffer.writeLineEnd()
        if let kind {
            buffer.writeStaticString("#EXT-X-PLAYLIST-TYPE:")
            buffer.writePlain(kind.rawValue)
            buffer.writeLineEnd()
        }
        if isIFramesOnly { buffer.writeStaticString("#EXT-X-I-FRAMES-ONLY\n") }
        if hasIndependentSegments { buffer.writeStaticString("#EXT-X-INDEPENDENT-SEGMENTS\n") }
        start?.write(into: &buffer)
        serverControl?.write(into: &buffer)
        if let partTarget {
            AttributeLine.write("EXT-X-PART-INF", into: &buffer) { $0.seconds("PART-TARGET", partTarget) }
        }
        buffer.writeStaticString("#EXT-X-MEDIA-SEQUENCE:")
        buffer.writeDigits(mediaSequence)
        buffer.writeStaticString("\n#EXT-X-DISCONTINUITY-SEQUENCE:")
        buffer.writeDigits(discontinuitySequence)
        buffer.writeLineEnd()
        if let skip {
            AttributeLine.write("EXT-X-SKIP", into: &buffer) { line in
                line.whole("SKIPPED-SEGMENTS", skip.segments)
                line.list("RECENTLY-REMOVED-DATERANGES", skip.removedDateRanges)
            }
        }
    }

    /// Appends what stands below the segments.
    package func writeFoot(into buffer: inout ByteBuffer) {
        for range in dateRanges {
            AttributeLine.write("EXT-X-DATERANGE", into: &buffer) { range.write(into: &$0) }
        }
        for (kind, uri) in [("MAP", hintedMap), ("PART", hintedPart)] {
            guard let uri else { continue }
            AttributeLine.write("EXT-X-PRELOAD-HINT", into: &buffer) { line in
                line.word("TYPE", kind)
                line.quoted("URI", uri)
            }
        }
        for report in reports { report.write(into: &buffer) }
        if isEnded { buffer.writeStaticString("#EXT-X-ENDLIST\n") }
    }
}

extension StartPoint {
    func write(into buffer: inout ByteBuffer) {
        AttributeLine.write("EXT-X-START", into: &buffer) { line in
            line.signedSeconds("TIME-OFFSET", offset)
            line.flag("PRECISE", isPrecise)
        }
    }
}

extension Key {
    func write(_ tag: StaticString, into buffer: inout ByteBuffer) {
        AttributeLine.write(tag, into: &buffer) { line in
            line.word("METHOD", method)
            line.quoted("URI", uri)
            line.hexadecimal("IV", vector)
            line.quoted("KEYFORMAT", format)
            line.quoted("KEYFORMATVERSIONS", formatVersions)
        }
    }
}

extension MediaPlaylist.ServerControl {
    fileprivate func write(into buffer: inout ByteBuffer) {
        guard canBlockReload || canSkipUntil != nil || partHoldBack != nil || holdBack != nil else { return }
        AttributeLine.write("EXT-X-SERVER-CONTROL", into: &buffer) { line in
            line.flag("CAN-BLOCK-RELOAD", canBlockReload)
            line.seconds("CAN-SKIP-UNTIL", canSkipUntil)
            line.flag("CAN-SKIP-DATERANGES", canSkipDateRanges && canSkipUntil != nil)
            line.seconds("PART-HOLD-BACK", partHoldBack)
            line.seconds("HOLD-BACK", holdBack)
        }
    }
}

extension MediaPlaylist.Segment {
    /// Appends the tags that depend on the segments before: DISCONTINUITY, KEY, and MAP where it changes.
    package func writeOpening(into buffer: inout ByteBuffer, after carried: MediaPlaylist.Carried) {
        if isDiscontinuity { buffer.writeStaticString("#EXT-X-DISCONTINUITY\n") }
        for key in keys { key.write("EXT-X-KEY", into: &buffer) }
        if let map, map != carried.map || mapRange != carried.mapRange {
            AttributeLine.write("EXT-X-MAP", into: &buffer) { line in
                line.quoted("URI", map)
                line.range("BYTERANGE", mapRange)
            }
        }
    }

    /// Appends everything else: the date, the parts, and the segment itself where it has an address.
    package func writeBody(into buffer: inout ByteBuffer) {
        if let programDateTime {
            buffer.writeStaticString("#EXT-X-PROGRAM-DATE-TIME:")
            buffer.writeDate(unixMilliseconds: programDateTime)
            buffer.writeLineEnd()
        }
        for part in parts { part.write(into: &buffer) }
        if isGap { buffer.writeStaticString("#EXT-X-GAP\n") }
        guard let uri else { return }
        buffer.writeStaticString("#EXTINF:")
        buffer.writeSeconds(duration)
        buffer.writeStaticString(",\n")
        if let byteRange {
            buffer.writeStaticString("#EXT-X-BYTERANGE:")
            buffer.writeRange(byteRange)
            buffer.writeLineEnd()
        }
        buffer.writeAddressLine(uri)
    }
}

extension MediaPlaylist.Part {
    fileprivate func write(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("#EXT-X-PART:DURATION=")
        buffer.writeSeconds(duration)
        buffer.writeStaticString(",URI=")
        buffer.writeQuoted(uri)
        if let byteRange {
            buffer.writeStaticString(",BYTERANGE=\"")
            buffer.writeRange(byteRange)
            buffer.writeStaticString("\"")
        }
        if isIndependent { buffer.writeStaticString(",INDEPENDENT=YES") }
        if isGap { buffer.writeStaticString(",GAP=YES") }
        buffer.writeLineEnd()
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
