package import Media
package import Packaging

/// How soon an answer is wanted beside the others of its connection (RFC 9218, 4).
package struct Precedence: Hashable, Sendable {
    /// 0, first, to 7, last; 3 where nothing is said.
    package var urgency: UInt8
    /// Pieces of it are useful before its end: equals take turns.
    package var isIncremental: Bool

    package init(urgency: UInt8 = 3, isIncremental: Bool = false) {
        self.urgency = min(urgency, 7)
        self.isIncremental = isIncremental
    }

    /// Reads a `priority` field; what is malformed or unknown in it is as if it were not there.
    package init(_ field: Span<UInt8>) {
        var (urgency, isIncremental) = (UInt8(3), false)
        field.eachListItem(0..<field.count) { item in
            // Parameters of a member say nothing to us.
            var end = item.lowerBound
            while end < item.upperBound, field[end] != UInt8(ascii: ";") { end += 1 }
            let member = field.trimmed(item.lowerBound..<end)
            if member.count == 3, field.matches(member.lowerBound..<member.lowerBound + 2, "u=") {
                let digit = field[member.upperBound - 1] &- UInt8(ascii: "0")
                if digit < 8 { urgency = digit }
            } else if field.matches(member, "i") || field.matches(member, "i=?1") {
                isIncremental = true
            } else if field.matches(member, "i=?0") {
                isIncremental = false
            }
            return true
        }
        self.init(urgency: urgency, isIncremental: isIncremental)
    }

    /// Playlists, init sections and keys.
    package static let playlist = Precedence(urgency: 1)

    /// Media: sound and small pictures before large ones, so that a bad network keeps what it can carry.
    package static func media(_ kind: MediaObject.Kind, of rendition: RenditionName) -> Precedence {
        if kind == .audio { return Precedence(urgency: 2) }
        guard kind == .video else { return .playlist }
        guard let shortSide = Int(rendition.text.prefix { $0.isNumber }) else {
            return Precedence(urgency: 6)
        }
        switch shortSide {
        case ...240: return Precedence(urgency: 2)
        case ...360: return Precedence(urgency: 3)
        case ...480: return Precedence(urgency: 4)
        case ...720: return Precedence(urgency: 5)
        default: return Precedence(urgency: 6)
        }
    }

    /// The field's text, for answers.
    package var text: String { Precedence.texts[Int(urgency)] }

    private static let texts = ["u=0", "u=1", "u=2", "u=3", "u=4", "u=5", "u=6", "u=7"]
}
