import Media

/// A request to the media routes, the same from either version of HTTP.
package struct MediaRequest: Sendable {
    package var method: RequestHead.Method
    package var target: MediaTarget.Reading
    /// It asks for the recording (`/replay/SHOW/…`), not for what is live.
    package var isReplay = false
    package var acceptsGzip = false
    package var ifNoneMatch: String?
    package var ifRange: String?
    package var range: ByteRange?

    package init(method: RequestHead.Method, target: MediaTarget.Reading) {
        self.method = method
        self.target = target
    }

    /// The request that a head of HTTP/1.1 makes; nil where another part of the server answers.
    package init?(_ head: RequestHead, _ bytes: Span<UInt8>) {
        let (reading, isReplay) = MediaTarget.readWithReplay(bytes.extracting(head.target))
        if case .elsewhere = reading { return nil }
        self.init(method: head.method, target: reading)
        self.isReplay = isReplay
        acceptsGzip = head.acceptsGzip
        ifNoneMatch = head.ifNoneMatch.map { bytes.text($0) }
        if let field = head.range {
            range = ByteRange.read(bytes, field)
            ifRange = head.ifRange.map { bytes.text($0) }
        }
    }

    /// What the request waits for, where it has to wait.
    var wanted: Wanted? {
        switch target {
        case .target(.playlist(let show, let rendition, let request)):
            Wanted(show: show, rendition: rendition, item: .playlist(request))
        case .target(.file(let show, let rendition, let file)):
            Wanted(show: show, rendition: rendition, item: .file(file))
        default: nil
        }
    }

    var kind: RequestKind {
        switch target {
        case .target(.multivariant), .target(.playlist), .target(.steering): .playlist
        case .target(.file(_, _, let file)): file.hasPrefix("init") ? .initSection : .media
        default: .other
        }
    }
}

/// What is asked for, as requests for metrics are told apart.
package enum RequestKind: Int, CaseIterable, Sendable {
    case playlist, media, initSection, other

    var label: String {
        switch self {
        case .playlist: "playlist"
        case .media: "media"
        case .initSection: "init"
        case .other: "other"
        }
    }
}
