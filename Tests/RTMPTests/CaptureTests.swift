import Foundation
import NIOCore
import RTMP
import Testing

/// What real clients sent (ffmpeg 5.1, GStreamer 1.22, librtmp), kept beside the fuzzers.
enum Capture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fuzz/Corpus")
        return Array(try Data(contentsOf: corpus.appending(path: name)))
    }

    static let sessions = ["session/ffmpeg", "session/gstreamer", "session/librtmp"]
    static let amf0 = [
        "amf0/all", "amf0/ffmpeg-connect", "amf0/ffmpeg-publish", "amf0/ffmpeg-setDataFrame",
        "amf0/gstreamer-connect", "amf0/gstreamer-publish", "amf0/gstreamer-setDataFrame",
    ]
    static let flv = [
        "flv/audio", "flv/enhanced", "flv/enhanced-audio", "flv/enhanced-hevc", "flv/modifiers",
        "flv/multitrack", "flv/multitrack-audio", "flv/multitrack-codecs", "flv/ffmpeg-audio-header",
        "flv/ffmpeg-video-header",
        "flv/picture",
    ]
}

@Suite struct CaptureTests {
    struct Outcome: Equatable {
        var events: [RTMPServerSession.Event] = []
        var fault: RTMPFault?
    }

    /// Runs a session over what a client sent after its handshake, in pieces; every publish is let in.
    private func run(_ bytes: [UInt8], pieces: () -> Int) -> Outcome {
        var session = RTMPServerSession(limits: RTMPLimits(), seed: 1)
        var outcome = Outcome()
        var hello = ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 3072))
        do {
            _ = try session.next(&hello)
            var at = 0
            while at < bytes.count {
                let count = min(pieces(), bytes.count - at)
                var buffer = ByteBuffer(bytes: bytes[at..<at + count])
                at += count
                while let event = try session.next(&buffer) {
                    outcome.events.append(event)
                    if case .publish = event { session.accept() }
                }
                if buffer.readableBytes > 0 { Issue.record("bytes were left lying") }
                _ = session.takeOutput()
            }
        } catch {
            outcome.fault = error
        }
        return outcome
    }

    @Test(arguments: Capture.sessions)
    func realClientsAreUnderstoodHoweverTheirBytesAreCut(name: String) throws {
        let bytes = try Capture.bytes(name)
        let whole = run(bytes, pieces: { bytes.count })
        #expect(whole.fault == nil)
        guard case .publish(let request) = whole.events.first else {
            Issue.record("no publish")
            return
        }
        #expect(request.application == "live" && request.key == "good")
        var counts = (pictures: 0, headers: 0, frames: 0, metadata: 0)
        for event in whole.events {
            switch event {
            case .video(let body, _):
                switch FLVVideoTag(body) {
                case .picture: counts.pictures += 1
                case .sequenceHeader: counts.headers += 1
                case .endOfSequence: break
                case .ignored, .unsupported, .broken: Issue.record("an odd video tag")
                }
            case .audio(let body, _):
                switch FLVAudioTag(body) {
                case .frame: counts.frames += 1
                case .sequenceHeader: counts.headers += 1
                case .ignored, .unsupported, .broken: Issue.record("an odd audio tag")
                }
            case .metadata: counts.metadata += 1
            case .publish, .unpublished: break
            }
        }
        #expect(counts.headers == 2 && counts.metadata >= 1 && counts.pictures > 1)
        if name != "session/librtmp" {  // that one was cut in mid-frame
            #expect(counts.pictures == 15 && counts.frames >= 47 && whole.events.last == .unpublished)
        }
        #expect(run(bytes, pieces: { 1 }) == whole)
        var random = SplitMix(11)
        for limit in [3, 20, 200, 2000] {
            #expect(run(bytes, pieces: { Int.random(in: 1...limit, using: &random) }) == whole)
        }
    }

    /// The short form of the fuzzers: changed captures end in events or in a fault, the same however they
    /// are cut.
    @Test(arguments: Capture.sessions)
    func changedCapturesNeverTrap(name: String) throws {
        let original = Array(try Capture.bytes(name).prefix(6000))
        var random = SplitMix(5)
        for _ in 0..<150 {
            let bytes = mutated(original, using: &random)
            let whole = run(bytes, pieces: { bytes.count })
            #expect(run(bytes, pieces: { Int.random(in: 1...50, using: &random) }) == whole)
        }
    }

    @Test(arguments: Capture.amf0)
    func changedValuesNeverTrap(name: String) throws {
        let original = try Capture.bytes(name)
        var whole = AMF0Decoder(ByteBuffer(bytes: original))
        #expect(!whole.rest().isEmpty && whole.isAtEnd)
        var random = SplitMix(6)
        for _ in 0..<500 {
            var decoder = AMF0Decoder(ByteBuffer(bytes: mutated(original, using: &random)))
            for value in decoder.rest() {
                var written = ByteBuffer()
                written.writeAMF0(value)
                var again = AMF0Decoder(written)
                var rewritten = ByteBuffer()
                for value in again.rest() { rewritten.writeAMF0(value) }
                #expect(written == rewritten)
            }
        }
    }

    @Test(arguments: Capture.flv)
    func changedTagsNeverTrap(name: String) throws {
        let original = try Capture.bytes(name)
        var random = SplitMix(7)
        for _ in 0..<500 {
            let bytes = mutated(original, using: &random)
            let body = ByteBuffer(bytes: bytes)
            // Of several tracks only the last one ends the body.
            if case (.picture(let payload, _, _, _), let extras) = FLVVideoTag.read(body, track: nil),
                extras.others == 0
            {
                #expect(bytes.suffix(payload.readableBytes).elementsEqual(payload.readableBytesView))
            }
            if case (.frame(let payload, _), let extras) = FLVAudioTag.read(body, track: nil),
                extras.others == 0
            {
                #expect(bytes.suffix(payload.readableBytes).elementsEqual(payload.readableBytesView))
            }
        }
    }

    /// ffmpeg sends a digest, and hangs up on a server that does not answer it rightly.
    @Test func ffmpegsHandshakeIsOneWithDigest() throws {
        let bytes = try Capture.bytes("handshake/ffmpeg")
        let c1 = Array(bytes[1..<1537])
        #expect(HandshakeDigest.find(in: c1, key: HandshakeDigest.playerKey) != nil)
        var handshake = ServerHandshake(seed: 1)
        var buffer = ByteBuffer(bytes: bytes)
        var answer = ByteBuffer()
        #expect(try handshake.receive(&buffer, answer: &answer))
        #expect(
            HandshakeDigest.find(
                in: Array(answer.readableBytesView[1..<1537]), key: HandshakeDigest.serverKey) != nil)
    }

    /// Some bytes changed, some left out, some doubled, sometimes cut short.
    private func mutated(_ bytes: [UInt8], using random: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes[at] = [0, 0xFF, 0x7F, 0x80, 1].randomElement(using: &random)!
            case 3: bytes.remove(at: at)
            case 4: bytes.insert(bytes[at], at: at)
            default: if Int.random(in: 0..<4, using: &random) == 0 { bytes.removeLast(bytes.count - at) }
            }
        }
        return bytes
    }
}
