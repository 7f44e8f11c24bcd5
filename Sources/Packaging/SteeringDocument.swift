import NIOCore

/// The document that EXT-X-CONTENT-STEERING names (draft-pantos-hls-rfc8216bis, 7.2): which address players shall use.
struct SteeringDocument: Sendable {
    static let file = "steering.json"

    private let settings: SteeringSettings

    init(_ settings: SteeringSettings) {
        self.settings = settings
    }

    /// JSON. Pathways with a host of their own are clones of the one that the playlist's addresses stand for.
    var json: String {
        let priority = settings.pathways.map { "\"\($0.id)\"" }.joined(separator: ",")
        let clones = settings.pathways.compactMap { pathway in
            pathway.host.map {
                """
                {"BASE-ID":"\(settings.base)","ID":"\(pathway.id)","URI-REPLACEMENT":{"HOST":"\($0)"}}
                """
            }
        }
        let copies = clones.isEmpty ? "" : ",\"PATHWAY-CLONES\":[\(clones.joined(separator: ","))]"
        return """
            {"VERSION":1,"TTL":\(settings.lifetime),"RELOAD-URI":"\(SteeringDocument.file)",\
            "PATHWAY-PRIORITY":[\(priority)]\(copies)}

            """
    }

    var text: PlaylistText {
        let json = json
        return PlaylistText { ByteBuffer(string: json) }
    }
}

extension SteeringSettings {
    /// The pathway that the playlist's own addresses stand for.
    var base: String { pathways.first { $0.host == nil }?.id ?? "." }
}
