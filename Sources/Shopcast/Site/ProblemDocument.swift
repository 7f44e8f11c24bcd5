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

/// Turns whatever the router throws into a problem document, and adds the headers that every page and answer of the
/// site carries.
struct SiteMiddleware<Context: RequestContext>: RouterMiddleware {
    /// Pages load only what this server gives them; hls.js plays through blobs and a worker.
    private static var contentSecurityPolicy: String {
        "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; "
            + "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let problem as ProblemDocument {
            response = try problem.response(from: request, context: context)
        } catch let error as HTTPError {
            let problem = ProblemDocument(
                status: error.status, detail: error.body ?? "there is nothing at this address")
            response = try problem.response(from: request, context: context)
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            let problem = ProblemDocument(
                status: .internalServerError, detail: "the server failed; its log says why")
            response = try problem.response(from: request, context: context)
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        response.headers[HTTPField.Name("Referrer-Policy")!] = "same-origin"
        return response
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
