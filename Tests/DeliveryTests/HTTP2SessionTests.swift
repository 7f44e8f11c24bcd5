import Delivery
import HTTPTypes
import NIOCore
import NIOHPACK
import Testing

@Suite struct FieldEncoderTests {
    /// Every answer is read back as it was meant, whatever came before it on the connection.
    @Test(arguments: [4096, 65_536, 100, 0])
    func roundTrips(_ tableSize: Int) throws {
        var random = SplitMix(seed: 5)
        var blocks = HeaderBlocks()
        blocks.encoder.limitTable(to: tableSize)
        if tableSize < 4096 { blocks.decoder.maxDynamicTableLength = tableSize }
        for index in 0..<300 {
            var plan = ResponsePlan(
                status: Status.allCases.randomElement(using: &random)!,
                cacheControl: ["no-store", "max-age=1", "public, max-age=12"].randomElement(using: &random)!)
            plan.contentType = [nil, "video/mp4", "application/vnd.apple.mpegurl"].randomElement(
                using: &random)!
            plan.contentLength = [nil, 0, 123_456_789].randomElement(using: &random)!
            plan.contentRange = [nil, "bytes */5"].randomElement(using: &random)!
            plan.entityTag = [nil, "\"\(index)\"", "\"" + String(repeating: "x", count: 300) + "\""]
                .randomElement(using: &random)!
            plan.isGzip = .random(using: &random)
            plan.varies = .random(using: &random)
            plan.takesRanges = .random(using: &random)
            plan.isPreflight = .random(using: &random)
            let fields = try blocks.answer(plan, date: "date \(index)")
            #expect(fields.first(name: ":status") == "\(plan.status.rawValue)")
            #expect(fields.first(name: "date") == "date \(index)")
            #expect(fields.first(name: "content-type") == plan.contentType)
            #expect(fields.first(name: "content-length") == plan.contentLength.map { "\($0)" })
            #expect(fields.first(name: "content-range") == plan.contentRange)
            #expect(fields.first(name: "cache-control") == plan.cacheControl)
            #expect(fields.first(name: "etag") == plan.entityTag)
            #expect(fields.first(name: "content-encoding") == (plan.isGzip ? "gzip" : nil))
            #expect(fields.first(name: "vary") == (plan.varies ? "Accept-Encoding" : nil))
            #expect(fields.first(name: "access-control-allow-origin") == "*")
            #expect(fields.contains(name: "access-control-expose-headers") == !plan.isPreflight)
        }
    }

    /// The second answer of a kind is short.
    @Test func shortBlocks() throws {
        var blocks = HeaderBlocks()
        var plan = ResponsePlan(status: .ok, cacheControl: "public, max-age=12")
        plan.contentType = ResponsePlan.playlistType
        plan.contentLength = 2048
        plan.varies = true
        plan.isGzip = true
        _ = try blocks.answer(plan, date: "Thu, 01 Jan 1970 00:00:00 GMT")
        let first = blocks.lastLength
        _ = try blocks.answer(plan, date: "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(blocks.lastLength <= 47 && first > 150)
    }

    @Test func anyResponse() throws {
        var blocks = HeaderBlocks()
        var response = HTTPResponse(status: .created)
        response.headerFields[.contentType] = "text/plain"
        response.headerFields[.connection] = "close"
        response.headerFields.append(HTTPField(name: .setCookie, value: "a=b"))
        response.headerFields.append(HTTPField(name: .setCookie, value: "c=d"))
        let fields = try blocks.response(response)
        #expect(
            fields.first(name: ":status") == "201" && fields[canonicalForm: "set-cookie"] == ["a=b", "c=d"])
        #expect(!fields.contains(name: "connection"))
    }
}

/// GET / of https, authority x, as a header block.
private let request: [UInt8] = [0x82, 0x84, 0x87, 0x41, 1, 120]

private func f(_ kind: UInt8, _ flags: UInt8 = 0, _ stream: UInt32 = 0, _ payload: [UInt8] = []) -> ByteBuffer
{
    var buffer = ByteBuffer()
    buffer.writeFrameHeader(length: payload.count, kind, flags: flags, stream: stream)
    buffer.writeBytes(payload)
    return buffer
}

private func get(_ stream: UInt32, ends: Bool = true) -> ByteBuffer {
    f(HTTP2Wire.headers, HTTP2Wire.endHeaders | (ends ? HTTP2Wire.endStream : 0), stream, request)
}

