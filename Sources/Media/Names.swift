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

    /// Names of this form are given out for a while, to those who may see a show that is not for everybody yet; they are
    /// secrets, and no show is called so.
    package init(previewOf secret: (UInt64, UInt64)) {
        let digits = [secret.0, secret.1].map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        text = ShowID.previewPrefix + digits.joined()
    }

    package var isPreview: Bool {
        text.utf8.count == ShowID.previewPrefix.utf8.count + 32 && text.hasPrefix(ShowID.previewPrefix)
    }

    private static let previewPrefix = "preview-"

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
