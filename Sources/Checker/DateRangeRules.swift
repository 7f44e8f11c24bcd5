/// Rules of EXT-X-DATERANGE.
enum DateRangeRules {
    static let all: [Rule] = [
        Rule(
            "daterange-date", .must, "4.4.5.1",
            "A playlist with EXT-X-DATERANGE has EXT-X-PROGRAM-DATE-TIME.",
            .playlist(needsDate)),
        Rule(
            "daterange-span", .must, "4.4.5.1",
            "START-DATE and END-DATE are dates, the end is not before the start, and DURATION fits them.",
            .playlist(span)),
        Rule(
            "daterange-end-on-next", .must, "4.4.5.1",
            "END-ON-NEXT needs CLASS, and no DURATION or END-DATE.",
            .playlist(endOnNext)),
        Rule(
            "daterange-same-id", .must, "4.4.5.1", "Tags of one ID do not contradict each other.",
            .playlist(sameID)),
        Rule(
            "daterange-client-attribute", .must, "4.4.5.1",
            "An X- attribute is a quoted string, a hexadecimal sequence or a number.",
            .playlist(clientAttribute)),
        Rule(
            "interstitial", .must, "D",
            "An interstitial has X-ASSET-URI or X-ASSET-LIST, not both.", .playlist(interstitial)),
    ]

    private static func needsDate(_ scene: MediaScene) -> [Fault]? {
        guard let first = scene.document.dateRanges.first else { return nil }
        return scene.document.segments.contains { $0.dateTag != nil }
            ? [] : [scene.fault("EXT-X-DATERANGE without EXT-X-PROGRAM-DATE-TIME", at: first.line)]
    }

    /// The start and the end of a range, in Unix seconds; the end is nil where it is open.
    static func span(of tag: Tag) -> (start: Double, end: Double?)? {
        guard let start = tag["START-DATE"].flatMap(PlaylistDate.init)?.seconds else { return nil }
        if let end = tag["END-DATE"].flatMap(PlaylistDate.init)?.seconds { return (start, end) }
        return (start, tag.number("DURATION").map { start + $0 })
    }

    private static func span(_ scene: MediaScene) -> [Fault]? {
        guard !scene.document.dateRanges.isEmpty else { return nil }
        return scene.document.dateRanges.flatMap { tag -> [Fault] in
            var faults: [Fault] = []
            for name in ["START-DATE", "END-DATE"] {
                if let text = tag[name], PlaylistDate(text)?.hasZone != true {
                    faults.append(scene.fault("\(name) is no date with a zone", at: tag.line))
                }
            }
            guard let start = tag["START-DATE"].flatMap(PlaylistDate.init),
                let end = tag["END-DATE"].flatMap(PlaylistDate.init)
            else { return faults }
            if end.milliseconds < start.milliseconds {
                faults.append(scene.fault("END-DATE is before START-DATE", at: tag.line))
            } else if let duration = tag.number("DURATION"),
                abs(end.seconds - start.seconds - duration) > 0.01
            {
                faults.append(scene.fault("DURATION does not fit END-DATE", at: tag.line))
            }
            return faults
        }
    }

    private static func endOnNext(_ scene: MediaScene) -> [Fault]? {
        let judged = scene.document.dateRanges.filter { $0["END-ON-NEXT"] != nil }
        guard !judged.isEmpty else { return nil }
        return judged.flatMap { tag -> [Fault] in
            var faults: [Fault] = []
            if tag["END-ON-NEXT"] != "YES" {
                faults.append(scene.fault("END-ON-NEXT is not YES", at: tag.line))
            }
            if tag["CLASS"] == nil { faults.append(scene.fault("END-ON-NEXT without CLASS", at: tag.line)) }
            if tag["DURATION"] != nil || tag["END-DATE"] != nil {
                faults.append(scene.fault("END-ON-NEXT with an end of its own", at: tag.line))
            }
            return faults
        }
    }

    private static func sameID(_ scene: MediaScene) -> [Fault]? {
        guard !scene.document.dateRanges.isEmpty else { return nil }
        var known: [String: [String: String]] = [:]
        var faults: [Fault] = []
        for tag in scene.document.dateRanges {
            guard let id = tag["ID"] else { continue }
            for entry in tag.attributes.entries {
                if let before = known[id]?[entry.name], before != entry.value {
                    faults.append(scene.fault("\(entry.name) of '\(id)' was '\(before)'", at: tag.line))
                }
                known[id, default: [:]][entry.name] = entry.value
            }
        }
        return faults
    }

    private static func clientAttribute(_ scene: MediaScene) -> [Fault]? {
        let judged = scene.document.dateRanges.filter { tag in
            tag.attributes.entries.contains { $0.name.hasPrefix("X-") }
        }
        guard !judged.isEmpty else { return nil }
        return judged.flatMap { tag in
            tag.attributes.entries.filter { entry in
                entry.name.hasPrefix("X-") && !entry.isQuoted && Numeral(entry.value)?.isClean != true
                    && !isHexadecimal(entry.value) && Double(entry.value) == nil
            }.map { scene.fault("\($0.name)=\($0.value) is neither quoted nor a number", at: tag.line) }
        }
    }

    private static func isHexadecimal(_ text: String) -> Bool {
        (text.hasPrefix("0x") || text.hasPrefix("0X")) && text.count > 2
            && text.dropFirst(2).allSatisfy(\.isHexDigit)
    }

    private static func interstitial(_ scene: MediaScene) -> [Fault]? {
        let judged = scene.document.dateRanges.filter { $0["CLASS"] == "com.apple.hls.interstitial" }
        guard !judged.isEmpty else { return nil }
        return judged.compactMap { tag in
            (tag["X-ASSET-URI"] == nil) == (tag["X-ASSET-LIST"] == nil)
                ? scene.fault("an interstitial wants one of X-ASSET-URI and X-ASSET-LIST", at: tag.line) : nil
        }
    }
}
