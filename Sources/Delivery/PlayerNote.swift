package import Media

/// What a player says of itself beside a media request (CMCD), as it came.
package struct PlayerNote: Hashable, Sendable {
    package var show: ShowID
    package var rendition: RenditionName?
    package var isReplay: Bool
    /// Beside a segment or part, not a playlist.
    package var isMedia: Bool
    package var said: PlayerWords
    /// Tells viewers apart, as far as connections and addresses do.
    package var viewer: UInt64
    /// As a proxy that may say so says.
    package var country: String?
}

/// The words of a `PlayerNote`: the value of `CMCD=` in a query, still percent-encoded, or the values of the four header
/// fields, joined by commas.
package struct PlayerWords: Hashable, Sendable {
    package var text: String
    package var isEncoded: Bool

    package init(text: String, isEncoded: Bool) {
        self.text = text
        self.isEncoded = isEncoded
    }
}

/// Hears what players say.
package protocol PlayerNotes: Sendable {
    /// Called on event loops: returns at once.
    func heard(_ note: PlayerNote)
}

extension PlayerWords {
    /// Bytes that are looked at; what is longer is passed over.
    static let bytesAtMost = 3072

    /// What a target says in its query; nil where there is no `CMCD=`.
    static func read(_ target: Span<UInt8>) -> PlayerWords? {
        var at = target.prefix(before: UInt8(ascii: "?")) + 1
        while at + 5 <= target.count {
            var end = at
            while end < target.count, target[end] != UInt8(ascii: "&") { end += 1 }
            if end - at > 5, target.matches(at..<at + 5, "CMCD=") {
                guard end - at <= bytesAtMost else { return nil }
                return PlayerWords(text: target.text(at + 5..<end), isEncoded: true)
            }
            at = end + 1
        }
        return nil
    }

    /// Adds what one more header field says.
    static func add(_ value: String, to words: inout PlayerWords?) {
        guard !value.isEmpty, (words?.text.utf8.count ?? 0) + value.utf8.count < bytesAtMost else { return }
        if let known = words, !known.isEncoded {
            words = PlayerWords(text: known.text + "," + value, isEncoded: false)
        } else if words == nil {
            words = PlayerWords(text: value, isEncoded: false)
        }
    }
}

extension MediaRequest {
    /// What the player said beside this request, of the show and rendition that it is for.
    package func note(viewer: UInt64) -> PlayerNote? {
        guard let words, case .target(let target) = target else { return nil }
        let (rendition, isMedia): (RenditionName?, Bool) =
            switch target {
            case .playlist(_, let rendition, _): (rendition, false)
            case .file(_, let rendition, let file): (rendition, !file.hasPrefix("init"))
            default: (nil, false)
            }
        return PlayerNote(
            show: target.show, rendition: rendition, isReplay: isReplay, isMedia: isMedia, said: words,
            viewer: viewer, country: credentials.country)
    }
}
