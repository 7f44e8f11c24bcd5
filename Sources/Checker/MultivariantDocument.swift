/// A multivariant playlist, read without ever refusing it.
struct MultivariantDocument: Sendable {
    struct Variant: Sendable {
        let tag: Tag
        let uri: String

        /// The formats that CODECS names.
        var codecs: [String] {
            (tag["CODECS"] ?? "").split(separator: ",").map { $0.trimmingBlanks }
        }

        var hasVideo: Bool { tag["RESOLUTION"] != nil || codecs.contains(where: MediaCodec.isVideo) }
    }

    struct Rendition: Hashable, Sendable {
        let uri: String
        let role: RenditionRole
        let line: PlaylistLine
    }

    let text: PlaylistDocument
    let variants: [Variant]
    let media: [Tag]
    let pictures: [Tag]
    /// An EXT-X-STREAM-INF without an address, or the other way round.
    let misplaced: [(line: PlaylistLine, why: String)]

    var url: String { text.url }

    init(_ text: PlaylistDocument) {
        self.text = text
        var variants: [Variant] = []
        var misplaced: [(line: PlaylistLine, why: String)] = []
        var announced: Tag?
        for entry in text.entries {
            switch entry {
            case .tag(let tag) where tag.name == "EXT-X-STREAM-INF":
                if let announced {
                    misplaced.append((announced.line, "an EXT-X-STREAM-INF without an address"))
                }
                announced = tag
            case .tag: break
            case .address(let line):
                if let tag = announced {
                    variants.append(Variant(tag: tag, uri: line.text))
                } else {
                    misplaced.append((line, "an address without an EXT-X-STREAM-INF before it"))
                }
                announced = nil
            }
        }
        if let announced { misplaced.append((announced.line, "an EXT-X-STREAM-INF without an address")) }
        self.variants = variants
        self.misplaced = misplaced
        media = text.tags("EXT-X-MEDIA")
        pictures = text.tags("EXT-X-I-FRAME-STREAM-INF")
    }

    /// Every media playlist that is named, each once, by its whole address.
    var renditions: [Rendition] {
        var found: [Rendition] = []
        func add(_ uri: String, _ role: RenditionRole, _ line: PlaylistLine) {
            let whole = PlaylistDocument.resolve(uri, against: url)
            if !found.contains(where: { $0.uri == whole }) {
                found.append(Rendition(uri: whole, role: role, line: line))
            }
        }
        let roles: [String: RenditionRole] = ["AUDIO": .audio, "VIDEO": .video, "SUBTITLES": .subtitles]
        // A variant of sound alone shares its playlist with the audio rendition: it is known as that.
        for tag in media {
            if let uri = tag["URI"], let role = tag["TYPE"].flatMap({ roles[$0] }) {
                add(uri, role, tag.line)
            }
        }
        for variant in variants { add(variant.uri, .variant, variant.tag.line) }
        for tag in pictures { if let uri = tag["URI"] { add(uri, .pictures, tag.line) } }
        return found
    }

    func fault(_ message: String, at line: PlaylistLine? = nil) -> Fault { Fault(message, at: line, in: url) }
}

extension StringProtocol {
    var trimmingBlanks: String {
        var rest = Substring(self)
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}

/// The names of formats in CODECS (RFC 6381).
enum MediaCodec {
    static func isVideo(_ codec: String) -> Bool {
        ["avc1", "avc3", "hvc1", "hev1", "dvh1", "dvhe", "vp08", "vp09", "av01", "mp4v"].contains(
            codec.prefix(4))
    }

    /// Nil where the format is not known here, and so cannot be judged.
    static func isWellFormed(_ codec: String) -> Bool? {
        let fields = codec.split(separator: ".", omittingEmptySubsequences: false)
        switch fields.first {
        case "avc1", "avc3":
            return fields.count == 2 && fields[1].utf8.count == 6 && fields[1].allSatisfy(\.isHexDigit)
        case "mp4a":
            return (2...3).contains(fields.count) && fields[1].allSatisfy(\.isHexDigit) && !fields[1].isEmpty
                && (fields.count == 2 ? fields[1] != "40" : Int(fields[2]) != nil)
        case "hvc1", "hev1": return fields.count >= 4
        case "av01": return fields.count >= 4
        case "vp09": return fields.count >= 4
        case "wvtt", "stpp", "opus", "Opus", "fLaC", "ac-3", "ec-3", "vp08": return true
        default: return nil
        }
    }
}
