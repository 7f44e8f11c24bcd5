/// Rules of what variants promise, against what was measured.
enum TrackRules {
    static let all: [Rule] = [
        Rule(
            "codecs-true", .must, "4.4.6.2",
            "CODECS names the format of every track, and of none that is not there.",
            .presentation(codecs)),
        Rule(
            "resolution-true", .must, "4.4.6.2", "RESOLUTION is the picture's size.",
            .presentation(resolution)),
        Rule(
            "frame-rate-true", .should, "4.4.6.2", "FRAME-RATE is the greatest rate of pictures.",
            .presentation(frameRate)),
        Rule(
            "bandwidth-true", .must, "A 9", "No segment's bit rate is above 125 % of BANDWIDTH.",
            .presentation(bandwidth)),
        Rule(
            "average-true", .should, "A 9", "The average bit rate is at most 110 % of AVERAGE-BANDWIDTH.",
            .presentation(average)),
    ]

    /// A variant with what it plays: its own playlist, and one of each of its groups.
    private struct Offer {
        let variant: MultivariantDocument.Variant
        let playlist: MultivariantDocument
        let own: RenditionRecord
        /// Of the group's audio renditions the heaviest; nil where there is none but its own.
        let sound: RenditionRecord?
        /// Everything that is named can be looked at.
        let isWhole: Bool

        var tracks: [TrackHeader] {
            (own.inits.values.flatMap(\.tracks) + (sound?.inits.values.flatMap(\.tracks) ?? []))
        }

        func fault(_ message: String) -> Fault { playlist.fault(message, at: variant.tag.line) }
    }

    private static func offers(_ presentation: Presentation) -> [Offer] {
        guard let playlist = presentation.multivariant else { return [] }
        return playlist.variants.compactMap { variant in
            guard let own = presentation.rendition(variant.uri) else { return nil }
            let group = variant.tag["AUDIO"]
            let named = playlist.media.filter {
                group != nil && $0["TYPE"] == "AUDIO" && $0["GROUP-ID"] == group
            }
            let sounds = named.compactMap { $0["URI"] }.compactMap(presentation.rendition).filter {
                $0.url != own.url
            }
            let sound = sounds.max { weight($0) < weight($1) }
            let isWhole = own.inits.count > 0 && (sounds.isEmpty || sounds.allSatisfy { !$0.inits.isEmpty })
            return Offer(
                variant: variant, playlist: playlist, own: own, sound: sound,
                isWhole: isWhole && (group == nil || !named.isEmpty))
        }
    }

    private static func weight(_ record: RenditionRecord) -> Int {
        record.media.values.reduce(0) { $0 + $1.size }
    }

    private static func codecs(_ presentation: Presentation) -> [Fault]? {
        let judged = offers(presentation).filter { $0.isWhole && $0.variant.tag["CODECS"] != nil }
        guard !judged.isEmpty else { return nil }
        return judged.flatMap { offer -> [Fault] in
            let written = offer.variant.codecs
            let read = Set(offer.tracks.compactMap(\.codec))
            let isKnown = offer.tracks.allSatisfy { $0.codec != nil }
            var faults: [Fault] = []
            for codec in read.sorted()
            where !written.contains(where: { $0.lowercased() == codec.lowercased() }) {
                // A name that is no name is another rule's business.
                let family = codec.prefix(4).lowercased()
                let isMisspelt = written.contains {
                    $0.prefix(4).lowercased() == family && MediaCodec.isWellFormed($0) == false
                }
                if !isMisspelt { faults.append(offer.fault("a track is \(codec), CODECS does not name it")) }
            }
            let families = Set(read.map { $0.prefix(4).lowercased() })
            for codec in written where isKnown && !families.contains(codec.prefix(4).lowercased()) {
                if ["wvtt", "stpp"].contains(codec.prefix(4)) { continue }
                if MediaCodec.isWellFormed(codec) == true {
                    faults.append(offer.fault("no track is \(codec)"))
                }
            }
            return faults
        }
    }

