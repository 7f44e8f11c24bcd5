package import HTTPTypes
package import Hummingbird
import NIOCore
package import People

/// An error as RFC 9457 writes it.
package struct ProblemDocument: Error, HTTPResponseError, Sendable {
    package let status: HTTPResponse.Status
    /// What went wrong and what to do, in one sentence.
    package let detail: String
    /// What is wrong with each member of what was sent, or with each part of its query.
    package var errors: [FieldFault] = []
    /// A word for programs, where the status does not say enough.
    package var code: String?
    /// What goes along: `Allow`, `Retry-After`, …
    package var fields: HTTPFields = [:]

    package init(
        status: HTTPResponse.Status, detail: String, errors: [FieldFault] = [], fields: HTTPFields = [:]
    ) {
        self.status = status
        self.detail = detail
        self.errors = errors
        self.fields = fields
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        var text =
            "{\"type\":\"about:blank\",\"title\":\(JSONText.quoted(status.reasonPhrase)),"
            + "\"status\":\(status.code),\"detail\":\(JSONText.quoted(detail))"
        if let code { text += ",\"code\":\(JSONText.quoted(code))" }
        if !errors.isEmpty {
            let faults = errors.map {
                "{\"field\":\(JSONText.quoted($0.field)),\"reason\":\(JSONText.quoted($0.reason))}"
            }
            text += ",\"errors\":[\(faults.joined(separator: ","))]"
        }
        var headers = fields
        headers[.contentType] = "application/problem+json"
        if headers[.cacheControl] == nil {
            headers[.cacheControl] = status.code >= 500 ? "no-store" : "max-age=1"
        }
        return Response(
            status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text + "}\n")))
    }
}

/// Text as a JSON string.
package enum JSONText {
    package static func quoted(_ text: String) -> String {
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

extension ProblemDocument {
    /// What the domain says no to, as HTTP says it.
    package init(_ fault: DomainFault) {
        switch fault {
        case .missing: self.init(status: .notFound, detail: "\(fault)")
        case .conflict: self.init(status: .conflict, detail: "\(fault)")
        case .stale(let current):
            self.init(
                status: .preconditionFailed, detail: "\(fault)",
                fields: [.eTag: RevisionTag.text(current)])
        case .invalid(let faults): self.init(faults: faults)
        case .claimed: self.init(status: .unprocessableContent, detail: "\(fault)")
        case .repeated: self.init(status: .conflict, detail: "\(fault)")
        }
    }

    package init(faults: [FieldFault], status: HTTPResponse.Status = .unprocessableContent) {
        let first = faults.first.map { "\($0.field): \($0.reason)" } ?? "it cannot be used"
        self.init(
            status: status,
            detail: faults.count > 1 ? "\(first) (and \(faults.count - 1) more)" : first, errors: faults)
    }
}
