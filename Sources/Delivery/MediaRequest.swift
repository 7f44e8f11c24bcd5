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
    package var credentials = Credentials()
    /// What the player says of itself.
    package var words: PlayerWords?
    /// What the viewer may see ends at this short side (pixels).
    package var cap: Int?

    /// The answer is for whoever holds the token, or the secret name, in the address: shared caches must not keep it
    /// under that address.
    package var isPrivate: Bool { credentials.token != nil || isPreview }

    /// It asks under a name that is given out for a while.
    var isPreview: Bool {
        if case .target(let target) = target { target.show.isPreview } else { false }
    }

    package init(method: RequestHead.Method, target: MediaTarget.Reading) {
        self.method = method
        self.target = target
    }

    /// The request that a head of HTTP/1.1 makes; nil where another part of the server answers.
    ///
    /// `countryField` is the name, in lower case, of the field that tells where the viewer is.
    package init?(_ head: RequestHead, _ bytes: Span<UInt8>, countryField: String? = nil) {
        let (reading, token, isReplay) = MediaRequest.read(bytes.extracting(head.target))
        if case .elsewhere = reading { return nil }
        self.init(method: head.method, target: reading)
        credentials.token = token
        self.isReplay = isReplay
        if let edge = head.edge {
            credentials.edge = bytes.text(edge)
            credentials.edgeCap = TokenPath.cap(in: bytes.extracting(head.target))
        }
        if let countryField {
            credentials.country = head.field(countryField, in: bytes).map { bytes.text($0) }
        }
        words = PlayerWords.read(bytes.extracting(head.target))
        for value in head.playerWords { PlayerWords.add(bytes.text(value), to: &words) }
        acceptsGzip = head.acceptsGzip
        ifNoneMatch = head.ifNoneMatch.map { bytes.text($0) }
        if let field = head.range {
            range = ByteRange.read(bytes, field)
            ifRange = head.ifRange.map { bytes.text($0) }
        }
    }

    /// What an address names once the token has been taken out, and the token.
    static func read(
        _ target: Span<UInt8>
    ) -> (reading: MediaTarget.Reading, token: String?, isReplay: Bool) {
        guard let path = TokenPath(target) else {
            let (reading, isReplay) = MediaTarget.readWithReplay(target)
            return (reading, nil, isReplay)
        }
        let (reading, isReplay) = MediaTarget.readWithReplay(path.rest.span)
        return (reading, path.token, isReplay)
    }

    /// What the request waits for, where it has to wait.
    var wanted: Wanted? {
        switch target {
        case .target(.playlist(let show, let rendition, let request)):
            Wanted(show: show, rendition: rendition, item: .playlist(request), isPrivate: isPrivate)
        case .target(.file(let show, let rendition, let file)):
            Wanted(show: show, rendition: rendition, item: .file(file), isPrivate: isPrivate)
        default: nil
        }
    }

    var kind: RequestKind {
        switch target {
        case .target(.multivariant), .target(.playlist), .target(.manifest), .target(.steering): .playlist
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