@Suite struct HTTP2SessionTests {
    private static func begun() -> HTTP2Session {
        var session = HTTP2Session()
        var bytes = ByteBuffer()
        bytes.writeStaticString(HTTP2Wire.preface)
        bytes.writeImmutableBuffer(f(HTTP2Wire.settings))
        guard case .settings? = session.next(&bytes, second: 0) else {
            Issue.record("no settings")
            return session
        }
        return session
    }

    /// The last event of some frames after the preface.
    private func last(_ frames: ByteBuffer..., second: Int64 = 0) -> HTTP2Session.Event? {
        var session = HTTP2SessionTests.begun()
        var event: HTTP2Session.Event?
        for frame in frames {
            var bytes = frame
            event = session.next(&bytes, second: second)
        }
        return event
    }

    private func failure(_ event: HTTP2Session.Event?) -> HTTP2Code? {
        if case .failed(let code)? = event { code } else { nil }
    }

    private func refusal(_ event: HTTP2Session.Event?) -> HTTP2Code? {
        if case .refuse(_, let code)? = event { code } else { nil }
    }

    /// Bytes that come one by one make the same events.
    @Test func dribble() {
        var all = ByteBuffer()
        all.writeStaticString(HTTP2Wire.preface)
        for frame in [
            f(HTTP2Wire.settings, 0, 0, [0, 4, 0, 0, 0, 9]), get(1),
            f(HTTP2Wire.ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
        ] { all.writeImmutableBuffer(frame) }
        var session = HTTP2Session()
        var input = ByteBuffer()
        var events: [String] = []
        while let byte = all.readInteger(as: UInt8.self) {
            input.writeInteger(byte)
            while let event = session.next(&input, second: 0) {
                events.append("\(event)".prefix(8).description)
            }
        }
        #expect(events.map { $0.prefix(4) } == ["sett", "requ", "ping"])
        #expect(session.room(1) == 9)
    }

    @Test func failures() {
        let table: [(HTTP2Code, HTTP2Session.Event?)] = [
            (.frameSizeError, last(f(0, 0, 1, [UInt8](repeating: 0, count: 16_385)))),
            (.protocolError, last(f(HTTP2Wire.data, 0, 1))), (.protocolError, last(f(HTTP2Wire.data, 0, 0))),
            (.protocolError, last(get(2))), (.protocolError, last(get(0))),
            (.protocolError, last(f(HTTP2Wire.pushPromise, 4, 1))),
            (.protocolError, last(f(HTTP2Wire.continuation, 4, 1))),
            (
                .protocolError,
                last(f(HTTP2Wire.headers, 0, 1, request), f(HTTP2Wire.ping, 0, 0))
            ),
            (.protocolError, last(f(HTTP2Wire.headers, 0, 1), f(HTTP2Wire.continuation, 4, 3))),
            (.protocolError, last(f(HTTP2Wire.headers, HTTP2Wire.padded | 5, 1, [9, 0x82]))),
            (.frameSizeError, last(f(HTTP2Wire.headers, HTTP2Wire.padded | 5, 1))),
            (.frameSizeError, last(f(HTTP2Wire.headers, HTTP2Wire.hasPriority | 5, 1, [0, 0]))),
            (.compressionError, last(f(HTTP2Wire.headers, 5, 1, [0xff, 0xff, 0xff, 0xff, 0xff]))),
            (.frameSizeError, last(f(HTTP2Wire.reset, 0, 1, [0, 0]))),
            (.protocolError, last(f(HTTP2Wire.reset, 0, 1, [0, 0, 0, 0]))),
            (.frameSizeError, last(f(HTTP2Wire.settings, 0, 0, [0]))),
            (.frameSizeError, last(f(HTTP2Wire.settings, 1, 0, [0, 0, 0, 0, 0, 0]))),
            (.protocolError, last(f(HTTP2Wire.settings, 0, 1))),
            (.protocolError, last(f(HTTP2Wire.settings, 0, 0, [0, 2, 0, 0, 0, 2]))),
            (.flowControlError, last(f(HTTP2Wire.settings, 0, 0, [0, 4, 0x80, 0, 0, 0]))),
            (.protocolError, last(f(HTTP2Wire.settings, 0, 0, [0, 5, 0, 0, 0, 1]))),
            (.frameSizeError, last(f(HTTP2Wire.ping, 0, 0, [1]))),
            (.protocolError, last(f(HTTP2Wire.ping, 0, 1, [1, 2, 3, 4, 5, 6, 7, 8]))),
            (.protocolError, last(f(HTTP2Wire.windowUpdate, 0, 0, [0, 0, 0, 0]))),
            (.flowControlError, last(f(HTTP2Wire.windowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff]))),
            (.frameSizeError, last(f(HTTP2Wire.windowUpdate, 0, 0, [0]))),
            (.protocolError, last(f(HTTP2Wire.windowUpdate, 0, 5, [0, 0, 0, 1]))),
            (.frameSizeError, last(f(HTTP2Wire.priority, 0, 1, [0]))),
            (.protocolError, last(f(HTTP2Wire.priorityUpdate, 0, 1, [0, 0, 0, 1]))),
            (.protocolError, last(f(HTTP2Wire.priorityUpdate, 0, 0, [0, 0, 0, 0]))),
            (.frameSizeError, last(f(HTTP2Wire.priorityUpdate, 0, 0, [0, 0]))),
            (
                .flowControlError,
                last(
                    get(1), f(HTTP2Wire.windowUpdate, 0, 0, [0x7f, 0xff, 0, 0]),
                    f(HTTP2Wire.settings, 0, 0, [0, 4, 0x7f, 0xff, 0xff, 0xff]),
                    f(HTTP2Wire.windowUpdate, 0, 1, [0, 0, 0, 1]),
                    f(HTTP2Wire.windowUpdate, 0, 0, [0x7f, 0, 0, 0]))
            ),
        ]
        for (index, (code, event)) in table.enumerated() { #expect(failure(event) == code, "\(index)") }
        var session = HTTP2Session()
        var plain = ByteBuffer(string: "GET / HTTP/1.1\r\n")
        #expect(failure(session.next(&plain, second: 0)) == .protocolError)
        var early = HTTP2Session()
        var bytes = ByteBuffer()
        bytes.writeStaticString(HTTP2Wire.preface)
        bytes.writeImmutableBuffer(get(1))
        #expect(failure(early.next(&bytes, second: 0)) == .protocolError)
    }

    @Test func precedenceChanges() {
        let update = f(HTTP2Wire.priorityUpdate, 0, 0, [0, 0, 0, 1] + Array("u=6, i".utf8))
        guard case .precedence(1, let precedence)? = last(get(1), update) else {
            Issue.record("no change")
            return
        }
        #expect(precedence == Precedence(urgency: 6, isIncremental: true))
        // For a stream that is not open, nothing is kept.
        guard case .ignored? = last(update) else {
            Issue.record("kept")
            return
        }
    }

    @Test func refusals() {
        #expect(refusal(last(get(5), get(3))) == .streamClosed)
        #expect(refusal(last(get(1), f(HTTP2Wire.data, 0, 1, [1]))) == .streamClosed)
        #expect(refusal(last(get(1, ends: false), get(1, ends: false))) == .protocolError)
        #expect(refusal(last(get(1), f(HTTP2Wire.windowUpdate, 0, 1, [0, 0, 0, 0]))) == .protocolError)
        #expect(
            refusal(last(get(1), f(HTTP2Wire.windowUpdate, 0, 1, [0x7f, 0xff, 0xff, 0xff])))
                == .flowControlError)
        var session = HTTP2SessionTests.begun()
        for stream in 0..<101 {
            var bytes = get(UInt32(2 * stream + 1))
            let event = session.next(&bytes, second: 0)
            #expect((refusal(event) == .refusedStream) == (stream == 100))
        }
        #expect(session.count == 100)
    }

