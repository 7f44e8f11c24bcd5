import NIOCore
import RTMP
import Testing

@Suite struct HandshakeTests {
    /// Runs the server's half over `bytes` in pieces of `step`; returns its answer and how many bytes were
    /// left over.
    private func serve(_ bytes: [UInt8], step: Int) throws -> (answer: [UInt8], done: Bool, rest: Int) {
        var handshake = ServerHandshake(seed: 1)
        var answer = ByteBuffer()
        var done = false
        var buffer = ByteBuffer()
        for start in stride(from: 0, to: bytes.count, by: step) {
            buffer.writeBytes(bytes[start..<min(start + step, bytes.count)])
            if !done { done = try handshake.receive(&buffer, answer: &answer) }
        }
        return (Array(answer.readableBytesView), done, buffer.readableBytes)
    }

    private func packet(_ seed: UInt64, version: UInt8) -> [UInt8] {
        var random = SplitMix(seed)
        return [0, 0, 0, 0, version, 0, 0, 2]
            + (8..<1536).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    @Test(arguments: [1, 7, 1536, 1537, 5000])
    func plainFormEchoesTheClient(step: Int) throws {
        let c1 = packet(3, version: 0)
        let (answer, done, rest) = try serve([3] + c1 + packet(4, version: 0) + [0xC0, 0xDE], step: step)
        #expect(done)
        #expect(rest == 2)
        #expect(answer.count == 1 + 2 * 1536)
        #expect(answer[0] == 3)
        #expect(Array(answer[1537...]) == c1)
    }

    @Test(arguments: HandshakeDigest.Layout.allCases, [1, 400, 5000])
    func digestFormProvesItself(layout: HandshakeDigest.Layout, step: Int) throws {
        for seed in 0..<20 as Range<UInt64> {
            var c1 = packet(seed, version: 9)
            HandshakeDigest.sign(&c1, layout: layout, key: HandshakeDigest.playerKey)
            let digest = try #require(HandshakeDigest.find(in: c1, key: HandshakeDigest.playerKey)).digest
            let (answer, done, _) = try serve([3] + c1 + packet(5, version: 0), step: step)
            #expect(done)
            let s1 = Array(answer[1..<1537])
            var s2 = Array(answer[1537...])
            // Below server version 3, clients take the form for the plain one.
            #expect(s1[4] >= 3)
            #expect(HandshakeDigest.find(in: s1, key: HandshakeDigest.serverKey) != nil)
            let sent = s2
            HandshakeDigest.answer(&s2, to: digest, key: HandshakeDigest.serverKey)
            #expect(s2 == sent)
            #expect(s2 != c1)
        }
    }

    @Test func waitsForTheWholeOfC2() throws {
        let (answer, done, _) = try serve(
            [3] + packet(3, version: 0) + packet(4, version: 0).dropLast(), step: 100)
        #expect(answer.count == 3073)
        #expect(!done)
    }

    @Test(arguments: [0, 2, 4, 6, UInt8(ascii: "G"), 0x16, 255] as [UInt8])
    func otherProtocolsAreRefusedAtTheFirstByte(byte: UInt8) {
        #expect(throws: RTMPFault.notRTMP(byte)) { try serve([byte], step: 1) }
    }

    @Test func bothHalvesMeet() throws {
        var client = ClientHandshake(seed: 1)
        var server = ServerHandshake(seed: 2)
        var toServer = ByteBuffer()
        var toClient = ByteBuffer()
        client.start(&toServer)
        #expect(try !server.receive(&toServer, answer: &toClient))
        #expect(try client.receive(&toClient, answer: &toServer))
        #expect(try server.receive(&toServer, answer: &toClient))
        #expect(toServer.readableBytes == 0 && toClient.readableBytes == 0)
    }
}

/// The same numbers in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
