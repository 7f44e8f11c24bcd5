import API
import Audience
import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import Media
import NIOCore

/// `POST /api/v1/beats`: what the page's player tells of itself every ten seconds and when it is left.
///
/// It needs no sign-in, reads and sets no cookies, and is answered with 204 and nothing else. Bound: beats a second from
/// one address (`audience.beatsPerAddress`); policy: 429; counter: shopcast_beats_total.
struct BeatRoute: Sendable {
    let ledger: AudienceLedger
    let door: FrontDoor
    /// In lower case: the field in which a proxy in front tells the viewer's country.
    let countryField: String?
    let isKnown: @Sendable (ShowID) -> Bool

    private static let path: RouterPath = "/api/v1/beats"

    func add(to router: Router<SiteContext>) {
        router.post(BeatRoute.path) { request, context in try await take(request, context) }
        for other in [HTTPRequest.Method.get, .put, .patch, .delete] {
            router.on(BeatRoute.path, method: other) { request, context in
                let problem = ProblemDocument(
                    status: .methodNotAllowed, detail: "this address takes POST only")
                var response = try problem.response(from: request, context: context)
                response.headers[.allow] = "POST"
                return response
            }
        }
    }

    private func take(_ request: Request, _ context: SiteContext) async throws -> Response {
        guard
            ledger.admits(
                from: context.origin.limitKey, steadySeconds: Double(MonotonicTime.now.nanoseconds) / 1e9)
                == .taken
        else {
            let problem = ProblemDocument(
                status: .tooManyRequests, detail: "too many beats come from this address")
            var response = try problem.response(from: request, context: context)
            response.headers[.retryAfter] = "10"
            response.headers[.cacheControl] = "no-store"
            return response
        }
        // Pages of others have nothing to tell here.
        if let site = HTTPField.Name("Sec-Fetch-Site"), request.headers[site] == "cross-site" {
            throw refused(.forbidden, "beats come from this server's own pages")
        }
        let content = try await content(of: request)
        let beat: Beat
        do throws(BeatFault) {
            beat = try Beat(json: Data(content.readableBytesView))
        } catch {
            throw refused(.badRequest, error.description)
        }
        guard isKnown(beat.show) else {
            ledger.refusedUnknown()
            throw ProblemDocument(status: .notFound, detail: "there is no such show")
        }
        _ = ledger.hear(
            beat, from: context.origin.limitKey, country: country(request, context), at: .now)
        return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    }

    private func content(of request: Request) async throws -> ByteBuffer {
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        let detail = "a beat has at most \(Beat.bytesAtMost) bytes"
        guard length <= Beat.bytesAtMost else { throw refused(.contentTooLarge, detail) }
        do {
            return try await request.body.collect(upTo: Beat.bytesAtMost)
        } catch is NIOTooManyBytesError {
            throw refused(.contentTooLarge, detail)
        }
    }

    private func refused(_ status: HTTPResponse.Status, _ detail: String) -> ProblemDocument {
        ledger.refusedMalformed()
        return ProblemDocument(status: status, detail: detail)
    }

    private func country(_ request: Request, _ context: SiteContext) -> String? {
        guard let countryField, let name = HTTPField.Name(countryField),
            door.hearsCountry(from: context.remoteAddress?.ipAddress.flatMap { NetworkAddress($0) })
        else { return nil }
        return CountryHint.read(request.headers[name])
    }
}
