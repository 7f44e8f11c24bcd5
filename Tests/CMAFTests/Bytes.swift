import CMAF
import Media
import NIOCore

/// Bytes from hexadecimal digits; whatever else stands between them is passed over.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func hex(_ buffer: ByteBuffer) -> String {
    buffer.readableBytesView.map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
}

enum Sample {
    /// 1280×720 at 25 fps, High profile.
    static let avc = try! AVCFormat(
        sps: [bytes("6764001facd9405005bb011000003e90000ea600f1831960")], pps: [bytes("68ebe3cb22c0")])
    static let aac = AACFormat(sampleRate: 44_100, channels: 2)!

    static func video(
        _ payload: String, dts: Int64, offset: Int64 = 0, duration: Int64 = 0, isSync: Bool = false
    ) -> AccessUnit {
        AccessUnit(
            kind: .video, payload: ByteBuffer(bytes: bytes(payload)), pts: MediaTime(ticks: dts + offset),
            dts: MediaTime(ticks: dts), duration: MediaTime(ticks: duration), isSync: isSync,
            arrival: MonotonicTime(nanoseconds: 7))
    }

    /// The AAC frame that begins with sample `index` times 1024.
    static func audio(_ payload: [UInt8], frame index: Int64) -> AccessUnit {
        let time = MediaTime(value: index * 1024, timescale: Int64(aac.sampleRate))
        return AccessUnit(
            kind: .audio, payload: ByteBuffer(bytes: payload), pts: time, dts: time,
            duration: aac.frameDuration,
            isSync: true, arrival: MonotonicTime(nanoseconds: 7))
    }
}

/// What two access units must share to be the same.
struct Shape: Hashable {
    var kind: AccessUnit.Kind
    var payload: ByteBuffer
    var pts: MediaTime
    var dts: MediaTime
    var duration: MediaTime
    var isSync: Bool
    var arrival: MonotonicTime

    init(_ unit: AccessUnit) {
        kind = unit.kind
        payload = unit.payload
        pts = unit.pts
        dts = unit.dts
        duration = unit.duration
        isSync = unit.isSync
        arrival = unit.arrival
    }
}
