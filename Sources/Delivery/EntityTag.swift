/// Comparing entity tags (RFC 9110, 8.8.3).
package enum EntityTag {
    /// Whether an `If-None-Match` field names `tag` (a strong tag, quoted), by weak comparison.
    package static func matches(_ field: String, _ tag: String) -> Bool {
        let bytes = field.utf8.span
        let wanted = tag.utf8.span
        var found = false
        bytes.eachListItem(0..<bytes.count) { item in
            var item = item
            if bytes.matches(item, "*") {
                found = true
                return false
            }
            if item.count > 2, bytes.matches(item.lowerBound..<item.lowerBound + 2, "W/") {
                item = item.lowerBound + 2..<item.upperBound
            }
            guard item.count == wanted.count else { return true }
            for offset in 0..<item.count where bytes[item.lowerBound + offset] != wanted[offset] {
                return true
            }
            found = true
            return false
        }
        return found
    }
}
