import NIOCore

/// Rules of a multivariant playlist as a whole, and of its EXT-X-MEDIA.
enum MultivariantRules {
    static let all: [Rule] = [
        Rule(
            "variants", .must, "4.4.6.2",
            "A multivariant playlist has variants, each with an address after it, and no other addresses.",
            .multivariant(variants)),
        Rule(
            "independent-segments", .should, "4.4.2.1", "EXT-X-INDEPENDENT-SEGMENTS tells that segments are.",
            .presentation(independent)),
        Rule(
            "pictures-offered", .must, "A 6.1", "There is an I-frame playlist.",
            .multivariant(picturesOffered)),
        Rule(
            "cellular", .should, "A 9.21", "One variant's peak is at most 192 kb/s, for cellular networks.",
            .multivariant(cellular)),
        Rule(
            "language", .should, "4.4.6.1", "Audio and subtitle renditions have a LANGUAGE.",
            .multivariant(language)),
        Rule("channels", .should, "4.4.6.1", "Audio renditions have CHANNELS.", .multivariant(channels)),
        Rule(
            "default-once", .must, "4.4.6.1", "A group has at most one DEFAULT=YES.",
            .multivariant(defaultOnce)),
        Rule(
            "name-once", .must, "4.4.6.1", "A group's renditions have different NAMEs.",
            .multivariant(nameOnce)),
        Rule(
            "default-autoselect", .must, "4.4.6.1", "What is DEFAULT=YES is not AUTOSELECT=NO.",
            .multivariant(defaultAutoselect)),
        Rule(
            "media-uri", .must, "4.4.6.1",
            "Subtitles have a URI; closed captions have INSTREAM-ID and no URI.", .multivariant(mediaURI)),
        Rule("groups", .must, "4.4.6.2", "A variant's groups exist.", .multivariant(groups)),
        Rule(
            "stable-ids", .must, "4.4.6",
            "STABLE-VARIANT-ID and STABLE-RENDITION-ID are letters, digits and + / = . - _, each its own.",
            .multivariant(stableIDs)),
        Rule(
            "session-key", .must, "4.4.6.5", "EXT-X-SESSION-KEY has a METHOD other than NONE.",
            .multivariant(sessionKey)),
        Rule(
            "steering", .must, "4.4.6.6",
            "The steering manifest is JSON with VERSION 1 and PATHWAY-PRIORITY.", .presentation(steering)),
    ]

    private static func variants(_ playlist: MultivariantDocument) -> [Fault]? {
        var faults = playlist.misplaced.map { playlist.fault($0.why, at: $0.line) }
        if playlist.variants.isEmpty, faults.isEmpty { faults.append(playlist.fault("no EXT-X-STREAM-INF")) }
        return faults
    }

    private static func independent(_ presentation: Presentation) -> [Fault]? {
        guard let playlist = presentation.multivariant else { return nil }
        if playlist.text.tags.contains(where: { $0.name == "EXT-X-INDEPENDENT-SEGMENTS" }) { return [] }
        let judged = presentation.renditions.filter { $0.role != .subtitles }.compactMap(\.last)
        if !judged.isEmpty, judged.allSatisfy(\.hasIndependentSegments) { return [] }
        return [playlist.fault("no EXT-X-INDEPENDENT-SEGMENTS", at: playlist.text.head)]
    }

    private static func picturesOffered(_ playlist: MultivariantDocument) -> [Fault]? {
        guard playlist.variants.contains(where: \.hasVideo) else { return nil }
        return playlist.pictures.isEmpty ? [playlist.fault("no EXT-X-I-FRAME-STREAM-INF")] : []
    }

    private static func cellular(_ playlist: MultivariantDocument) -> [Fault]? {
        let rates = playlist.variants.compactMap { $0.tag.number("BANDWIDTH") }
        guard let least = rates.min() else { return nil }
        return least <= 192_000
            ? [] : [playlist.fault("the smallest variant's BANDWIDTH is \(Figure.rate(least))")]
    }

    private static func language(_ playlist: MultivariantDocument) -> [Fault]? {
        let judged = playlist.media.filter { ["AUDIO", "SUBTITLES"].contains($0["TYPE"]) }
        guard !judged.isEmpty else { return nil }
        return judged.filter { $0["LANGUAGE"] == nil }.map { playlist.fault("no LANGUAGE", at: $0.line) }
    }

    private static func channels(_ playlist: MultivariantDocument) -> [Fault]? {
        let judged = playlist.media.filter { $0["TYPE"] == "AUDIO" }
        guard !judged.isEmpty else { return nil }
        return judged.filter { $0["CHANNELS"] == nil }.map { playlist.fault("no CHANNELS", at: $0.line) }
    }