    private static func resolution(_ presentation: Presentation) -> [Fault]? {
        var isJudged = false
        let faults = offers(presentation).compactMap { offer -> Fault? in
            guard let written = offer.variant.tag["RESOLUTION"],
                let track = offer.own.inits.values.flatMap(\.tracks).first(where: \.isVideo)
            else { return nil }
            isJudged = true
            let read = "\(track.width)x\(track.height)"
            return written == read ? nil : offer.fault("RESOLUTION is \(written), the pictures are \(read)")
        }
        return isJudged ? faults : nil
    }

    /// Pictures a second: from the shortest duration that most of them have.
    private static func rate(_ record: RenditionRecord) -> Double? {
        var count = 0
        var length = 0.0
        for media in record.media.values {
            guard let track = record.tracks(of: media).first(where: \.isVideo),
                let marks = media.fragments?.tracks[track.id], let start = marks.first?.time,
                let end = marks.end
            else { continue }
            count += marks.count
            length += Double(end - start) / Double(track.timescale)
        }
        return length > 0.5 ? Double(count) / length : nil
    }

    private static func frameRate(_ presentation: Presentation) -> [Fault]? {
        var isJudged = false
        let faults = offers(presentation).compactMap { offer -> Fault? in
            guard let written = offer.variant.tag.number("FRAME-RATE"), let measured = rate(offer.own) else {
                return nil
            }
            isJudged = true
            guard abs(measured - written) > 0.05 * written else { return nil }
            return offer.fault(
                "FRAME-RATE is \(Figure.decimal(written)), \(Figure.decimal(measured)) pictures come a second"
            )
        }
        return isJudged ? faults : nil
    }

    /// Bits and seconds of each segment, the group's sound counted in.
    private static func rates(_ offer: Offer) -> [(number: Int, bits: Double, seconds: Double)] {
        offer.own.media.values.compactMap { media in
            guard media.size > 0, let seconds = media.duration, seconds > 0.2 else { return nil }
            var bits = 8 * Double(media.size)
            if let sound = offer.sound {
                guard let twin = sound.media[media.number], twin.size > 0, let length = twin.duration,
                    length > 0.2
                else { return nil }
                bits += 8 * Double(twin.size) / length * seconds
            }
            return (media.number, bits, seconds)
        }
    }

    private static func bandwidth(_ presentation: Presentation) -> [Fault]? {
        var isJudged = false
        let faults = offers(presentation).compactMap { offer -> Fault? in
            guard let written = offer.variant.tag.number("BANDWIDTH") else { return nil }
            // Segments much shorter than others say nothing about a peak.
            let target = offer.own.last?.targetDuration ?? 1
            let measured = rates(offer).filter { $0.seconds >= 0.5 * target }.map {
                ($0.number, $0.bits / $0.seconds)
            }
            guard let peak = measured.max(by: { $0.1 < $1.1 }) else { return nil }
            isJudged = true
            guard peak.1 > 1.25 * written else { return nil }
            return offer.fault(
                "segment \(peak.0) has \(Figure.rate(peak.1)), BANDWIDTH is \(Figure.rate(written))")
        }
        return isJudged ? faults : nil
    }

    private static func average(_ presentation: Presentation) -> [Fault]? {
        var isJudged = false
        let faults = offers(presentation).compactMap { offer -> Fault? in
            guard let written = offer.variant.tag.number("AVERAGE-BANDWIDTH") else { return nil }
            let measured = rates(offer)
            let seconds = measured.reduce(0) { $0 + $1.seconds }
            // A few seconds are no average.
            guard measured.count >= 3, seconds > 0 else { return nil }
            isJudged = true
            let rate = measured.reduce(0) { $0 + $1.bits } / seconds
            guard rate > 1.1 * written else { return nil }
            return offer.fault(
                "\(Figure.rate(rate)) over \(Figure.seconds(seconds)), AVERAGE-BANDWIDTH is \(Figure.rate(written))"
            )
        }
        return isJudged ? faults : nil
    }
}
