import Codecs
import Foundation
import HTTPTypes
import NIOCore
import People
import Shows

/// The picture of a show.
struct CoverRoutes: Sendable {
    private let backstage: Backstage

    init(_ backstage: Backstage) { self.backstage = backstage }

    var routes: [APIRoute] {
        [
            APIRoute(.get, "/shows/{show}/cover", .everybody, answer: read),
            APIRoute(
                .put, "/shows/{show}/cover", .inShow(.editShow), content: .picture, work: .workbench(set)),
            APIRoute(.delete, "/shows/{show}/cover", .inShow(.editShow), answer: remove),
        ]
    }

    private struct Document: Encodable {
        let cover: String
        let width: Int
        let height: Int
    }

    @Sendable private func read(_ call: APICall) throws -> APIAnswer {
        guard let cover = try call.show().cover, let bytes = backstage.covers.bytes(of: cover) else {
            throw ProblemDocument(status: .notFound, detail: "the show has no cover")
        }
        let tag = "\"\(cover)\""
        var answer = APIAnswer(
            status: .ok,
            headers: [.contentType: CoverShelf.contentType, .eTag: tag, .cacheControl: "no-cache"])
        if call.arrival.headers[.ifNoneMatch]?.contains(tag) == true {
            answer.status = .notModified
        } else {
            answer.body = ByteBuffer(bytes: bytes)
        }
        return answer.varying
    }

    @Sendable private func set(_ call: APICall) throws -> APIAnswer {
        let picture: CoverPicture
        do {
            picture = try CoverPicture(of: Array(call.content.readableBytesView))
        } catch {
            throw DomainFault.invalid([
                FieldFault(
                    "content",
                    "a PNG, JPEG or WebP of at most \(CoverPicture.pixels / 1_000_000) million pixels is needed"
                )
            ])
        }
        let cover = try backstage.covers.keep(picture.jpeg)
        let show = try backstage.shows.setCover(
            cover, of: call.show().id, by: call.actor(), at: call.now)
        return try .json(
            Document(cover: CoverShelf.address(cover), width: picture.width, height: picture.height),
            revision: show.revision)
    }

    @Sendable private func remove(_ call: APICall) throws -> APIAnswer {
        _ = try backstage.shows.setCover(nil, of: call.show().id, by: call.actor(), at: call.now)
        return .nothing
    }
}
