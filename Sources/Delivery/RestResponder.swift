import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Hummingbird's responder, as connections call it: with a date, and a problem document where an error says nothing.
struct RestResponder: Sendable {
    private let respond: @Sendable (Request, any Channel) async throws -> Response
    private let logger: Logger

    init<R: HTTPResponder>(_ responder: R, logger: Logger)
    where R.Context: InitializableFromSource<ApplicationRequestContextSource> {
        self.logger = logger
        respond = { request, channel in
            let source = ApplicationRequestContextSource(channel: channel, logger: logger)
            return try await responder.respond(to: request, context: R.Context(source: source))
        }
    }

    func callAsFunction(_ request: Request, _ channel: any Channel) async -> Response {
        var response: Response
        do {
            response = try await respond(request, channel)
        } catch {
            logger.debug(
                "Request failed", metadata: ["http.path": "\(request.uri.path)", "error": "\(error)"])
            response = Response(status: .internalServerError)
        }
        if response.status.code >= 400 { response = explained(response) }
        response.headers[.date] = HTTPDate.text(unixSeconds: WallClock.seconds)
        return response
    }

    /// For connections of HTTP/1.1.
    @Sendable func write(
        _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        let response = await self(request, channel)
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
