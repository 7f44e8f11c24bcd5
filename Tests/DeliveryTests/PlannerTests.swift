import Delivery
import Media
import NIOCore
import NIOHPACK
import Packaging
import Testing

@Suite struct PlannerTests {
    private let planner = Planner(cache: CachePolicy(targetDuration: .seconds(2)))

    private func request(
        _ path: String, _ method: RequestHead.Method = .get, _ change: (inout MediaRequest) -> Void = { _ in }
    ) -> MediaRequest {
        let bytes = Array(path.utf8)
        var request = MediaRequest(method: method, target: MediaTarget.read(bytes.span))
        change(&request)
        return request
    }

    private func planned(
        _ request: MediaRequest, _ snapshot: StagedSnapshot? = StagedSnapshot(upTo: 10)
    ) -> ResponsePlan? {
        if let plan = planner.early(request) { return plan }
        if case .respond(let plan) = planner.verdict(request, snapshot) { return plan }
        return nil
    }

    @Test func statusAndCache() {
        let ended = StagedSnapshot(upTo: 10, hasEnded: true)
        let table: [(String, StagedSnapshot?, Status?, String)] = [
            ("index.m3u8", StagedSnapshot(upTo: 10), .ok, "public, max-age=1"),
            ("index.m3u8", StagedSnapshot(upTo: 0), .notFound, "max-age=1"),
            ("index.m3u8", nil, .notFound, "max-age=1"),
            ("index.m3u8", ended, .ok, "public, max-age=60"),
            ("720p/index.m3u8", StagedSnapshot(upTo: 10), .ok, "public, max-age=1"),
            ("720p/index.m3u8?_HLS_msn=10", StagedSnapshot(upTo: 10), .ok, "public, max-age=12"),
            ("720p/index.m3u8?_HLS_msn=11&_HLS_part=0", StagedSnapshot(upTo: 10), nil, ""),
            ("720p/index.m3u8?_HLS_msn=13", StagedSnapshot(upTo: 10), .badRequest, "max-age=1"),
            ("720p/index.m3u8?_HLS_msn=x", StagedSnapshot(upTo: 10), .badRequest, "max-age=1"),
            ("720p/index.m3u8?_HLS_part=0", StagedSnapshot(upTo: 10), .badRequest, "max-age=1"),
            ("720p/index.m3u8?_HLS_part=0", ended, .ok, "public, max-age=60"),
            ("720p/index.m3u8?_HLS_msn=99", ended, .ok, "public, max-age=60"),
            (
                "720p/index.m3u8?_HLS_msn=10&_HLS_skip=YES", StagedSnapshot(upTo: 10), .ok,
                "public, max-age=12"
            ),
            ("720p/index.m3u8?_HLS_skip=YES", StagedSnapshot(upTo: 10), .ok, "public, max-age=1"),
            ("720p/iframes.m3u8?_HLS_msn=11", StagedSnapshot(upTo: 10), nil, ""),
            ("720p/iframes.m3u8?_HLS_part=1", StagedSnapshot(upTo: 10), .badRequest, "max-age=1"),
            ("steering.json", StagedSnapshot(upTo: 10), .ok, "public, max-age=1"),
            ("steering.json", StagedSnapshot(upTo: 0), .notFound, "max-age=1"),
            ("480p/index.m3u8", StagedSnapshot(upTo: 10), .notFound, "max-age=1"),
            ("720p/9.mp4", StagedSnapshot(upTo: 10), .ok, "public, max-age=31536000, immutable"),
            ("720p/11.mp4", StagedSnapshot(upTo: 10), nil, ""),
            ("720p/12.mp4", StagedSnapshot(upTo: 10), .notFound, "max-age=1"),
            ("720p/9.ts", StagedSnapshot(upTo: 10), .notFound, "max-age=1"),
        ]
        for (path, snapshot, status, cache) in table {
            let plan = planned(request("/live/sale/" + path), snapshot)
            #expect(plan?.status == status, "\(path)")
            if let plan { #expect(plan.cacheControl == cache, "\(path)") }
        }
    }

    @Test func steeringHasATypeOfItsOwn() throws {
        let plan = try #require(planned(request("/live/sale/steering.json")))
        #expect(plan.contentType == "application/vnd.apple.steering-list" && plan.varies)
    }

    @Test func methods() throws {
        let whole = try #require(planned(request("/live/sale/720p/index.m3u8")))
        let head = try #require(planned(request("/live/sale/720p/index.m3u8", .head)))
        #expect(head.status == .ok && head.contentLength == whole.contentLength && head.body.length == 0)
        #expect(planned(request("/live/sale/720p/11.mp4", .other))?.status == .methodNotAllowed)
        let preflight = try #require(planned(request("/live/sale/720p/index.m3u8", .options)))
        #expect(preflight.status == .noContent && preflight.contentLength == nil)
        var blocks = HeaderBlocks()
        let fields = try blocks.answer(preflight)
        #expect(fields.first(name: "access-control-allow-methods") == "GET, HEAD, OPTIONS")
        let missing = try #require(planned(request("/live/sale/x", .head)))
        #expect(missing.status == .notFound && missing.body.length == 0)
    }

    @Test func compressionAndConditions() throws {
        let zipped = try #require(planned(request("/live/sale/720p/index.m3u8") { $0.acceptsGzip = true }))
        #expect(
            zipped.isGzip && zipped.contentLength == 6 && zipped.entityTag == "W/\"t10\"" && zipped.varies)
        let plain = try #require(planned(request("/live/sale/720p/index.m3u8")))
        #expect(!plain.isGzip && plain.entityTag == "\"t10\"" && plain.varies)
        for tag in ["\"t10\"", "W/\"t10\""] {
            let same = try #require(planned(request("/live/sale/720p/index.m3u8") { $0.ifNoneMatch = tag }))
            #expect(same.status == .notModified && same.contentLength == nil && same.body.length == 0)
            #expect(same.varies && same.cacheControl == "public, max-age=1")
        }
        let media = try #require(
            planned(
                request("/live/sale/720p/9.mp4") {
                    $0.acceptsGzip = true
                    $0.ifNoneMatch = "\"9.mp4\""
                }))
        #expect(media.status == .notModified && !media.varies && !media.isGzip)
    }

    @Test func ranges() throws {
        func ranged(_ range: ByteRange?, ifRange: String? = nil) throws -> ResponsePlan {
            try #require(
                planned(
                    request("/live/sale/720p/9.mp4") {
                        $0.range = range
                        $0.ifRange = ifRange
                    }))
        }
        let part = try ranged(.from(10, through: 19))
        #expect(
            part.status == .partialContent && part.contentRange == "bytes 10-19/1000"
                && part.body.length == 10)
        let beyond = try ranged(.from(1000, through: nil))
        #expect(beyond.status == .rangeNotSatisfiable && beyond.contentRange == "bytes */1000")
        #expect(try ranged(.from(0, through: 1), ifRange: "\"other\"").status == .ok)
        #expect(try ranged(.from(0, through: 1), ifRange: "\"9.mp4\"").status == .partialContent)
        #expect(try ranged(nil).contentType == "audio/mp4")
        // A HEAD has no ranges.
        for range in [ByteRange.from(10, through: 19), .from(1000, through: nil)] {
            let head = try #require(planned(request("/live/sale/720p/9.mp4", .head) { $0.range = range }))
            #expect(head.status == .ok && head.contentLength == 1000 && head.contentRange == nil)
        }
    }

    /// The head as the wire has it, to the byte.
    @Test func golden() throws {
        var bytes = ByteBuffer()
        let plan = try #require(
            planned(request("/live/sale/720p/9.mp4") { $0.range = .from(0, through: 999) }))
        plan.writeHead(into: &bytes, date: "Thu, 01 Jan 1970 00:00:00 GMT", keepsAlive: false)
        #expect(
            String(buffer: bytes) == """
                HTTP/1.1 206 Partial Content\r
                Date: Thu, 01 Jan 1970 00:00:00 GMT\r
                Content-Type: audio/mp4\r
                Content-Length: 1000\r
                Content-Range: bytes 0-999/1000\r
                Cache-Control: public, max-age=31536000, immutable\r
                ETag: "9.mp4"\r
                Accept-Ranges: bytes\r
                Priority: u=2\r
                Access-Control-Allow-Origin: *\r
                Timing-Allow-Origin: *\r
                Access-Control-Expose-Headers: Age, Date, Content-Length, Content-Range, ETag\r
                Connection: close\r
                \r

                """)
        for status in Status.allCases {
            var head = ByteBuffer()
            ResponsePlan(status: status, cacheControl: "no-store").writeHead(
                into: &head, date: "now", keepsAlive: true)
            #expect(
                String(buffer: head).hasPrefix("HTTP/1.1 \(status.rawValue) \(status.title)\r\nDate: now\r\n")
            )
            var blocks = HeaderBlocks()
            let fields = try blocks.answer(ResponsePlan(status: status, cacheControl: "no-store"))
            #expect(fields.first(name: ":status") == "\(status.rawValue)")
        }
    }
}