    /// What the peer may make us do often is counted.
    @Test func floods() {
        func flood(_ make: (UInt32) -> [ByteBuffer], second: (Int) -> Int64 = { _ in 0 }) -> (HTTP2Code?, Int)
        {
            var session = HTTP2SessionTests.begun()
            for round in 0..<5000 {
                for frame in make(UInt32(2 * round + 1)) {
                    var bytes = frame
                    if let code = failure(session.next(&bytes, second: second(round))) {
                        return (code, round)
                    }
                }
            }
            return (nil, 0)
        }
        #expect(flood { _ in [f(HTTP2Wire.ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])] }.0 == .enhanceYourCalm)
        #expect(flood { _ in [f(HTTP2Wire.settings, 0, 0, [])] }.0 == .enhanceYourCalm)
        #expect(
            flood { [get($0), f(HTTP2Wire.reset, 0, $0, [0, 0, 0, 8])] }.0
                == .enhanceYourCalm)
        #expect(
            flood(
                { [get($0), f(HTTP2Wire.reset, 0, $0, [0, 0, 0, 8])] },
                second: { Int64($0) }
            ).0
                == nil)
        let empty = flood { $0 == 1 ? [get(1, ends: false)] : [f(HTTP2Wire.data, 0, 1)] }
        #expect(empty.0 == .enhanceYourCalm)
        let block = flood { $0 == 1 ? [f(HTTP2Wire.headers, 0, 1)] : [f(HTTP2Wire.continuation, 0, 1)] }
        #expect(block.0 == .enhanceYourCalm && block.1 <= 8)
    }

    /// Windows shrink with what is sent, follow the settings, and come back with updates; credit is given in halves.
    @Test func windows() {
        var session = HTTP2SessionTests.begun()
        func feed(_ frame: ByteBuffer) -> HTTP2Session.Event? {
            var bytes = frame
            return session.next(&bytes, second: 0)
        }
        _ = feed(get(1, ends: false))
        _ = feed(get(3))
        #expect(session.room(1) == 16_384)
        for _ in 0..<3 { session.sent(1, bytes: 16_384, ends: false) }
        session.sent(3, bytes: 10_000, ends: false)
        #expect(session.room(1) == 6383 && session.room(3) == 6383)
        _ = feed(f(HTTP2Wire.settings, 0, 0, [0, 4, 0, 0, 0, 100]))
        #expect(session.room(1) == 0 && session.room(3) == 0)
        _ = feed(f(HTTP2Wire.windowUpdate, 0, 3, [0, 1, 0, 0]))
        #expect(session.room(3) == 6383)
        session.sent(3, bytes: 6383, ends: true)
        #expect(!session.isOpen(3) && session.isOpen(1))
        var credited = (0, 0)
        for _ in 0..<4 {
            guard
                case .data(1, let bytes, false)? = feed(
                    f(HTTP2Wire.data, HTTP2Wire.padded, 1, [UInt8](repeating: 10, count: 16_000)))
            else {
                Issue.record("no data")
                return
            }
            #expect(bytes.readableBytes == 15_989)
            session.consumed(1, bytes: bytes.readableBytes)
            credited.0 += session.connectionUpdateDue()
            credited.1 += session.updateDue(1)
        }
        #expect(credited.0 >= 48_000 && credited.1 >= 48_000)
        for _ in 0..<4 { _ = feed(f(HTTP2Wire.data, 0, 1, [UInt8](repeating: 1, count: 16_000))) }
        let over = feed(f(HTTP2Wire.data, 0, 1, [UInt8](repeating: 1, count: 16_000)))
        #expect(failure(over) == .flowControlError || refusal(over) == .flowControlError)
    }

    /// Mutated connections end in events, never in a trap.
    @Test func hostile() {
        var random = SplitMix(seed: 17)
        let frames = [
            get(1), get(3, ends: false),
            f(HTTP2Wire.data, 0, 3, [1, 2, 3]),
            f(HTTP2Wire.headers, 0, 5, request), f(HTTP2Wire.continuation, 4, 5),
            f(HTTP2Wire.windowUpdate, 0, 3, [0, 0, 1, 0]), f(HTTP2Wire.settings, 0, 0, [0, 4, 0, 0, 1, 0]),
            f(HTTP2Wire.reset, 0, 3, [0, 0, 0, 8]), f(HTTP2Wire.data, 9, 3, [1, 2, 3]), f(0x77, 3, 1, [1]),
        ]
        for _ in 0..<5000 {
            var session = HTTP2SessionTests.begun()
            var bytes = ByteBuffer()
            for _ in 0..<12 {
                var frame = Array(frames.randomElement(using: &random)!.readableBytesView)
                if Int.random(in: 0..<3, using: &random) == 0 {
                    frame[Int.random(in: 2..<frame.count, using: &random)] = .random(
                        in: 0...255, using: &random)
                }
                bytes.writeBytes(frame)
            }
            while let event = session.next(&bytes, second: 0) {
                if case .failed = event { break }
                if case .request(let id, _, _) = event, Bool.random(using: &random) {
                    session.sent(id, bytes: session.room(id), ends: true)
                }
                #expect(session.count <= 100)
            }
        }
    }
}
