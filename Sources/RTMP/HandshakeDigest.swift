/// The digests that Flash clients and their heirs hide in a handshake packet of 1536 bytes.
///
/// A packet holds its digest at a place that four of its own bytes give, in one of two layouts; the digest
/// is an HMAC over the rest of the packet. ffmpeg sends one and checks the server's answer to it.
package enum HandshakeDigest {
    package static let packetBytes = 1536

    /// Where the four place-giving bytes lie, and where the digest's range starts.
    package enum Layout: CaseIterable, Sendable {
        case first, second

        fileprivate var pointer: Int { self == .first ? 8 : 772 }

        fileprivate func place(in packet: [UInt8]) -> Int {
            let sum = packet[pointer..<pointer + 4].reduce(0) { $0 + Int($1) }
            return sum % 728 + pointer + 4
        }
    }

    package static let playerKey = Array("Genuine Adobe Flash Player 001".utf8)
    package static let serverKey = Array("Genuine Adobe Flash Media Server 001".utf8)
    /// The constant that both sides append to their key when they answer a digest.
    package static let answerSuffix: [UInt8] = [
        0xF0, 0xEE, 0xC2, 0x4A, 0x80, 0x68, 0xBE, 0xE8, 0x2E, 0x00, 0xD0, 0xD1, 0x02, 0x9E, 0x7E, 0x57,
        0x6E, 0xEC, 0x5D, 0x2D, 0x29, 0x80, 0x6F, 0xAB, 0x93, 0xB8, 0xE6, 0x36, 0xCF, 0xEB, 0x31, 0xAE,
    ]

    /// Finds a valid digest in either layout; nil where the packet holds none.
    package static func find(in packet: [UInt8], key: [UInt8]) -> (layout: Layout, digest: [UInt8])? {
        guard packet.count == packetBytes else { return nil }
        for layout in Layout.allCases {
            let place = layout.place(in: packet)
            let digest = Array(packet[place..<place + SHA256.digestBytes])
            if digest == compute(packet, place: place, key: key) { return (layout, digest) }
        }
        return nil
    }

    /// Puts the packet's own digest in its place.
    package static func sign(_ packet: inout [UInt8], layout: Layout, key: [UInt8]) {
        let place = layout.place(in: packet)
        packet.replaceSubrange(
            place..<place + SHA256.digestBytes, with: compute(packet, place: place, key: key))
    }

    /// Ends an answer packet (S2, C2) with the proof that its sender has read `digest`.
    package static func answer(_ packet: inout [UInt8], to digest: [UInt8], key: [UInt8]) {
        let body = packetBytes - SHA256.digestBytes
        let secret = SHA256.authenticate(digest, key: key + answerSuffix)
        packet.replaceSubrange(body..., with: SHA256.authenticate(packet[..<body], key: secret))
    }

    private static func compute(_ packet: [UInt8], place: Int, key: [UInt8]) -> [UInt8] {
        SHA256.authenticate(packet[..<place] + packet[(place + SHA256.digestBytes)...], key: key)
    }
}

/// Fills handshake packets with bytes that only have to differ (SplitMix64).
struct HandshakeNoise {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        var noise: [UInt8] = []
        noise.reserveCapacity(count + 8)
        while noise.count < count {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            for shift in stride(from: 0, to: 64, by: 8) {
                noise.append(UInt8(truncatingIfNeeded: z >> UInt64(shift)))
            }
        }
        noise.removeLast(noise.count - count)
        return noise
    }
}
