import Foundation
package import HTTPTypes
package import Hummingbird
package import NIOCore
import People

/// What a route answers.
package struct APIAnswer: Sendable {
    package var status: HTTPResponse.Status
    package var headers: HTTPFields
    package var body: ByteBuffer

    package init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// 204.
    package static let nothing = APIAnswer(status: .noContent)

    /// `value` as JSON; `revision` becomes its entity tag.
    package static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, revision: Int? = nil,
        location: String? = nil, cache: String = "no-store"
    ) throws -> APIAnswer {
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: cache]
        if let revision { headers[.eTag] = RevisionTag.text(revision) }
        if let location { headers[.location] = location }
        return APIAnswer(
            status: status, headers: headers, body: ByteBuffer(bytes: try WireJSON.encoder().encode(value)))
    }

    package var response: Response {
        var headers = headers
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }
}
