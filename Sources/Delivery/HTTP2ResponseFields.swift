package import NIOHPACK

extension ResponsePlan {
    /// The fields of an HTTP/2 answer, in the order of HTTP/1.1's.
    package func fields(date: String) -> HPACKHeaders {
        var fields = HPACKHeaders()
        fields.reserveCapacity(12)
        fields.add(name: ":status", value: status.code)
        fields.add(name: "date", value: date)
        if let contentType { fields.add(name: "content-type", value: contentType) }
        if let contentLength {
            // Not worth a place in the table: it changes with each answer.
            fields.add(name: "content-length", value: String(contentLength), indexing: .nonIndexable)
        }
        if let contentRange {
            fields.add(name: "content-range", value: contentRange, indexing: .nonIndexable)
        }
        fields.add(name: "cache-control", value: cacheControl)
        if let entityTag { fields.add(name: "etag", value: entityTag, indexing: .nonIndexable) }
        if isGzip { fields.add(name: "content-encoding", value: "gzip") }
        if varies { fields.add(name: "vary", value: "Accept-Encoding") }
        if takesRanges { fields.add(name: "accept-ranges", value: "bytes") }
        fields.add(name: "access-control-allow-origin", value: "*")
        if isPreflight {
            fields.add(name: "access-control-allow-methods", value: ResponsePlan.methods)
            fields.add(name: "access-control-allow-headers", value: "*")
            fields.add(name: "access-control-max-age", value: "86400")
        } else {
            fields.add(name: "access-control-expose-headers", value: ResponsePlan.exposed)
        }
        if isPreflight || status == .methodNotAllowed {
            fields.add(name: "allow", value: ResponsePlan.methods)
        }
        if status == .unavailable { fields.add(name: "retry-after", value: "1") }
        return fields
    }
}
