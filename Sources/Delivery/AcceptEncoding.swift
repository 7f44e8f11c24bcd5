/// Whether a request takes gzip (RFC 9110, 12.5.3).
package enum AcceptEncoding {
    /// `gzip` or `*` listed with a quality above zero; an explicit `gzip` wins over `*`.
    package static func takesGzip(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool {
        var explicit: Bool?
        var any = false
        bytes.eachListItem(value) { item in
            var end = item.lowerBound
            while end < item.upperBound, bytes[end] != UInt8(ascii: ";") { end += 1 }
            let coding = bytes.trimmed(item.lowerBound..<end)
            let takes = !isZero(bytes, end..<item.upperBound)
            if bytes.matchesIgnoringCase(coding, "gzip") || bytes.matchesIgnoringCase(coding, "x-gzip") {
                explicit = takes
            } else if bytes.matchesIgnoringCase(coding, "*") {
                any = takes
            }
            return true
        }
        return explicit ?? any
    }

    /// Whether parameters say `q=0`, `q=0.0` and so on.
    private static func isZero(_ bytes: Span<UInt8>, _ parameters: Range<Int>) -> Bool {
        var text = ""
        for at in parameters where bytes[at] != 0x20 && bytes[at] != 0x09 && bytes[at] != UInt8(ascii: ";") {
            text.unicodeScalars.append(Unicode.Scalar(bytes[at].lowercased))
        }
        guard text.hasPrefix("q=") else { return false }
        let quality = text.dropFirst(2)
        return !quality.isEmpty && quality.allSatisfy { $0 == "0" || $0 == "." }
    }
}
