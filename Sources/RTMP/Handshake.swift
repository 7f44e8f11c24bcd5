package import NIOCore

/// The server's half: C0 and C1 come in, S0, S1 and S2 go out at once, C2 is read and not judged.
///
/// A client whose C1 carries a digest gets digests back; any other gets the plain form, which echoes its
/// bytes.
package struct ServerHandshake: Sendable {
    private var hello: [UInt8] = []
    private var answered = false
    private var toSkip = HandshakeDigest.packetBytes
    private var noise: HandshakeNoise

    /// `seed` only has to differ between connections.
    package init(seed: UInt64) {
        noise = HandshakeNoise(seed: seed)
    }

    /// Takes what it needs from `buffer`; true once the handshake is over. Throws `.notRTMP` on the first
    /// wrong byte.
    package mutating func receive(_ buffer: inout ByteBuffer, answer: inout ByteBuffer) throws(RTMPFault)
        -> Bool
    {
        if !answered {
            if hello.isEmpty, let version = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self),
                version != 3
            {
                throw .notRTMP(version)
            }
            let wanted = 1 + HandshakeDigest.packetBytes - hello.count
            hello += buffer.readBytes(length: min(wanted, buffer.readableBytes)) ?? []
            guard hello.count == 1 + HandshakeDigest.packetBytes else { return false }
            respond(to: Array(hello[1...]), into: &answer)
            hello = []
            answered = true
        }
        let skipped = min(toSkip, buffer.readableBytes)
        buffer.moveReaderIndex(forwardBy: skipped)
        toSkip -= skipped
        return toSkip == 0
    }

    private mutating func respond(to c1: [UInt8], into answer: inout ByteBuffer) {
        answer.writeInteger(3 as UInt8)
        if let (layout, digest) = HandshakeDigest.find(in: c1, key: HandshakeDigest.playerKey) {
            // Time 0, then a server version of at least 3: below that, clients do not look for digests.
            var s1: [UInt8] = [0, 0, 0, 0, 4, 5, 0, 1] + noise.bytes(HandshakeDigest.packetBytes - 8)
            HandshakeDigest.sign(&s1, layout: layout, key: HandshakeDigest.serverKey)
            var s2 = noise.bytes(HandshakeDigest.packetBytes)
            HandshakeDigest.answer(&s2, to: digest, key: HandshakeDigest.serverKey)
            answer.writeBytes(s1)
            answer.writeBytes(s2)
        } else {
            answer.writeBytes([0, 0, 0, 0, 0, 0, 0, 0])
            answer.writeBytes(noise.bytes(HandshakeDigest.packetBytes - 8))
            answer.writeBytes(c1)
        }
    }
}

/// The client's half, in the plain form, which every server takes.
package struct ClientHandshake: Sendable {
    private var packets: [UInt8] = []
    private var noise: HandshakeNoise

    package init(seed: UInt64) {
        noise = HandshakeNoise(seed: seed)
    }

    /// C0 and C1.
    package mutating func start(_ output: inout ByteBuffer) {
        output.writeInteger(3 as UInt8)
        output.writeBytes([0, 0, 0, 0, 0, 0, 0, 0])
        output.writeBytes(noise.bytes(HandshakeDigest.packetBytes - 8))
    }

    /// True once the server's packets are in and C2 is written.
    package mutating func receive(_ buffer: inout ByteBuffer, answer: inout ByteBuffer) throws(RTMPFault)
        -> Bool
    {
        if packets.isEmpty, let version = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self),
            version != 3
        {
            throw .notRTMP(version)
        }
        let whole = 1 + 2 * HandshakeDigest.packetBytes
        packets += buffer.readBytes(length: min(whole - packets.count, buffer.readableBytes)) ?? []
        guard packets.count == whole else { return false }
        answer.writeBytes(packets[1...HandshakeDigest.packetBytes])
        packets = []
        return true
    }
}
