import NIOCore
import RTMP
import Testing

@Suite struct ChunkTests {
    /// Decodes `bytes` in pieces whose sizes `pieces` gives; all messages that came out.
    private func decode(
        _ bytes: [UInt8], limits: RTMPLimits = RTMPLimits(), pieces: (() -> Int)? = nil
    ) throws -> [RTMPMessage] {
        var decoder = ChunkDecoder(limits: limits)
        var messages: [RTMPMessage] = []
        var at = 0
        while at < bytes.count {
            let count = min(pieces?() ?? bytes.count, bytes.count - at)
            var buffer = ByteBuffer(bytes: bytes[at..<at + count])
            at += count
            while let message = try decoder.next(&buffer) { messages.append(message) }
            #expect(buffer.readableBytes == 0)
        }
        return messages
    }

    private func bytes(_ buffer: ByteBuffer) -> [UInt8] { Array(buffer.readableBytesView) }

    private func audio(_ payload: [UInt8], at time: UInt32) -> RTMPMessage {
        RTMPMessage(type: .audio, streamID: 1, timestamp: time, payload: ByteBuffer(bytes: payload))
    }

    @Test func readsEachHeaderForm() throws {
        let capture: [UInt8] =
            [0x04, 0, 0, 100, 0, 0, 2, 8, 1, 0, 0, 0, 0xAA, 0xBB]  // type 0
            + [0x44, 0, 0, 20, 0, 0, 1, 8, 0xCC]  // type 1: +20
            + [0x84, 0, 0, 21, 0xDD]  // type 2: +21
            + [0xC4, 0xEE]  // type 3: +21 again
        #expect(
            try decode(capture) == [
                audio([0xAA, 0xBB], at: 100), audio([0xCC], at: 120), audio([0xDD], at: 141),
                audio([0xEE], at: 162),
            ])
    }

    /// The specification's own words (5.3.1.2.4), and what ffmpeg and GStreamer do.
    @Test func aShortHeaderAfterAFullOneRepeatsItsTimeAsDifference() throws {
        let capture: [UInt8] = [0x04, 0, 0, 33, 0, 0, 1, 8, 1, 0, 0, 0, 0xAA] + [0xC4, 0xBB]
        #expect(try decode(capture) == [audio([0xAA], at: 33), audio([0xBB], at: 66)])
    }

    @Test(
        arguments: [
            ([0x00, 0x00], 64), ([0x00, 0xFF], 319), ([0x01, 0x00, 0x00], 64), ([0x01, 0xFF, 0xFF], 65599),
            ([0x3F], 63),
        ] as [([UInt8], Int)])
    func readsChunkStreamIdentifiers(basic: [UInt8], id: Int) throws {
        let header: [UInt8] = [0, 0, 9, 0, 0, 1, 8, 1, 0, 0, 0, 0x77]
        #expect(try decode(basic + header) == [audio([0x77], at: 9)])
        var written = ByteBuffer()
        var encoder = ChunkEncoder()
        encoder.write(audio([0x77], at: 9), chunkStream: id, into: &written)
        #expect(try decode(bytes(written)) == [audio([0x77], at: 9)])
    }

    /// With 128-byte chunks, a message of 200 bytes has one continuation.
    @Test(arguments: [true, false])
    func readsExtendedTimestampsWithAndWithoutRepetition(repeats: Bool) throws {
        let payload = [UInt8](repeating: 0x5A, count: 200)
        let head: [UInt8] = [0x04, 0xFF, 0xFF, 0xFF, 0, 0, 200, 8, 1, 0, 0, 0, 0x01, 0x02, 0x03, 0x04]
        let continuation: [UInt8] = [0xC4] + (repeats ? [0x01, 0x02, 0x03, 0x04] : [])
        var capture = head + payload[..<128]
        capture += continuation + payload[128...]
        capture += [0x44, 0, 0, 7, 0, 0, 1, 8, 0xEE]
        let expected = [audio(payload, at: 0x0102_0304), audio([0xEE], at: 0x0102_030B)]
        #expect(try decode(capture) == expected)
        #expect(try decode(capture, pieces: { 1 }) == expected)
    }

    @Test func differencesWrapAround() throws {
        let capture: [UInt8] =
            [0x04, 0xFF, 0xFF, 0xFF, 0, 0, 1, 8, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFE, 0xAA]
            + [0x84, 0, 0, 5, 0xBB]
            // A step back as a difference modulo 2^32, as GStreamer writes it.
            + [0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xCC]
        #expect(
            try decode(capture) == [
                audio([0xAA], at: 0xFFFF_FFFE), audio([0xBB], at: 3), audio([0xCC], at: 1),
            ])
    }

    @Test func abortForgetsAnUnfinishedMessage() throws {
        var capture: [UInt8] = [0x04, 0, 0, 1, 0, 0, 200, 8, 1, 0, 0, 0] + [UInt8](repeating: 1, count: 128)
        capture += [0x02, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 4] as [UInt8]
        capture += [0x04, 0, 0, 2, 0, 0, 1, 8, 1, 0, 0, 0, 0x99] as [UInt8]
        #expect(try decode(capture) == [audio([0x99], at: 2)])
    }

    @Test func interleavedChunkStreamsComeApart() throws {
        let first = [UInt8](repeating: 1, count: 130)
        let second = [UInt8](repeating: 2, count: 130)
        var capture: [UInt8] = [0x04, 0, 0, 1, 0, 0, 130, 8, 1, 0, 0, 0] + first[..<128]
        capture += [0x05, 0, 0, 2, 0, 0, 130, 8, 1, 0, 0, 0] + second[..<128]
        capture += [0xC4] + first[128...]
        capture += [0xC5] + second[128...]
        #expect(try decode(capture) == [audio(first, at: 1), audio(second, at: 2)])
    }

    @Test func emptyMessagesAreMessages() throws {
        #expect(
            try decode([0x04, 0, 0, 1, 0, 0, 0, 8, 1, 0, 0, 0, 0xC4]) == [audio([], at: 1), audio([], at: 2)])
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var fault: RTMPFault
        var testDescription: String { name }
    }

    static let openMessage: [UInt8] =
        [0x04, 0, 0, 1, 0, 0, 200, 8, 1, 0, 0, 0] + [UInt8](repeating: 1, count: 128)

    static let hostile: [Hostile] = [
        Hostile(
            name: "continuation first", bytes: [0xC4],
            fault: .brokenChunk("a continuation opens a chunk stream")),
        Hostile(
            name: "short header first", bytes: [0x84, 0, 0, 0],
            fault: .brokenChunk("a short header opens a chunk stream")),
        Hostile(
            name: "message in a message",
            bytes: openMessage + [0x04, 0, 0, 1, 0, 0, 200, 8, 1, 0, 0, 0],
            fault: .brokenChunk("a new message inside an unfinished one")),
        Hostile(
            name: "16 MiB of video", bytes: [0x04, 0, 0, 1, 0xFF, 0xFF, 0xFF, 9, 1, 0, 0, 0],
            fault: .messageTooLarge(bytes: 0xFF_FFFF, limit: 8 << 20)),
        Hostile(
            name: "1 MiB of command", bytes: [0x04, 0, 0, 1, 0x10, 0, 0, 20, 1, 0, 0, 0],
            fault: .messageTooLarge(bytes: 1 << 20, limit: 256 << 10)),
        Hostile(
            name: "three large messages at once",
            bytes: (4...6).flatMap { (id: UInt8) -> [UInt8] in
                [id, 0, 0, 1, 0x7F, 0xFF, 0xFF, 9, 1, 0, 0, 0] + [UInt8](repeating: 1, count: 128)
            },
            fault: .tooMuchUnfinished(limit: 16 << 20)),
        Hostile(
            name: "chunk size 0", bytes: [0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            fault: .badChunkSize(0)),
        Hostile(
            name: "chunk size with its top bit",
            bytes: [0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0x80, 0, 0, 0], fault: .badChunkSize(0x8000_0000)),
        Hostile(
            name: "short control message", bytes: [0x02, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0],
            fault: .badControlMessage(type: 1)),
        Hostile(
            name: "65 chunk streams",
            bytes: (0...64).flatMap { (id: UInt8) -> [UInt8] in
                [0x00, id, 0, 0, 1, 0, 0, 1, 8, 1, 0, 0, 0, 0x77]
            },
            fault: .tooManyChunkStreams(limit: 64)),
    ]

    @Test(arguments: hostile)
    func refuses(_ hostile: Hostile) {
        #expect(throws: hostile.fault) { try decode(hostile.bytes) }
        #expect(throws: hostile.fault) { try decode(hostile.bytes, pieces: { 1 }) }
    }

    @Test func anAbortedPromiseIsGivenBack() throws {
        var capture: [UInt8] = []
        for _ in 0..<10 {
            capture += [0x04, 0, 0, 1, 0x7F, 0xFF, 0xFF, 9, 1, 0, 0, 0] + [UInt8](repeating: 1, count: 128)
            capture += [0x02, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 4]
        }
        #expect(try decode(capture).isEmpty)
    }

    /// Whatever the encoder writes, at any chunk size and cut anywhere, comes back the same.
    @Test(arguments: [1, 2, 3, 127, 128, 129, 1000, 4096, 65536, 0xFF_FFFF])
    func roundTrip(chunkSize: Int) throws {
        var random = SplitMix(UInt64(chunkSize))
        for _ in 0..<20 {
            var encoder = ChunkEncoder()
            var written = ByteBuffer()
            if chunkSize != 128 { encoder.setChunkSize(chunkSize, into: &written) }
            var sent: [RTMPMessage] = []
            var time = UInt32.random(in: 0...UInt32.max, using: &random)
            for _ in 0..<40 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0: time = UInt32.random(in: 0...UInt32.max, using: &random)
                case 1: time = time &- UInt32.random(in: 0...100, using: &random)
                case 2: time = time &+ 0x0200_0000
                default: time = time &+ [0, 21, 21, 33, 40].randomElement(using: &random)!
                }
                let length = Int.random(in: 0...(chunkSize < 10 ? 50 : 500), using: &random)
                let message = RTMPMessage(
                    type: [.audio, .video, .data].randomElement(using: &random)!,
                    streamID: UInt32.random(in: 0...2, using: &random), timestamp: time,
                    payload: ByteBuffer(
                        bytes: (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }))
                sent.append(message)
                let id = [3, 4, 63, 64, 319, 320, 65599].randomElement(using: &random)!
                encoder.write(message, chunkStream: id, into: &written)
            }
            let all = bytes(written)
            #expect(try decode(all) == sent)
            #expect(try decode(all, pieces: { 1 }) == sent)
            #expect(try decode(all, pieces: { Int.random(in: 1...300, using: &random) }) == sent)
        }
    }

    /// A payload of its own size: a message kept does not keep the read that it came in.
    @Test func payloadsAreOfTheirOwnSize() throws {
        var buffer = ByteBufferAllocator().buffer(capacity: 1 << 20)
        buffer.writeBytes([0x04, 0, 0, 1, 0, 0, 100, 8, 1, 0, 0, 0] + [UInt8](repeating: 7, count: 100))
        var decoder = ChunkDecoder(limits: RTMPLimits())
        let message = try #require(try decoder.next(&buffer))
        #expect(message.payload.capacity <= 256)
    }
}
