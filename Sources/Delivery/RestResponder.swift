import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Hummingbird's responder, as connections call it: with a date, and a problem document where an error says nothing.
struct RestResponder<R: HTTPResponder>: Sendable
where R.Context: InitializableFromSource<ApplicationRequestContextSource> {
    let responder: R
    let logger: Logger

    @Sendable func respond(
        _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        let context = R.Context(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        var response: Response
        do {
            response = try await responder.respond(to: request, context: context)
        } catch {
            logger.debug(
                "Request failed", metadata: ["http.path": "\(request.uri.path)", "error": "\(error)"])
            response = Response(status: .internalServerError)
        }
        if response.status.code >= 400 { response = explained(response) }
        response.headers[.date] = HTTPDate.text(unixSeconds: WallClock.seconds)
        try await writer.write(response: response.head, body: response.body)
    }

    private func explained(_ response: Response) -> Response {
        var response = response
        let isFailure = response.status.code >= 500
        if response.headers[.cacheControl] == nil {
            response.headers[.cacheControl] = isFailure ? "no-store" : "max-age=1"
        }
        guard response.body.contentLength == 0 else { return response }
        let document = ProblemDocument.body(
            code: response.status.code, title: response.status.reasonPhrase, detail: nil)
        response.headers[.contentType] = "application/problem+json"
        response.headers[.contentLength] = "\(document.readableBytes)"
        response.body = ResponseBody(byteBuffer: document)
        return response
    }
}
