/// A piece of a show's sound, and when on the show clock it is heard.
///
/// On the wire: how many samples (four bytes), the instant of the first (eight bytes, Unix milliseconds), the samples (two
/// bytes each); all little-endian.
package struct SoundFrame: Hashable, Sendable {
    package static let sampleRate = 16_000
    /// A second.
    package static let longest = 16_000
    static let head = 12

    package var date: Int64
    package var samples: [Int16]

    package init(date: Int64, samples: [Int16]) {
        self.date = date
        self.samples = samples
    }

    package var seconds: Double { Double(samples.count) / Double(SoundFrame.sampleRate) }
    /// Unix milliseconds of its end.
    package var end: Int64 { date + Int64(samples.count) * 1000 / Int64(SoundFrame.sampleRate) }

    package func write(to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + SoundFrame.head + samples.count * 2)
        withUnsafeBytes(of: UInt32(samples.count).littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: date.littleEndian) { bytes.append(contentsOf: $0) }
        for sample in samples {
            withUnsafeBytes(of: sample.littleEndian) { bytes.append(contentsOf: $0) }
        }
    }
}

/// Takes frames out of bytes as they come. Pure. Bound: one frame that is not whole yet.
package struct SoundFrameReader: Sendable {
    /// What comes is no sound.
    package struct Fault: Error {
        package init() {}
    }

    private var rest: [UInt8] = []
    /// What follows the frames that were given out is no sound.
    package private(set) var isBroken = false

    package init() {}

    /// Throws where no frame comes before what is no sound.
    package mutating func take(_ bytes: some Collection<UInt8>) throws(Fault) -> [SoundFrame] {
        rest.append(contentsOf: bytes)
        var frames: [SoundFrame] = []
        var place = 0
        while rest.count - place >= SoundFrame.head {
            let count = Int(rest.littleEndian(at: place, as: UInt32.self))
            guard count <= SoundFrame.longest else {
                isBroken = true
                if frames.isEmpty { throw Fault() }
                break
            }
            let size = SoundFrame.head + count * 2
            guard rest.count - place >= size else { break }
            let date = Int64(bitPattern: rest.littleEndian(at: place + 4, as: UInt64.self))
            let samples = (0..<count).map { index in
                Int16(
                    bitPattern: rest.littleEndian(at: place + SoundFrame.head + index * 2, as: UInt16.self))
            }
            frames.append(SoundFrame(date: date, samples: samples))
            place += size
        }
        rest.removeFirst(place)
        return frames
    }
}

extension [UInt8] {
    fileprivate func littleEndian<Value: FixedWidthInteger>(at place: Int, as type: Value.Type) -> Value {
        var value: Value = 0
        for offset in stride(from: MemoryLayout<Value>.size - 1, through: 0, by: -1) {
            value = (value << 8) | Value(self[place + offset])
        }
        return value
    }
}
