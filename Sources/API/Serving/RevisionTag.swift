package import HTTPTypes

/// `"r7"`: which edit of a thing a client has seen, as `ETag` and `If-Match` say it.
package enum RevisionTag {
    package static func text(_ revision: Int) -> String { "\"r\(revision)\"" }

    /// What an If-Match field asks for.
    package enum Wish: Hashable, Sendable {
        /// No field.
        case none
        /// `*`: whichever there is.
        case any
        case revisions([Int])
    }

    /// Tags that are none of ours match nothing (RFC 9110, 13.1.1); so do weak ones.
    package static func wish(_ headers: HTTPFields) -> Wish {
        guard let field = headers[.ifMatch] else { return .none }
        let tags = field.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        if tags == ["*"] { return .any }
        return .revisions(
            tags.prefix(20).compactMap { tag in
                guard tag.hasPrefix("\"r"), tag.hasSuffix("\""), tag.utf8.count <= 22 else { return nil }
                return Int(tag.dropFirst(2).dropLast())
            })
    }
}
