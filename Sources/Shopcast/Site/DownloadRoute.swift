import API
import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import Media
import NIOCore
import NIOPosix
import Recording
import Shows

/// `/replay/SHOW/download.mp4`: a recording as one file. Made when it is first asked for; who asks waits a while, and is
/// told to come again (503) where that was not enough.
struct DownloadRoute: Sendable {
    let roster: ShowRoster
    let gatekeeper: any Gatekeeper
    private let queue = DownloadQueue<ReplayScript?>()

    /// How long an answer waits for its file: less than proxies wait for us.
    private static let patience = Duration.seconds(25)

    init(roster: ShowRoster, gatekeeper: any Gatekeeper) {
        self.roster = roster
        self.gatekeeper = gatekeeper
    }

    func add(to router: Router<SiteContext>) {
        router.get("/replay/{show}/download.mp4") { request, context in try await answer(request, context) }
    }

    private func answer(_ request: Request, _ context: SiteContext) async throws -> Response {
        let missing = ProblemDocument(status: .notFound, detail: "there is no recording of this show")
        guard let show = ShowID(context.parameters.get("show") ?? ""),
            roster.index[show]?.state.isAnnounced == true
        else {
            throw missing
        }
        // Before anything is read: what a recording costs is not for everybody.
        try admit(request, to: show)
        let rendition = request.uri.queryParameters.get("rendition").map { RenditionName(String($0)) }
        let library = roster.library
        let said = try await queue.wait(for: show) {
            // Reading journals is not for the shared pool.
            try await NIOThreadPool.singleton.runIfActive { library.script(of: show) }
        } _: { script in
            guard let script else { throw missing }
            return try await movie(of: show, script, rendition)
        }
        switch said {
        case .ready(let movie): return try await file(movie, request, context)
        case .failed(let reason): throw ProblemDocument(status: .serviceUnavailable, detail: reason)
        case .making: return try later("The file is being made.", request, context)
        case .busy: return try later("Too many files are being made.", request, context)
        case nil: return try later("Too many requests wait for files.", request, context)
        }
    }

    private func admit(_ request: Request, to show: ShowID) throws {
        var credentials = Credentials()
        credentials.token = request.uri.queryParameters.get("token")
        if let field = gatekeeper.countryField, let name = HTTPField.Name(field) {
            credentials.country = request.headers[name]
        }
        let second = Int64(Date().timeIntervalSince1970)
        switch gatekeeper.entry(to: show, with: credentials, at: second) {
        case .open: break
        case .refused(let reason): throw ProblemDocument(status: .forbidden, detail: reason)
        case .capped:
            throw ProblemDocument(
                status: .forbidden, detail: "The playback token does not cover the whole recording.")
        }
    }

    /// The file, or what it has come to when patience ends.
    private func movie(
        of show: ShowID, _ script: ReplayScript, _ rendition: RenditionName?
    ) async throws -> MovieShelf.Answer {
        let movies = roster.library.movies
        let end = ContinuousClock.now + DownloadRoute.patience
        // Both look at files: not on the shared pool.
        let wish = try await NIOThreadPool.singleton.runIfActive {
            movies.wish(for: show, script: script, rendition: rendition)
        }
        switch wish {
        case .failure(.unknown):
            throw ProblemDocument(status: .notFound, detail: "the recording has no such rendition")
        case .failure(.changed(let reason)): throw ProblemDocument(status: .conflict, detail: reason)
        case .success(let wish):
            while true {
                let said = try await NIOThreadPool.singleton.runIfActive { movies.movie(wish) }
                guard case .making = said, ContinuousClock.now < end else { return said }
                try await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    private func later(_ reason: String, _ request: Request, _ context: SiteContext) throws -> Response {
        let problem = ProblemDocument(
            status: .serviceUnavailable, detail: "\(reason) Ask again in a few seconds.")
        var response = try problem.response(from: request, context: context)
        response.headers[.retryAfter] = "5"
        return response
    }

    private func file(_ movie: MovieShelf.Movie, _ request: Request, _ context: SiteContext) async throws
        -> Response
    {
        var headers: HTTPFields = [
            .contentType: "video/mp4", .cacheControl: "private, max-age=60", .eTag: movie.tag,
            .acceptRanges: "bytes", .contentDisposition: "attachment; filename=\"\(movie.name)\"",
        ]
        if request.headers[.ifNoneMatch]?.contains(movie.tag) == true {
            return Response(status: .notModified, headers: headers)
        }
        let io = FileIO(threadPool: .singleton)
        let isUnchanged = request.headers[.ifRange].map { $0 == movie.tag } ?? true
        // Of a HEAD a range is no part (RFC 9110, 14.2).
        guard request.method == .get, let asked = request.headers[.range], isUnchanged,
            let range = DownloadRoute.range(asked, movie.bytes)
        else {
            return Response(
                status: .ok, headers: headers, body: try await io.loadFile(path: movie.path, context: context)
            )
        }
        guard !range.isEmpty else {
            headers[.contentRange] = "bytes */\(movie.bytes)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
        headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(movie.bytes)"
        return Response(
            status: .partialContent, headers: headers,
            body: try await io.loadFile(
                path: movie.path, range: range.lowerBound...range.upperBound - 1, context: context))
    }

    /// What one range means (RFC 9110, 14.1.2): nil where it is none of ours and is ignored, empty where it cannot be met.
    static func range(_ field: String, _ length: Int) -> Range<Int>? {
        guard field.hasPrefix("bytes="), !field.contains(",") else { return nil }
        let bounds = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2 else { return nil }
        if bounds[0].isEmpty {
            guard let last = Int(bounds[1]), last >= 0 else { return nil }
            return max(0, length - last)..<length
        }
        guard let from = Int(bounds[0]), from >= 0 else { return nil }
        let to = bounds[1].isEmpty ? length - 1 : Int(bounds[1]) ?? -1
        guard to >= from else { return nil }
        return from < length ? from..<min(to, length - 1) + 1 : 0..<0
    }
}
