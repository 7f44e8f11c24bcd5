/// Reads big-endian bit fields and Exp-Golomb codes; nil past the end, never a trap.
package struct BitReader {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var remainingBits: Int { bytes.count * 8 - position }

    /// The next `count` bits (at most 32) as an unsigned number.
    package mutating func read(_ count: Int) -> UInt32? {
        guard count <= 32, count <= remainingBits else { return nil }
        var value: UInt32 = 0
        for _ in 0..<count {
            value = value << 1 | UInt32(bytes[position >> 3] >> UInt8(7 - position & 7) & 1)
            position += 1
        }
        return value
    }

    /// Passes over bits; false where there are fewer.
    package mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, count <= remainingBits else { return false }
        position += count
        return true
    }

    package mutating func flag() -> Bool? { read(1).map { $0 == 1 } }

    /// ue(v) of H.264, section 9.1.
    package mutating func unsignedGolomb() -> UInt32? {
        var zeros = 0
        while let bit = read(1) {
            if bit == 1 {
                guard let rest = read(zeros) else { return nil }
                return (1 << UInt32(zeros)) - 1 + rest
            }
            zeros += 1
            if zeros > 31 { return nil }
        }
        return nil
    }

    /// se(v) of H.264, section 9.1.1.
    package mutating func signedGolomb() -> Int32? {
        guard let code = unsignedGolomb() else { return nil }
        return code & 1 == 1 ? Int32(code / 2) + 1 : -Int32(code / 2)
    }
}
