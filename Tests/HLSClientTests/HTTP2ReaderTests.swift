import HLSClient
import NIOCore
import NIOHPACK
import Testing

struct HTTP2ReaderTests {
    static func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        let length = payload.count
        return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), kind, flags]
            + (0..<4).map { UInt8(stream >> (24 - 8 * $0) & 255) } + payload
    }

    static func fields(_ fields: [(String, String)]) throws -> [UInt8] {
        var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
        var output = ByteBuffer()
        try encoder.encode(headers: HPACKHeaders(fields), to: &output)
        return Array(output.readableBytesView)
    }

    static func said(_ bytes: [UInt8], cutAt cut: Int) -> [String] {
        var reader = HTTP2Reader()
        var input = ByteBuffer()
        var found: [String] = []
        do throws(HTTPFailure) {
            for piece in [bytes.prefix(cut), bytes.dropFirst(cut)] {
                input.writeBytes(piece)
                while let event = try reader.next(&input) {
                    switch event {
                    case .settings: found.append("settings \(reader.streamsAtMost)")
                    case .ping(let opaque): found.append("ping \(opaque)")
                    case .head(let stream, let head, let ends):
                        found.append(
                            "\(stream): \(head.status)\(head.isGzip ? " gzip" : "")\(ends ? " ends" : "")")
                    case .content(let stream, let bytes, let credit, let ends):
                        found.append("\(stream): \(bytes.readableBytes)/\(credit)\(ends ? " ends" : "")")
                    case .ended(let stream): found.append("\(stream): trailers")
                    case .reset(let stream): found.append("\(stream): reset")
                    case .goAway(let last): found.append("go away \(last)")
                    case .ignored: break
                    }
                }
            }
        } catch {
            found.append(error.rawValue)
        }
        return found
    }

    @Test func readsHoweverItIsCut() throws {
        let head = try Self.fields([
            (":status", "200"), ("content-encoding", "gzip"), ("content-length", "5"),
        ])
        let early = try Self.fields([(":status", "103"), ("link", "</x>")])
        let trailers = try Self.fields([("x-y", "z")])
        let bytes =
            Self.frame(4, 0, 0, [0, 3, 0, 0, 0, 7]) + Self.frame(4, 1, 0) + Self.frame(1, 4, 1, early)
            + Self.frame(1, 0, 1, Array(head.prefix(2))) + Self.frame(9, 4, 1, Array(head.dropFirst(2)))
            + Self.frame(0, 8, 1, [3] + Array(repeating: 7, count: 5) + [0, 0, 0])
            + Self.frame(6, 0, 0, [0, 0, 0, 0, 0, 0, 0, 9])
            + Self.frame(99, 0, 0, [1]) + Self.frame(1, 5, 1, trailers) + Self.frame(3, 0, 3, [0, 0, 0, 8])
            + Self.frame(0, 1, 5) + Self.frame(7, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0])
        let expected = [
            "settings 7", "1: 200 gzip", "1: 5/9", "ping 9", "1: trailers", "3: reset", "5: 0/0 ends",
            "go away 1",
        ]
        for cut in 0...bytes.count { #expect(Self.said(bytes, cutAt: cut) == expected) }
    }

    @Test func refusesWhatNoServerMaySend() throws {
        let settings = Self.frame(4, 0, 0)
        let head = try Self.fields([("content-length", "5")])
        let cases: [[UInt8]] = [
            Self.frame(0, 0, 1, [1]), settings + Self.frame(5, 4, 1, [0, 0, 0, 2]),
            settings + Self.frame(0, 0, 0, [1]),
            settings + Self.frame(1, 4, 0, head), settings + Self.frame(1, 4, 1, head),
            settings + Self.frame(9, 4, 1, []),
            settings + Self.frame(1, 0, 1, head) + Self.frame(0, 0, 1, [1]),
            settings + Self.frame(3, 0, 1, [1]),
            settings + Self.frame(4, 0, 0, [1]), settings + Self.frame(0, 8, 1, [9, 1]),
            settings + [0, 0x80, 0, 0, 0, 0, 0, 0, 1],
            settings + Self.frame(1, 4, 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            settings + Self.frame(6, 0, 0, [1]),
        ]
        for bytes in cases { #expect(Self.said(bytes, cutAt: 3).last == "malformed HTTP") }
    }

    @Test func continuationsHaveAnEnd() {
        var bytes = Self.frame(4, 0, 0) + Self.frame(1, 0, 1, [0])
        for _ in 0..<10 { bytes += Self.frame(9, 0, 1, Array(repeating: 0, count: 16_000)) }
        #expect(Self.said(bytes, cutAt: 0).last == "too long")
    }

    @Test func requestsAreWhatADecoderReads() throws {
        let path = "/live/" + String(repeating: "x", count: 300)
        let address = try #require(WebAddress("https://host:8443\(path)"))
        var output = ByteBuffer()
        HTTP2Reader.request(address, acceptsGzip: true, stream: 5, &output)
        let word = output.readInteger(as: UInt32.self)
        #expect(Int(try #require(word) >> 8) == output.readableBytes - 5)
        output.moveReaderIndex(forwardBy: 5)
        var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
        let fields = try decoder.decodeHeaders(from: &output)
        #expect(
            fields.map { [$0.name, $0.value] } == [
                [":method", "GET"], [":scheme", "https"], [":authority", "host:8443"], [":path", path],
                ["accept-encoding", "gzip, deflate"],
            ])
    }
}
