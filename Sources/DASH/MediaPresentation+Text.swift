import Media
package import NIOCore

extension MediaPresentation {
    /// The description as XML, `application/dash+xml`.
    ///
    /// No period carries a duration of its own: the next one's start and the whole's length say it, and simple players
    /// take a period with a duration for the longest.
    package func write(into buffer: inout ByteBuffer) {
        var xml = XMLWriter(buffer)
        let longest = XMLTime.duration(longestSegment)
        // The players' own floor of what must be there before they start: one segment.
        let attributes: KeyValuePairs<StaticString, String?>
        switch kind {
        case .live(let live):
            attributes = [
                "xmlns": MediaPresentation.namespace, "profiles": MediaPresentation.profiles,
                "type": "dynamic",
                "availabilityStartTime": XMLTime.date(unixMilliseconds: live.availabilityStart),
                "publishTime": XMLTime.date(unixMilliseconds: live.published),
                "minimumUpdatePeriod": XMLTime.duration(live.updatePeriod), "minBufferTime": longest,
                "timeShiftBufferDepth": XMLTime.duration(live.depth),
                "suggestedPresentationDelay": XMLTime.duration(live.suggestedDelay),
                "maxSegmentDuration": longest,
            ]
        case .ended(let duration):
            attributes = [
                "xmlns": MediaPresentation.namespace, "profiles": MediaPresentation.profiles,
                "type": "static",
                "mediaPresentationDuration": XMLTime.duration(duration), "minBufferTime": longest,
                "maxSegmentDuration": longest,
            ]
        }
        xml.element("MPD", attributes) { xml in
            for period in periods { period.write(into: &xml) }
            if case .live(let live) = kind {
                xml.element(
                    "UTCTiming",
                    ["schemeIdUri": "urn:mpeg:dash:utc:http-head:2014", "value": live.clock])
            }
        }
        buffer = xml.buffer
    }

    private static let namespace = "urn:mpeg:dash:schema:mpd:2011"
    private static let profiles = "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019"
}

extension MediaPresentation.Period {
    fileprivate func write(into xml: inout XMLWriter) {
        xml.element("Period", ["id": id, "start": XMLTime.duration(start)]) { xml in
            for (index, set) in sets.enumerated() { set.write(id: index, into: &xml) }
        }
    }
}

extension MediaPresentation.AdaptationSet {
    fileprivate func write(id: Int, into xml: inout XMLWriter) {
        // What all have in common is told once, for all of them.
        var shared: SegmentTemplate?
        if let first = representations.first?.segments,
            representations.allSatisfy({ $0.segments.isInStep(with: first) })
        {
            shared = first
        }
        let attributes: KeyValuePairs<StaticString, String?>
        switch content {
        case .video:
            attributes = [
                "id": String(id), "contentType": "video", "mimeType": "video/mp4",
                "segmentAlignment": "true", "startWithSAP": "1",
            ]
        case .audio(let language):
            attributes = [
                "id": String(id), "contentType": "audio", "mimeType": "audio/mp4", "lang": language,
                "segmentAlignment": "true", "startWithSAP": "1",
            ]
        }
        xml.element("AdaptationSet", attributes) { xml in
            xml.element("Role", ["schemeIdUri": "urn:mpeg:dash:role:2011", "value": "main"])
            shared?.write(isShared: true, into: &xml)
            for representation in representations {
                representation.write(sharing: shared != nil, into: &xml)
            }
        }
    }
}

extension MediaPresentation.Representation {
    fileprivate func write(sharing isShared: Bool, into xml: inout XMLWriter) {
        func content(_ xml: inout XMLWriter) {
            if case .audio(_, let channels) = shape {
                xml.element(
                    "AudioChannelConfiguration",
                    [
                        "schemeIdUri": "urn:mpeg:dash:23003:3:audio_channel_configuration:2011",
                        "value": String(channels),
                    ])
            }
            if isShared {
                xml.element("SegmentTemplate", ["initialization": segments.initialization])
            } else {
                segments.write(isShared: false, into: &xml)
            }
        }
        switch shape {
        case .video(let width, let height, let rate):
            let frameRate =
                rate.denominator == 1 ? "\(rate.numerator)" : "\(rate.numerator)/\(rate.denominator)"
            xml.element(
                "Representation",
                [
                    "id": id, "codecs": codecs, "bandwidth": String(bandwidth), "width": String(width),
                    "height": String(height), "frameRate": frameRate,
                ], content)
        case .audio(let sampleRate, _):
            xml.element(
                "Representation",
                [
                    "id": id, "codecs": codecs, "bandwidth": String(bandwidth),
                    "audioSamplingRate": String(sampleRate),
                ], content)
        }
    }
}

extension SegmentTemplate {
    /// Without the init section's name where it is `isShared`, since that is each representation's own.
    fileprivate func write(isShared: Bool, into xml: inout XMLWriter) {
        xml.element(
            "SegmentTemplate",
            [
                "timescale": String(timescale),
                "presentationTimeOffset": offset == 0 ? nil : String(offset),
                "startNumber": String(startNumber), "media": media,
                "initialization": isShared ? nil : initialization,
            ]
        ) { xml in
            xml.element("SegmentTimeline", [:]) { xml in
                var end: Int64?
                for run in timeline {
                    xml.element(
                        "S",
                        [
                            "t": run.time == end ? nil : String(run.time), "d": String(run.duration),
                            "r": run.count == 1 ? nil : String(run.count - 1),
                        ])
                    end = run.end
                }
            }
        }
    }
}
