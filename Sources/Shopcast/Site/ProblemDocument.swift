import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// An error as RFC 9457 writes it.
struct ProblemDocument: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    /// What went wrong and what to do, in one sentence.
    let detail: String

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let text =
            "{\"type\":\"about:blank\",\"title\":\(JSONText.quoted(status.reasonPhrase)),"
            + "\"status\":\(status.code),\"detail\":\(JSONText.quoted(detail))}\n"
        var headers: HTTPFields = [:]
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = status.code >= 500 ? "no-store" : "max-age=1"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

/// Text as a JSON string.
enum JSONText {
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            default:
                if scalar.value < 0x20 {
                    let hex = String(scalar.value, radix: 16)
                    quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }
}
