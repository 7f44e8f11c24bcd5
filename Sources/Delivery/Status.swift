/// The statuses that the media routes answer with.
package enum Status: Int, Hashable, Sendable, CaseIterable {
    case ok = 200
    case noContent = 204
    case partialContent = 206
    case notModified = 304
    case badRequest = 400
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case uriTooLong = 414
    case rangeNotSatisfiable = 416
    case fieldsTooLarge = 431
    case internalError = 500
    case notImplemented = 501
    case unavailable = 503
    case versionNotSupported = 505

    /// The status line of HTTP/1.1, line end included.
    var line: StaticString {
        switch self {
        case .ok: "HTTP/1.1 200 OK\r\n"
        case .noContent: "HTTP/1.1 204 No Content\r\n"
        case .partialContent: "HTTP/1.1 206 Partial Content\r\n"
        case .notModified: "HTTP/1.1 304 Not Modified\r\n"
        case .badRequest: "HTTP/1.1 400 Bad Request\r\n"
        case .forbidden: "HTTP/1.1 403 Forbidden\r\n"
        case .notFound: "HTTP/1.1 404 Not Found\r\n"
        case .methodNotAllowed: "HTTP/1.1 405 Method Not Allowed\r\n"
        case .uriTooLong: "HTTP/1.1 414 URI Too Long\r\n"
        case .rangeNotSatisfiable: "HTTP/1.1 416 Range Not Satisfiable\r\n"
        case .fieldsTooLarge: "HTTP/1.1 431 Request Header Fields Too Large\r\n"
        case .internalError: "HTTP/1.1 500 Internal Server Error\r\n"
        case .notImplemented: "HTTP/1.1 501 Not Implemented\r\n"
        case .unavailable: "HTTP/1.1 503 Service Unavailable\r\n"
        case .versionNotSupported: "HTTP/1.1 505 HTTP Version Not Supported\r\n"
        }
    }

    /// The code as the text of `:status`.
    var code: String {
        switch self {
        case .ok: "200"
        case .noContent: "204"
        case .partialContent: "206"
        case .notModified: "304"
        case .badRequest: "400"
        case .forbidden: "403"
        case .notFound: "404"
        case .methodNotAllowed: "405"
        case .uriTooLong: "414"
        case .rangeNotSatisfiable: "416"
        case .fieldsTooLarge: "431"
        case .internalError: "500"
        case .notImplemented: "501"
        case .unavailable: "503"
        case .versionNotSupported: "505"
        }
    }

    package var title: String {
        switch self {
        case .ok: "OK"
        case .noContent: "No Content"
        case .partialContent: "Partial Content"
        case .notModified: "Not Modified"
        case .badRequest: "Bad Request"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .uriTooLong: "URI Too Long"
        case .rangeNotSatisfiable: "Range Not Satisfiable"
        case .fieldsTooLarge: "Request Header Fields Too Large"
        case .internalError: "Internal Server Error"
        case .notImplemented: "Not Implemented"
        case .unavailable: "Service Unavailable"
        case .versionNotSupported: "HTTP Version Not Supported"
        }
    }
}
