import API
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Web

/// The site's errors, not those of media.
typealias ProblemDocument = API.ProblemDocument

/// Turns whatever a route throws into a problem document (a page, where a person asked for one), and adds the headers
/// that every answer of the site carries.
struct SiteMiddleware: RouterMiddleware {
    /// The page for addresses that lead nowhere.
    let missing: NotFoundPage

    func handle(
        _ request: Request, context: SiteContext, next: (Request, SiteContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let problem as ProblemDocument {
            response = try answer(problem, request, context)
        } catch let error as HTTPError {
            let detail = error.body ?? "there is nothing at this address"
            response = try answer(ProblemDocument(status: error.status, detail: detail), request, context)
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            let detail = "the server failed; its log says why"
            response = try answer(
                ProblemDocument(status: .internalServerError, detail: detail), request, context)
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = PagePolicy.contentSecurityPolicy
        }
        if let name = HTTPField.Name("Referrer-Policy"), response.headers[name] == nil {
            response.headers[name] = PagePolicy.referrerPolicy
        }
        if response.headers[.contentType] == PagePolicy.contentType { protect(&response) }
        return response
    }

    /// What pages carry beyond their content policy.
    private func protect(_ response: inout Response) {
        let isFramed = response.headers[.contentSecurityPolicy]?.contains("frame-ancestors 'none'") != true
        for (name, value) in [
            ("Permissions-Policy", PagePolicy.permissionsPolicy),
            ("Cross-Origin-Opener-Policy", PagePolicy.openerPolicy),
            ("X-Frame-Options", isFramed ? nil : "DENY"),
        ] {
            if let value, let name = HTTPField.Name(name) { response.headers[name] = value }
        }
    }

    private func answer(_ problem: ProblemDocument, _ request: Request, _ context: SiteContext) throws
        -> Response
    {
        let isPage = request.headers[.accept]?.contains("text/html") == true
        guard problem.status == .notFound, isPage else {
            return try problem.response(from: request, context: context)
        }
        return missing.html(for: Reader(request)).response(to: request, status: .notFound)
    }
}
