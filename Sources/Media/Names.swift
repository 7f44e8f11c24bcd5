/// A show's name in addresses: 1 to 64 of `a-z`, `0-9`, `-` and `_`, starting with a letter or digit.
package struct ShowID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Nil where the text is not a valid name; names are compared as they stand, so upper case is refused.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard (1...64).contains(bytes.count), let first = bytes.first, ShowID.isPlain(first),
            bytes.allSatisfy({ ShowID.isPlain($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        else { return nil }
        self.text = String(text)
    }

    package var description: String { text }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// A rendition's name in addresses and metrics: its short side (`720p`), `source` or `audio`.
package struct RenditionName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// Named by the short side, so that portrait and landscape ladders read alike.
    package init(shortSide: Int) {
        self.text = "\(shortSide)p"
    }

    /// The host's own picture, passed through untouched.
    package static let source = RenditionName("source")
    package static let audio = RenditionName("audio")

    package var description: String { text }
}
