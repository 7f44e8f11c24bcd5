import Codecs
import Foundation
import Logging
import Media
import NIOCore
import Preflight
import Synchronization
import Testing

/// Real sound, made by ffmpeg: what the ear says of it, and what the whole observer finds in a real feed.
@Suite struct EarTests {
    struct Sound: CustomTestStringConvertible {
        let name: String
        let source: String
        let channels: Int
        /// What ffmpeg's own meter says, LUFS, and the peak in dBFS.
        let loudness: ClosedRange<Double>
        let peak: ClosedRange<Double>
        let clips: Bool
        var testDescription: String { name }
    }

    @Test(arguments: [
        // A sine at -18 dBFS on both sides is -18 LUFS (EBU Tech 3341, 1 kHz at -18.0 dBFS in stereo).
        Sound(
            name: "tone", source: "aevalsrc=0.12589*sin(2*PI*1000*t)|0.12589*sin(2*PI*1000*t):s=48000",
            channels: 2, loudness: -18.6...(-17.4), peak: -19...(-17), clips: false),
        Sound(
            name: "silence", source: "anullsrc=r=48000:cl=stereo", channels: 2, loudness: -200...(-70),
            peak: -200...(-90), clips: false),
        // Three times full scale, cut off.
        Sound(
            name: "clipping",
            source: "aevalsrc=clip(3*sin(2*PI*200*t)\\,-1\\,1)|clip(3*sin(2*PI*200*t)\\,-1\\,1):s=48000",
            channels: 2, loudness: -6...2, peak: -0.5...3, clips: true),
        // Loud, and whole.
        Sound(
            name: "loud", source: "aevalsrc=0.8*sin(2*PI*300*t)|0.8*sin(2*PI*300*t):s=48000", channels: 2,
            loudness: -4...0, peak: -3...(-1), clips: false),
        // A single channel has the peak that it has, whatever it is spread to.
        Sound(
            name: "mono", source: "aevalsrc=0.8*sin(2*PI*300*t):s=44100", channels: 1, loudness: -7...0,
            peak: -3...(-1), clips: false),
    ]) func hears(_ sound: Sound) throws {
        let path = try Clip.make(
            sound.name,
            "-f lavfi -i color=black:s=320x180:r=30 -f lavfi -i \(sound.source) -t 6 -c:v libx264"
                + " -preset ultrafast -g 30 -c:a aac -b:a 192k -ac \(sound.channels)")
        var reader = try MediaFileReader.open(path: path)
        var ear = Ear()
        var readings: [SoundReading] = []
        while let event = try reader.next() {
            if case .audioFormat(let format) = event { ear.open(format, Logger(label: "test")) }
            if case .audio(let unit) = event { readings += ear.hear(unit) }
        }
        #expect((55...62).contains(readings.count), "ten a second: \(readings.count)")
        let middle = readings.dropFirst(10).dropLast(5)
        let last = try #require(middle.last)
        #expect(sound.loudness.contains(last.momentary), "\(last.momentary)")
        #expect(sound.loudness.contains(last.shortTerm), "\(last.shortTerm)")
        for side in [last.left, last.right] {
            let decibels = 20 * log10(Double(side) + 1e-10)
            #expect(sound.peak.contains(decibels), "\(decibels)")
        }
        #expect((middle.reduce(0) { $0 + $1.clips } > 0) == sound.clips)
    }