    private static func group(_ tag: Tag) -> String { "\(tag["TYPE"] ?? "")/\(tag["GROUP-ID"] ?? "")" }

    private static func defaultOnce(_ playlist: MultivariantDocument) -> [Fault]? {
        guard !playlist.media.isEmpty else { return nil }
        var seen: Set<String> = []
        return playlist.media.filter { $0["DEFAULT"] == "YES" }.compactMap { tag in
            seen.insert(group(tag)).inserted
                ? nil : playlist.fault("a second DEFAULT=YES in its group", at: tag.line)
        }
    }

    private static func nameOnce(_ playlist: MultivariantDocument) -> [Fault]? {
        guard !playlist.media.isEmpty else { return nil }
        var seen: Set<String> = []
        return playlist.media.compactMap { tag in
            guard let name = tag["NAME"] else { return nil }
            return seen.insert("\(group(tag))/\(name)").inserted
                ? nil : playlist.fault("'\(name)' stands twice in its group", at: tag.line)
        }
    }

    private static func defaultAutoselect(_ playlist: MultivariantDocument) -> [Fault]? {
        guard !playlist.media.isEmpty else { return nil }
        return playlist.media.filter { $0["DEFAULT"] == "YES" && $0["AUTOSELECT"] == "NO" }.map {
            playlist.fault("DEFAULT=YES with AUTOSELECT=NO", at: $0.line)
        }
    }

    private static func mediaURI(_ playlist: MultivariantDocument) -> [Fault]? {
        guard !playlist.media.isEmpty else { return nil }
        return playlist.media.compactMap { tag in
            switch tag["TYPE"] {
            case "SUBTITLES":
                tag["URI"] == nil ? playlist.fault("subtitles without URI", at: tag.line) : nil
            case "CLOSED-CAPTIONS":
                tag["URI"] != nil || tag["INSTREAM-ID"] == nil
                    ? playlist.fault("closed captions want INSTREAM-ID and no URI", at: tag.line) : nil
            default: nil
            }
        }
    }

    private static func groups(_ playlist: MultivariantDocument) -> [Fault]? {
        guard !playlist.variants.isEmpty else { return nil }
        let known = Set(playlist.media.map(group))
        return playlist.variants.flatMap { variant in
            ["AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"].compactMap { type in
                guard let entry = variant.tag.attributes.entry(type), entry.isQuoted,
                    !known.contains("\(type)/\(entry.value)")
                else { return nil }
                return playlist.fault("there is no \(type) group '\(entry.value)'", at: variant.tag.line)
            }
        }
    }

    private static func stableIDs(_ playlist: MultivariantDocument) -> [Fault]? {
        let named =
            playlist.variants.map { ($0.tag, "STABLE-VARIANT-ID") }
            + playlist.pictures.map { ($0, "STABLE-VARIANT-ID") }
            + playlist.media.map { ($0, "STABLE-RENDITION-ID") }
        let judged = named.compactMap { tag, name in tag[name].map { (tag, name, $0) } }
        guard !judged.isEmpty else { return nil }
        var seen: Set<String> = []
        return judged.compactMap { tag, name, id in
            let allowed = Set("+/=.-_")
            if id.isEmpty
                || !id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || allowed.contains($0) })
            {
                return playlist.fault("\(name)='\(id)'", at: tag.line)
            }
            // The same rendition may be named in several groups, and an I-frame playlist may share its variant's name.
            guard tag.name == "EXT-X-STREAM-INF" else { return nil }
            let place = "\(id) \(tag["PATHWAY-ID"] ?? "") \(tag["AUDIO"] ?? "")"
            return seen.insert(place).inserted
                ? nil : playlist.fault("\(name) '\(id)' stands twice", at: tag.line)
        }
    }

    private static func sessionKey(_ playlist: MultivariantDocument) -> [Fault]? {
        let judged = playlist.text.tags("EXT-X-SESSION-KEY")
        guard !judged.isEmpty else { return nil }
        return judged.filter { $0["METHOD"] == "NONE" }.map { playlist.fault("METHOD=NONE", at: $0.line) }
    }

    private static func steering(_ presentation: Presentation) -> [Fault]? {
        guard let playlist = presentation.multivariant, let steering = presentation.steering else {
            return nil
        }
        let line = playlist.text.tags("EXT-X-CONTENT-STEERING").first?.line
        guard steering.status == 200 else {
            return [Fault("\(steering.outcome)", at: line, in: steering.url)]
        }
        guard let manifest = SteeringManifest(steering.body) else {
            return [Fault("the steering manifest is not what it should be", at: line, in: steering.url)]
        }
        return manifest.isGood
            ? [] : [Fault("VERSION is not 1, or there is no pathway", at: line, in: steering.url)]
    }
}
