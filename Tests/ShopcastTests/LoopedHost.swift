import Codecs
import Media
import NIOCore

/// A host that sends a file again and again, as `ffmpeg -stream_loop` does: each round begins when the longer of its two
/// streams is over, so that pictures and sound have a seam of their own. Nothing is waited for.
struct LoopedHost {
    var rate = FrameRate(30)
    /// Pictures from one IDR picture to the next.
    var gop: Int64 = 60
    var sampleRate = 48_000
    /// Pictures in the file.
    var pictures: Int64 = 1800
    /// Ticks a second of the times that are sent: FLV's milliseconds, a transport stream's 90 kHz.
    var unit: Int64 = 1000
    /// So much later than its file says a round begins.
    var pause = MediaTime.zero
    /// 0.0001: the host's clock is a ten-thousandth slower than ours.
    var slowness = 0.0

    /// Frames of sound in the file: as many as its pictures need.
    private var sounds: Int64 {
        let samples = rate.time(ofFrame: pictures).value(timescale: Int64(sampleRate))
        return (samples + 1023) / 1024
    }

    private func sound(_ index: Int64) -> MediaTime {
        MediaTime(value: index * 1024, timescale: Int64(sampleRate))
    }

    /// What is sent in so many seconds, with its formats first, in the order of time.
    func play(seconds: Double, _ body: (FeedEvent) -> Void) throws {
        var metadata = FeedMetadata()
        metadata.framesPerSecond = rate.framesPerSecond
        body(.metadata(metadata))
        body(.videoFormat(.avc(LoopedHost.avc)))
        let encoder = try AACEncoder.open(kilobits: 64, sampleRate: sampleRate)
        body(.audioFormat(.aac(encoder.format)))
        let silence = try LoopedHost.silence(encoder)
        let length = max(rate.time(ofFrame: pictures), sound(sounds)) + pause
        var round = MediaTime.zero
        while round.seconds < seconds {
            var heard: Int64 = 0
            for picture in 0..<pictures {
                let time = rate.time(ofFrame: picture)
                while heard < sounds, sound(heard) < time {
                    body(.audio(unit(.audio, silence, round + sound(heard), isSync: true)))
                    heard += 1
                }
                let isIDR = picture % gop == 0
                body(.video(unit(.video, LoopedHost.picture(isIDR), round + time, isSync: isIDR)))
            }
            while heard < sounds {
                body(.audio(unit(.audio, silence, round + sound(heard), isSync: true)))
                heard += 1
            }
            round += length
        }
    }

    private func unit(_ kind: AccessUnit.Kind, _ payload: ByteBuffer, _ time: MediaTime, isSync: Bool)
        -> AccessUnit
    {
        let real = time.seconds * (1 + slowness)
        let said = MediaTime(value: MediaTime(seconds: real).value(timescale: unit), timescale: unit)
        return AccessUnit(
            kind: kind, payload: payload, pts: said, dts: said, isSync: isSync,
            arrival: MonotonicTime(nanoseconds: 1_000_000_000 + Int64(real * 1e9)))
    }

    private static func silence(_ encoder: borrowing AACEncoder) throws -> ByteBuffer {
        var last = ByteBuffer()
        for round in 0..<4 {
            let start = Int64(round * AACFormat.frameSamples)
            try encoder.encode(PCMBlock(silence: AACFormat.frameSamples), start: start) { frame, _ in
                last = frame
            }
        }
        return last
    }

    /// One NAL unit that nobody decodes.
    private static func picture(_ isIDR: Bool) -> ByteBuffer {
        var payload = ByteBuffer()
        payload.writeInteger(UInt32(2))
        payload.writeInteger(UInt8(isIDR ? 0x65 : 0x41))
        payload.writeInteger(UInt8(1))
        return payload
    }

    private static let avc: AVCFormat = {
        let sps: [UInt8] = [
            0x67, 0x64, 0x00, 0x1F, 0xAC, 0xD9, 0x40, 0x50, 0x05, 0xBB, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00,
            0x10,
            0x00, 0x00, 0x03, 0x03, 0xC0, 0xF1, 0x83, 0x19, 0x60,
        ]
        // swift-format-ignore: NeverUseForceTry
        return try! AVCFormat(sps: [sps], pps: [[0x68, 0xEB, 0xE3, 0xCB, 0x22, 0xC0]])
    }()
}
