package import NIOCore
package import Packaging

/// An answer before it is put into either version of HTTP: everything but the date.
package struct ResponsePlan: Sendable {
    package enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// Some bytes of a media object.
        case media(MediaObject, Range<Int>)

        package var length: Int {
            switch self {
            case .none: 0
            case .bytes(let buffer): buffer.readableBytes
            case .media(_, let range): range.count
            }
        }
    }

    package var status: Status
    package var cacheControl: String
    package var contentType: String?
    /// Nil where the status has no content (204, 304).
    package var contentLength: Int?
    package var contentRange: String?
    package var entityTag: String?
    package var isGzip = false
    /// The answer depends on `Accept-Encoding`.
    package var varies = false
    package var takesRanges = false
    /// The methods allowed: sent as `Allow` with 405 and as CORS permission with a preflight's answer.
    package var isPreflight = false
    /// Where it stands among the answers of a connection, unless the request says otherwise.
    package var precedence: Precedence?
    package var body = Body.none

    package init(status: Status, cacheControl: String) {
        self.status = status
        self.cacheControl = cacheControl
    }

    /// A problem document.
    package static func problem(_ status: Status, _ detail: String, _ cache: CachePolicy) -> ResponsePlan {
        let document = ProblemDocument.body(status, detail)
        var plan = ResponsePlan(
            status: status, cacheControl: status.rawValue >= 500 ? cache.failure : cache.refusal)
        plan.contentType = "application/problem+json"
        plan.contentLength = document.readableBytes
        plan.body = .bytes(document)
        return plan
    }

    /// The same fields without the content.
    package var forHead: ResponsePlan {
        var plan = self
        plan.body = .none
        return plan
    }

    package static let playlistType = "application/vnd.apple.mpegurl"
    package static let manifestType = "application/dash+xml"
    package static let steeringType = "application/vnd.apple.steering-list"
    package static let methods = "GET, HEAD, OPTIONS"
    package static let exposed = "Age, Date, Content-Length, Content-Range, ETag"
}

extension MediaObject.Kind {
    var contentType: String {
        switch self {
        case .videoInit, .video: "video/mp4"
        case .audioInit, .audio: "audio/mp4"
        case .key: "application/octet-stream"
        case .text: "text/vtt"
        }
    }
}
