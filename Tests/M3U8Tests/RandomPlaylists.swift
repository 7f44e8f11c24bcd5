import M3U8

extension MediaPlaylist {
    /// A playlist as some server might make it; every field that may be absent sometimes is.
    static func random(_ chance: Chance) -> MediaPlaylist {
        var carried = Carried()
        var segments = (0..<chance.number(0...12)).map { _ -> Segment in
            let segment = Segment.random(chance, isOpen: false, after: carried)
            carried.pass(segment)
            return segment
        }
        if chance.yes() { segments.append(.random(chance, isOpen: true, after: carried)) }
        let control = ServerControl(
            canBlockReload: chance.yes(), canSkipUntil: chance.maybe(chance.seconds()),
            holdBack: chance.maybe(chance.seconds()), partHoldBack: chance.maybe(chance.seconds()))
        let saysSomething =
            control.canBlockReload || control.canSkipUntil != nil || control.holdBack != nil
            || control.partHoldBack != nil
        var playlist = MediaPlaylist(
            targetDuration: chance.number(0...60), partTarget: chance.maybe(chance.seconds()),
            serverControl: saysSomething ? control : nil,
            mediaSequence: chance.next() >> UInt64(chance.number(0...63)),
            discontinuitySequence: chance.next() >> UInt64(chance.number(0...63)),
            kind: chance.yes(6) ? .video : chance.yes(6) ? .event : nil, isIFramesOnly: chance.yes(5),
            hasIndependentSegments: chance.yes(5),
            start: chance.yes(5) ? .init(offset: -chance.seconds(), isPrecise: chance.yes()) : nil,
            skip: chance.yes(5) ? .random(chance) : nil, segments: segments,
            dateRanges: (0..<chance.number(0...3)).map { _ in .random(chance) },
            hintedPart: chance.maybe(chance.name(".m4s")), hintedMap: chance.yes(5) ? "i.mp4" : nil,
            reports: (0..<chance.number(0...5)).map { _ in
                Report(
                    uri: chance.name("/index.m3u8"), lastSequence: chance.next(),
                    lastPart: chance.maybe(chance.number(0...40)))
            }, isEnded: chance.yes(4))
        if playlist.serverControl?.canSkipUntil != nil {
            playlist.serverControl?.canSkipDateRanges = chance.yes()
        }
        return playlist
    }
}

extension MediaPlaylist.Segment {
    static func random(
        _ chance: Chance, isOpen: Bool, after carried: MediaPlaylist.Carried
    ) -> MediaPlaylist.Segment {
        var segment = MediaPlaylist.Segment(
            uri: isOpen ? nil : chance.name(".m4s"), duration: isOpen ? 0 : chance.seconds(),
            isDiscontinuity: chance.yes(4), isGap: chance.yes(5),
            keys: (0..<(chance.yes(4) ? chance.number(1...2) : 0)).map { _ in .random(chance) },
            programDateTime: chance.maybe(Int64(chance.number(-9_000_000_000_000...90_000_000_000_000))),
            parts: (0..<chance.number(isOpen ? 1...5 : 0...5)).map { _ in
                .init(
                    uri: chance.name(".m4s"), duration: chance.seconds(), isIndependent: chance.yes(),
                    isGap: chance.yes(4), byteRange: chance.yes(5) ? .random(chance) : nil)
            }, byteRange: !isOpen && chance.yes(5) ? .random(chance) : nil)
        if chance.yes(3) {
            let map = chance.name("\(chance.number(0...99)).mp4")
            let range = chance.yes(4) ? ByteRange.random(chance) : nil
            if map != carried.map || range != carried.mapRange {
                (segment.map, segment.mapRange) = (map, range)
            }
        }
        return segment
    }
}

extension MediaPlaylist.Skip {
    static func random(_ chance: Chance) -> MediaPlaylist.Skip {
        .init(
            segments: chance.number(0...4000),
            removedDateRanges: chance.yes()
                ? (0..<chance.number(0...3)).map { _ in chance.name("id") } : nil)
    }
}

extension ByteRange {
    static func random(_ chance: Chance) -> ByteRange {
        .init(
            length: chance.next() >> UInt64(chance.number(0...63)),
            offset: chance.maybe(chance.next() >> UInt64(chance.number(0...63))))
    }
}

extension Key {
    static func random(_ chance: Chance) -> Key {
        if chance.yes(4) { return .clear }
        return Key(
            method: ["AES-128", "SAMPLE-AES", "SAMPLE-AES-CTR"][chance.number(0...2)],
            uri: chance.name("key"),
            vector: chance.maybe((0..<16).map { _ in UInt8(chance.number(0...255)) }),
            format: chance.yes(4) ? chance.name("f") : nil, formatVersions: chance.yes(8) ? "1/2" : nil)
    }
}

