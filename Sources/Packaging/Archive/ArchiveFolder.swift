package import Media

/// Where media lies on disk: `FOLDER/SHOW/TAG/RENDITION/FILE`. A tag is one window's, from a start of the server (or a
/// reopening) to the next; everything under it is a reel, told by the journal beside the renditions.
package struct ArchiveFolder: Sendable, Hashable {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    package func show(_ show: ShowID) -> String { "\(path)/\(show)" }
    package func reel(_ show: ShowID, tag: String) -> String { "\(path)/\(show)/\(tag)" }
    package func journal(_ show: ShowID, tag: String) -> String { "\(path)/\(show)/\(tag)/journal" }
    package func file(_ show: ShowID, tag: String, rendition: RenditionName, name: String) -> String {
        "\(path)/\(show)/\(tag)/\(rendition)/\(name)"
    }

    /// Names that may stand in a path: what a journal says is not trusted.
    static func isPlain(_ name: some StringProtocol) -> Bool {
        (1...128).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: ".")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