    @Test func garbageIsPassedOver() throws {
        var ear = Ear()
        ear.open(.aac(try #require(AACFormat(sampleRate: 48_000, channels: 2))), Logger(label: "test"))
        var generator = SystemRandomNumberGenerator()
        for size in 0..<200 {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let time = MediaTime(milliseconds: Int64(size) * 21)
            _ = ear.hear(
                AccessUnit(
                    kind: .audio, payload: ByteBuffer(bytes: bytes), pts: time, dts: time, isSync: true,
                    arrival: .now))
        }
    }

    /// A black and silent clip through the whole observer, sent as a host sends it: both are found.
    @Test(.timeLimit(.minutes(2))) func theObserverFindsThem() async throws {
        let path = try Clip.make(
            "nothing",
            "-f lavfi -i color=black:s=640x360:r=30 -f lavfi -i anullsrc=r=48000:cl=stereo -t 40 -c:v"
                + " libx264 -preset ultrafast -g 60 -keyint_min 60 -c:a aac")
        let observer = FeedObserver(name: "test", rules: PreflightRules(), logger: Logger(label: "test"))
        let isFound = Flag()
        // On a thread of its own: other tests keep the pool busy, and a host is not held up by them.
        let host = try CodecThread.start(name: "host") {
            EarTests.publish(path, to: observer, until: isFound)
        }
        let wanted: Set<FindingCode> = [.audioSilent, .pictureDark, .resolutionLow]
        let end = MonotonicTime.now + .seconds(60)
        while MonotonicTime.now < end, !isFound.isUp {
            let codes = Set(observer.report.findings.map(\.code))
            if codes.isSuperset(of: wanted) { isFound.raise() }
            try await Task.sleep(for: .milliseconds(100))
        }
        host.join()
        #expect(isFound.isUp, "\(observer.report.findings.map(\.code))")
        #expect(observer.report.video?.keyframeInterval == 2)
        observer.receive(.ended(reason: "over"))
    }

    /// What comes faster than it can be looked at is dropped and counted; who sends it is not held up.
    @Test(.timeLimit(.minutes(1))) func aFloodIsDroppedAndCounted() async throws {
        let observer = FeedObserver(name: "flood", rules: PreflightRules(), logger: Logger(label: "test"))
        let garbage = ByteBuffer(repeating: 0x21, count: 200)
        let sent = 50_000
        for index in 0..<sent {
            let time = MediaTime(milliseconds: Int64(index) * 21)
            observer.receive(
                .audio(
                    AccessUnit(
                        kind: .audio, payload: garbage, pts: time, dts: time, isSync: true, arrival: .now)))
        }
        while observer.report.dropped == 0 { try await Task.sleep(for: .milliseconds(50)) }
        #expect(observer.report.dropped <= sent)
        observer.receive(.ended(reason: "over"))
    }

    /// A unit of sound that is larger than any real one takes no room: only its size is noted, and that it was not heard.
    @Test(.timeLimit(.minutes(1))) func hugeSoundIsNotKept() async throws {
        let observer = FeedObserver(name: "huge", rules: PreflightRules(), logger: Logger(label: "test"))
        for (size, index) in zip([64 << 10, (64 << 10) + 1], 0..<2) {
            let time = MediaTime(milliseconds: Int64(index) * 21)
            observer.receive(
                .audio(
                    AccessUnit(
                        kind: .audio, payload: ByteBuffer(repeating: 0x21, count: size), pts: time, dts: time,
                        isSync: true, arrival: .now)))
        }
        while observer.report.dropped == 0 { try await Task.sleep(for: .milliseconds(50)) }
        #expect(observer.report.dropped == 1)
        observer.receive(.ended(reason: "over"))
    }

    @Test func switchedOffItSaysSo() {
        let rules = PreflightRules()
        let logger = Logger(label: "test")
        #expect(FeedObserver(name: "off", rules: rules, isOn: false, logger: logger).report.observed == .off)
        #expect(FeedObserver(name: "on", rules: rules, logger: logger).report.observed == .starting)
    }

    /// Sends a clip in its own time.
    fileprivate static func publish(_ path: String, to observer: FeedObserver, until isFound: Flag) {
        do {
            var reader = try MediaFileReader.open(path: path)
            let start = MonotonicTime.now
            var first: MediaTime?
            while let event = try reader.next(), !isFound.isUp {
                guard case .video(var unit) = event else {
                    if case .audio(var unit) = event {
                        unit.arrival = .now
                        observer.receive(.audio(unit))
                    } else {
                        observer.receive(event)
                    }
                    continue
                }
                let origin = first ?? unit.dts
                first = origin
                let wait = (unit.dts - origin).duration - (MonotonicTime.now - start)
                if wait > .zero {
                    usleep(
                        UInt32(wait.components.attoseconds / 1_000_000_000_000) + UInt32(
                            wait.components.seconds) * 1_000_000)
                }
                unit.arrival = .now
                observer.receive(.video(unit))
            }
        } catch {
            Issue.record("\(error)")
        }
    }
}

/// Goes up once.
private final class Flag: Sendable {
    private let state = Atomic<Bool>(false)
    var isUp: Bool { state.load(ordering: .relaxed) }
    func raise() { state.store(true, ordering: .relaxed) }
}

/// Clips that ffmpeg makes, each once for a process.
enum Clip {
    private static let made = Mutex<[String: String]>([:])
    private static let folder: String = {
        let path =
            NSTemporaryDirectory() + "shopcast-preflight-clips-\(ProcessInfo.processInfo.processIdentifier)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }()

    struct Failed: Error { let text: String }

    static func make(_ name: String, _ arguments: String) throws -> String {
        try made.withLock { made in
            if let path = made[name] { return path }
            let path = "\(folder)/\(name).mp4"
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments =
                ["ffmpeg", "-nostdin", "-v", "error", "-y"] + arguments.split(separator: " ").map(String.init)
                + [path]
            let errors = Pipe()
            process.standardError = errors
            try process.run()
            let text = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw Failed(text: String(decoding: text, as: UTF8.self))
            }
            made[name] = path
            return path
        }
    }
}
