/// Rules of playlists as texts: tags, attributes, versions.
enum TextRules {
    static let all: [Rule] = [
        Rule("extm3u", .must, "4.4.1.1", "The first line is #EXTM3U.", .text(head)),
        Rule(
            "encoding", .must, "4.1", "A playlist is UTF-8 without a byte order mark or control characters.",
            .text(encoding)),
        Rule(
            "one-kind", .must, "4.1", "A playlist is a media or a multivariant playlist, not both.",
            .text(kind)),
        Rule("single-tags", .must, "4.4", "Tags of the whole playlist stand once.", .text(single)),
        Rule("attribute-list", .must, "4.2", "Attribute lists are NAME=value, each name once.", .text(lists)),
        Rule(
            "required-attributes", .must, "4.4", "A tag has the attributes that it requires.", .text(required)
        ),
        Rule(
            "enumerated-values", .must, "4.2", "An enumerated attribute has one of its words.", .text(words)),
        Rule("numbers", .must, "4.2", "Numbers are digits with at most one point.", .text(numbers)),
        Rule("version-once", .must, "4.4.1.2", "EXT-X-VERSION stands at most once.", .text(versionOnce)),
        Rule(
            "version-enough", .must, "8", "EXT-X-VERSION is as high as what is used needs.",
            .text(versionEnough)),
        Rule(
            "version-needless", .should, "8", "EXT-X-VERSION is no higher than what is used needs.",
            .text(versionNeedless)),
    ]

    private static func head(_ text: PlaylistDocument) -> [Fault]? {
        guard text.head?.text.trimmingBlanks != "#EXTM3U" else { return [] }
        return [Fault("the playlist does not begin with #EXTM3U", at: text.head, in: text.url)]
    }

    private static func encoding(_ text: PlaylistDocument) -> [Fault]? {
        var faults: [Fault] = []
        if !text.isUTF8 { faults.append(Fault("the text is not UTF-8", in: text.url)) }
        if text.hasByteOrderMark {
            faults.append(Fault("a byte order mark stands first", at: text.head, in: text.url))
        }
        if let line = text.control { faults.append(Fault("a control character", at: line, in: text.url)) }
        return faults
    }

    private static func kind(_ text: PlaylistDocument) -> [Fault]? {
        guard text.isMultivariant,
            let stray = text.tags.first(where: { TagTable.mediaOnly.contains($0.name) })
        else { return [] }
        return [Fault("\(stray.name) in a multivariant playlist", at: stray.line, in: text.url)]
    }

    private static func single(_ text: PlaylistDocument) -> [Fault]? {
        var seen: Set<String> = []
        return text.tags.filter { TagTable.single.contains($0.name) }.compactMap { tag in
            seen.insert(tag.name).inserted
                ? nil : Fault("\(tag.name) stands again", at: tag.line, in: text.url)
        }
    }

    private static func lists(_ text: PlaylistDocument) -> [Fault]? {
        text.tags.flatMap { tag in
            tag.attributes.faults.map { Fault("\(tag.name): \($0)", at: tag.line, in: text.url) }
        }
    }

    private static func required(_ text: PlaylistDocument) -> [Fault]? {
        text.tags.flatMap { tag in
            (TagTable.required[tag.name] ?? []).filter { tag[$0] == nil }
                .map { Fault("\(tag.name) without \($0)", at: tag.line, in: text.url) }
        }
    }

    private static func words(_ text: PlaylistDocument) -> [Fault]? {
        text.tags.flatMap { tag -> [Fault] in
            if tag.name == "EXT-X-PLAYLIST-TYPE", !["EVENT", "VOD"].contains(tag.value) {
                return [Fault("'\(tag.value)' is no playlist type", at: tag.line, in: text.url)]
            }
            return (TagTable.words[tag.name] ?? [:]).sorted { $0.key < $1.key }.compactMap { name, words in
                guard let value = tag[name], !words.contains(value) else { return nil }
                return Fault("\(tag.name): \(name) may not be '\(value)'", at: tag.line, in: text.url)
            }
        }
    }

    private static func numbers(_ text: PlaylistDocument) -> [Fault]? {
        text.tags.flatMap { tag -> [Fault] in
            if TagTable.numerals.contains(tag.name) {
                let value = String(tag.value.prefix { $0 != "," })
                return Numeral(value)?.isClean == true
                    ? [] : [Fault("\(tag.name): '\(value)' is no number", at: tag.line, in: text.url)]
            }
            return (TagTable.numbers[tag.name] ?? []).sorted().compactMap { name in
                guard let value = tag[name], Numeral(value)?.isClean != true else { return nil }
                return Fault("\(tag.name): \(name)=\(value) is no number", at: tag.line, in: text.url)
            }
        }
    }

    private static func versionOnce(_ text: PlaylistDocument) -> [Fault]? {
        text.tags("EXT-X-VERSION").dropFirst().map {
            Fault("EXT-X-VERSION stands again", at: $0.line, in: text.url)
        }
    }

    /// The lowest version that allows everything in the text, and what asks for it.
    private static func need(_ text: PlaylistDocument) -> (version: Int, tag: Tag?) {
        var need: (version: Int, tag: Tag?) = (1, nil)
        let isPictures = text.tags.contains { $0.name == "EXT-X-I-FRAMES-ONLY" }
        for tag in text.tags {
            let version =
                switch tag.name {
                case "EXTINF": tag.value.prefix { $0 != "," }.contains(".") ? 3 : 1
                case "EXT-X-KEY", "EXT-X-SESSION-KEY":
                    tag["KEYFORMAT"] != nil || tag["KEYFORMATVERSIONS"] != nil ? 5 : tag["IV"] != nil ? 2 : 1
                case "EXT-X-BYTERANGE", "EXT-X-I-FRAMES-ONLY": 4
                case "EXT-X-MAP": isPictures ? 5 : 6
                case "EXT-X-MEDIA": tag["INSTREAM-ID"]?.hasPrefix("SERVICE") == true ? 7 : 1
                case "EXT-X-DEFINE": tag["QUERYPARAM"] != nil ? 11 : 8
                case "EXT-X-SKIP": tag["RECENTLY-REMOVED-DATERANGES"] != nil ? 10 : 9
                case "EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF":
                    tag.attributes.entries.contains { $0.name.hasPrefix("REQ-") } ? 12 : 1
                default: 1
                }
            if version > need.version { need = (version, tag) }
        }
        return need
    }

    private static func declared(_ text: PlaylistDocument) -> (version: Int, line: PlaylistLine?) {
        let tag = text.tags("EXT-X-VERSION").first
        return (tag.flatMap { Numeral($0.value) }.map { Int($0.value) } ?? 1, tag?.line)
    }

    private static func versionEnough(_ text: PlaylistDocument) -> [Fault]? {
        let (version, line) = declared(text)
        let need = need(text)
        guard version < need.version else { return [] }
        return [
            Fault(
                "version \(version) is declared, \(need.tag?.name ?? "") needs \(need.version)",
                at: line ?? need.tag?.line, in: text.url)
        ]
    }

    /// Versions up to 6 are what every player of today reads: asking for that much keeps nobody out.
    private static func versionNeedless(_ text: PlaylistDocument) -> [Fault]? {
        let (version, line) = declared(text)
        guard version > max(6, need(text).version) else { return [] }
        return [
            Fault("version \(version) is declared, \(need(text).version) is enough", at: line, in: text.url)
        ]
    }
}