extension DateRange {
    static func random(_ chance: Chance) -> DateRange {
        func instant() -> Int64 { Int64(chance.number(0...4_000_000_000_000)) }
        func value() -> Attribute.Value {
            switch chance.number(0...2) {
            case 0: .text(chance.name("t"))
            case 1: .number(chance.seconds())
            default: .bytes((0..<chance.number(1...20)).map { _ in UInt8(chance.number(0...255)) })
            }
        }
        return DateRange(
            id: chance.name("id"), kind: chance.maybe(chance.name("com.example")), start: instant(),
            end: chance.maybe(instant()), duration: chance.maybe(chance.seconds()),
            plannedDuration: chance.maybe(chance.seconds()), cue: chance.maybe("ONCE,PRE"),
            endsOnNext: chance.yes(),
            attributes: (0..<chance.number(0...3)).map { .init("X-COM-EXAMPLE-\($0)", value()) })
    }
}

extension MultivariantPlaylist {
    static func random(_ chance: Chance) -> MultivariantPlaylist {
        func size() -> (Int?, Int?) {
            chance.yes() ? (chance.number(0...8000), chance.number(0...8000)) : (nil, nil)
        }
        func range() -> VideoRange? { chance.maybe([.standard, .hybrid, .perceptual][chance.number(0...2)]) }
        func codecs() -> [String] { (0..<chance.number(0...3)).map { _ in "avc1.\(chance.number(0...999))" } }
        func variant() -> Variant {
            let (width, height) = size()
            return Variant(
                bandwidth: chance.number(0...100_000_000),
                averageBandwidth: chance.maybe(chance.number(0...90_000_000)), codecs: codecs(), width: width,
                height: height, frameRate: chance.maybe(Double(chance.number(1...120_000)) / 1000),
                videoRange: range(), audioGroup: chance.maybe(chance.name("g")),
                subtitleGroup: chance.maybe(chance.name("g")),
                closedCaptions: [.notSaid, .absent, .group(chance.name("c"))][chance.number(0...2)],
                score: chance.maybe(Double(chance.number(0...9000)) / 1000),
                stableID: chance.maybe(chance.name("i")), pathway: chance.maybe(chance.name("p")),
                uri: chance.name("/index.m3u8"))
        }
        func pictures() -> IFrameVariant {
            let (width, height) = size()
            return IFrameVariant(
                bandwidth: chance.number(0...100_000_000),
                averageBandwidth: chance.maybe(chance.number(0...90_000_000)), codecs: codecs(), width: width,
                height: height, videoRange: range(), stableID: chance.maybe(chance.name("i")),
                pathway: chance.maybe(chance.name("p")), uri: chance.name("/iframes.m3u8"))
        }
        func sound() -> AudioRendition {
            AudioRendition(
                group: chance.name("g"), name: chance.name("n"), language: chance.maybe(chance.name("l")),
                isDefault: chance.yes(), channels: chance.number(0...8),
                stableID: chance.maybe(chance.name("i")), uri: chance.name("/index.m3u8"))
        }
        func words() -> SubtitleRendition {
            let isDefault = chance.yes()
            return SubtitleRendition(
                group: chance.name("g"), name: chance.name("n"), language: chance.maybe(chance.name("l")),
                isDefault: isDefault, isAutomatic: isDefault || chance.yes(), isForced: chance.yes(4),
                characteristics: chance.yes(3) ? ["public.machine-generated", "public.easy-to-read"] : [],
                stableID: chance.maybe(chance.name("i")), uri: chance.name("/index.m3u8"))
        }
        return MultivariantPlaylist(
            hasIndependentSegments: chance.yes(),
            start: chance.yes(5) ? .init(offset: -chance.seconds(), isPrecise: chance.yes()) : nil,
            steering: chance.yes(4)
                ? .init(uri: chance.name("s.json"), pathway: chance.maybe(chance.name("p"))) : nil,
            sessionKeys: (0..<(chance.yes(5) ? 1 : 0)).map { _ in .random(chance) },
            audio: (0..<chance.number(0...3)).map { _ in sound() },
            subtitles: (0..<chance.number(0...3)).map { _ in words() },
            variants: (0..<chance.number(0...6)).map { _ in variant() },
            iFrameVariants: (0..<chance.number(0...3)).map { _ in pictures() })
    }
}
