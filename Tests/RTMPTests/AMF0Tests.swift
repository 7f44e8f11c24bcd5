import NIOCore
import RTMP
import Testing

@Suite struct AMF0Tests {
    static let pairs: [(AMF0Value, [UInt8])] = [
        (.number(1), [0, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0]),
        (.number(-2.5), [0, 0xC0, 0x04, 0, 0, 0, 0, 0, 0]),
        (.boolean(true), [1, 1]), (.boolean(false), [1, 0]),
        (.string("live"), [2, 0, 4, 0x6C, 0x69, 0x76, 0x65]),
        (.string(""), [2, 0, 0]),
        (.string("é"), [2, 0, 2, 0xC3, 0xA9]),
        (.null, [5]), (.undefined, [6]),
        (.object([AMF0Property("a", .null)]), [3, 0, 1, 0x61, 5, 0, 0, 9]),
        (.object([]), [3, 0, 0, 9]),
        (.ecmaArray([AMF0Property("a", .boolean(true))]), [8, 0, 0, 0, 1, 0, 1, 0x61, 1, 1, 0, 0, 9]),
        (.strictArray([.null, .boolean(true)]), [0x0A, 0, 0, 0, 2, 5, 1, 1]),
        (
            .date(milliseconds: 1, zone: -60),
            [0x0B, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0xFF, 0xC4]
        ),
        (
            .object([AMF0Property("o", .object([AMF0Property("", .number(0))]))]),
            [3, 0, 1, 0x6F, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 9]
        ),
    ]

    @Test(arguments: pairs)
    func golden(value: AMF0Value, bytes: [UInt8]) throws {
        var written = ByteBuffer()
        written.writeAMF0(value)
        #expect(Array(written.readableBytesView) == bytes)
        var decoder = AMF0Decoder(ByteBuffer(bytes: bytes))
        #expect(try decoder.next() == value)
        #expect(decoder.isAtEnd)
        // Each shorter form is an error, never a trap; only an ECMA array may lack its end.
        for count in 0..<bytes.count {
            var short = AMF0Decoder(ByteBuffer(bytes: bytes[..<count]))
            if case .ecmaArray = value, let early = try? short.next() {
                #expect(early == value || early == .ecmaArray([]))
            } else {
                #expect(throws: AMF0Fault.truncated) { try short.next() }
            }
        }
    }

    @Test func longStringsTakeTheLongForm() throws {
        let text = String(repeating: "x", count: 70000)
        var written = ByteBuffer()
        written.writeAMF0(.string(text))
        #expect(written.getInteger(at: 0, as: UInt8.self) == 0x0C)
        var decoder = AMF0Decoder(written)
        #expect(try decoder.next() == .string(text))
    }

    /// Forms that are read and never written.
    @Test(
        arguments: [
            ([0x0D], .undefined), ([0x07, 0, 1], .undefined), ([0x0F, 0, 0, 0, 1, 0x78], .string("x")),
            ([0x10, 0, 1, 0x43, 0, 1, 0x61, 5, 0, 0, 9], .object([AMF0Property("a", .null)])),
            // An ECMA array whose count lies.
            ([8, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1, 0x61, 5, 0, 0, 9], .ecmaArray([AMF0Property("a", .null)])),
            ([8, 0, 0, 0, 1, 0, 1, 0x61, 5], .ecmaArray([AMF0Property("a", .null)])),
        ] as [([UInt8], AMF0Value)])
    func readsOnly(bytes: [UInt8], value: AMF0Value) throws {
        var decoder = AMF0Decoder(ByteBuffer(bytes: bytes))
        #expect(try decoder.next() == value)
    }

    @Test(
        arguments: [
            ([0x04], .unknownMarker(4)), ([0x11, 0], .unknownMarker(0x11)), ([0x09], .unknownMarker(9)),
            ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF], .tooManyValues(limit: 2048)),
            ([0x0C, 0xFF, 0xFF, 0xFF, 0xFF], .truncated),
            (Array(repeating: [0x0A, 0, 0, 0, 1], count: 1000).flatMap { $0 }, .tooDeep(limit: 16)),
            (Array(repeating: [0x03, 0, 1, 0x61], count: 1000).flatMap { $0 }, .tooDeep(limit: 16)),
            (
                [0x03] + Array(repeating: [0, 1, 0x61, 5], count: 3000).flatMap { $0 },
                .tooManyValues(limit: 2048)
            ),
        ] as [([UInt8], AMF0Fault)])
    func refuses(bytes: [UInt8], fault: AMF0Fault) {
        var decoder = AMF0Decoder(ByteBuffer(bytes: bytes))
        #expect(throws: fault) { try decoder.next() }
    }

    @Test func restStopsAtTheFirstUnreadableValue() {
        var decoder = AMF0Decoder(ByteBuffer(bytes: [5, 1, 1, 0x11, 5]))
        #expect(decoder.rest() == [.null, .boolean(true)])
    }
}
