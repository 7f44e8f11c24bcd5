import Delivery
import Hummingbird
import Logging
import Media
import NIOCore
import NIOPosix
import Packaging
import Testing

/// What a show that asks for tokens is answered with, from the request to the plan.
@Suite struct GatekeeperTests {
    private let cache = CachePolicy(targetDuration: .seconds(2), isPrivate: true)

    private func request(_ path: String, cap: Int? = nil) -> MediaRequest {
        let bytes = Array("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        guard case .head(let head) = RequestHead.read(bytes.span),
            var request = MediaRequest(head, bytes.span)
        else {
            return MediaRequest(method: .other, target: .nothing)
        }
        request.cap = cap
        return request
    }

    @Test func answersUnderATokenAreNotForSharedCaches() {
        let planner = Planner(cache: cache)
        for (path, policy) in [
            ("index.m3u8", "private, max-age=1"), ("720p/index.m3u8", "private, max-age=1"),
            ("720p/index.m3u8?_HLS_msn=10", "private, max-age=12"),
            ("720p/9.mp4", "private, max-age=31536000, immutable"),
        ] {
            let request = request("/live/sale/t/a.b.c/" + path)
            #expect(request.isPrivate && request.credentials.token == "a.b.c")
            guard case .respond(let plan) = planner.verdict(request, StagedSnapshot(upTo: 10)) else {
                Issue.record("\(path) is held")
                continue
            }
            #expect(plan.status == .ok && plan.cacheControl == policy, "\(path)")
        }
    }

    @Test func aPreviewsNameIsNotForSharedCaches() {
        let name = ShowID(previewOf: (0x0123_4567_89AB_CDEF, 1))
        #expect(name.text == "preview-0123456789abcdef0000000000000001" && name.isPreview)
        #expect(request("/live/\(name)/720p/index.m3u8").isPrivate)
        for other in [
            "preview-1", "sale", "preview-0123456789abcdef00000000000000011",
            "xreview-0123456789abcdef0000000000000001",
        ] {
            #expect(!request("/live/\(other)/720p/index.m3u8").isPrivate)
        }
    }

    @Test func aCapIsKept() {
        let planner = Planner(cache: cache)
        let snapshot = SizedSnapshot()
        let table: [(String, Int?, Status, String?)] = [
            ("index.m3u8", nil, .ok, "all"), ("index.m3u8", 480, .ok, "480"),
            ("manifest.mpd", 480, .ok, "m480"),
            ("index.m3u8", 100, .notFound, nil), ("manifest.mpd", nil, .ok, "mall"),
            ("720p/index.m3u8", nil, .ok, "all"), ("720p/index.m3u8", 480, .forbidden, nil),
            ("720p/index.m3u8", 720, .ok, "all"), ("720p/x.mp4", 480, .forbidden, nil),
            ("audio/index.m3u8", 100, .ok, "all"), ("audio/x.mp4", 100, .notFound, nil),
            ("clock", 100, .noContent, nil),
        ]
        for (path, cap, status, text) in table {
            guard case .respond(let plan) = planner.verdict(request("/live/sale/" + path, cap: cap), snapshot)
            else {
                Issue.record("\(path) is held")
                continue
            }
            #expect(plan.status == status, "\(path) \(cap ?? 0)")
            if let text, case .bytes(let bytes) = plan.body {
                #expect(String(buffer: bytes) == text, "\(path)")
            }
        }
    }

    @Test func aKeyIsKeptByNobody() {
        let planner = Planner(cache: cache)
        guard case .respond(let plan) = planner.verdict(request("/live/sale/audio/k1-x.key"), SizedSnapshot())
        else {
            Issue.record("held")
            return
        }
        #expect(plan.cacheControl == "no-store, max-age=0" && plan.contentType == "application/octet-stream")
    }
}

/// Two renditions, one of them 720 high; texts say what they are.
private final class SizedSnapshot: ServedSnapshot {
    var hasEnded: Bool { false }
    var multivariant: PlaylistText? { text("all") }
    var manifest: PlaylistText? { text("mall") }

    private func text(_ text: String) -> PlaylistText {
        PlaylistText(plain: ByteBuffer(string: text), gzip: ByteBuffer(), etag: "\"x\"")
    }

    func multivariant(upTo cap: Int) -> PlaylistText? { cap < 240 ? nil : text("\(cap)") }
    func manifest(upTo cap: Int) -> PlaylistText? { cap < 240 ? nil : text("m\(cap)") }
    func shortSide(of rendition: RenditionName) -> Int? { rendition.text == "720p" ? 720 : nil }
    func playlist(_ rendition: RenditionName, _ request: BlockingRequest) -> PlaylistAnswer {
        .ready(text("all"))
    }

    func media(_ rendition: RenditionName, file name: Substring) -> MediaAnswer {
        guard name.hasSuffix(".key") else { return .unknown }
        return .ready(MediaObject(kind: .key, buffers: [ByteBuffer(bytes: [1, 2, 3])]))
    }
}
