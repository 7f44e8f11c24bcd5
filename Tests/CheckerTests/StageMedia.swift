import CMAF
import Media
import NIOCore

extension Stage {
    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// 1280×720 at 25 fps, High profile.
    static let avc = try! AVCFormat(
        sps: [bytes("6764001facd9405005bb011000003e90000ea600f1831960")], pps: [bytes("68ebe3cb22c0")])
    static let aac = AACFormat(sampleRate: 48_000, channels: 2)!

    static func format(_ rendition: Rendition) -> TrackFormat {
        rendition == .audio ? .aac(aac) : .avc(avc)
    }

    static func initSection(_ rendition: Rendition) -> ByteBuffer { InitSection.make(format(rendition)) }

    /// Seconds of media time at which a segment's timeline begins: another one after the discontinuity.
    private static func origin(_ number: Int) -> Double { number < cut ? 10 : 1010 }

    /// The bytes of a part, counted from the show's beginning.
    static func part(_ rendition: Rendition, _ part: Int) -> ByteBuffer {
        let number = first + part / 4
        let samples = (boundary(rendition, part)..<boundary(rendition, part + 1)).map { index -> AccessUnit in
            let start = boundary(rendition, 4 * (part / 4))
            let isAudio = rendition == .audio
            let place =
                isAudio
                ? MediaTime(value: Int64(index) * 1024, timescale: 48_000)
                : MediaTime(ticks: Int64(index) * 9600)
            let time = MediaTime(seconds: origin(number)) + place
            let isSync = isAudio || index == start
            var payload = ByteBuffer()
            // One segment in four is three times as heavy.
            let size =
                (number % 4 == 0 ? 3 : 1) * (isAudio ? 60 : rendition == .lo ? 100 : 300)
                * (isSync && !isAudio ? 6 : 1)
            if !isAudio { payload.writeInteger(UInt32(size + 1)) }
            if !isAudio { payload.writeInteger(UInt8(isSync ? 0x65 : 0x41)) }
            payload.writeRepeatingByte(UInt8(truncatingIfNeeded: index), count: size)
            return AccessUnit(
                kind: isAudio ? .audio : .video, payload: payload, pts: time, dts: time,
                duration: isAudio ? aac.frameDuration : MediaTime(ticks: 9600), isSync: isSync,
                arrival: MonotonicTime(nanoseconds: 0))
        }
        return FragmentWriter(format: format(rendition)).write(samples, sequence: UInt32(part))
    }

    /// The bytes of a segment.
    static func segment(_ rendition: Rendition, _ number: Int) -> ByteBuffer {
        let index = number - first
        switch rendition {
        case .subs:
            let media = Int(((origin(number) + 2 * Double(index)) * 90_000).rounded())
            return ByteBuffer(
                string: """
                    WEBVTT
                    X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:\(media)

                    00:00:00.200 --> 00:00:01.800
                    Segment \(number)

                    """)
        case .pic:
            let time = MediaTime(seconds: origin(number) + 2 * Double(index))
            var payload = ByteBuffer(integer: UInt32(401))
            payload.writeInteger(UInt8(0x65))
            payload.writeRepeatingByte(7, count: 400)
            return FragmentWriter(format: .avc(avc)).write(
                [
                    AccessUnit(
                        kind: .video, payload: payload, pts: time, dts: time,
                        duration: MediaTime(ticks: 480_000),
                        isSync: true, arrival: MonotonicTime(nanoseconds: 0))
                ], sequence: UInt32(index))
        case .hi, .lo, .audio:
            var bytes = ByteBuffer()
            for part in 4 * index..<4 * index + 4 { bytes.writeImmutableBuffer(self.part(rendition, part)) }
            return bytes
        }
    }

    /// Bits a second of a rendition: the heaviest segment's, and somewhat above the average of all.
    static func rates(_ rendition: Rendition) -> (peak: Int, average: Int) {
        let sizes = (first..<first + 8).map { 8 * Double(segment(rendition, $0).readableBytes) / 1.98 }
        return (Int(sizes.max() ?? 0), Int(sizes.reduce(0, +) / 8 * 1.3))
    }
}
