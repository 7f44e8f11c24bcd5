// Pushes a file through a run as fast as it goes, and says what a second of video costs in CPU.
// LadderBenchmark FILE [--seconds N] [--rungs 1080:4500,720:2500,480:1200,360:700] [--pass-source] [--abr | --crf N]
//                 [--profile low|balanced|quality] [--preset NAME] [--out DIR] [--live]
// With --live the file is sent at its own pace, and the delay from a picture's arrival to its coded sample is told.

import Codecs
import Foundation
import Logging
import Media
import NIOCore
import Transcode

struct Arguments {
    var file = ""
    var seconds = Double.infinity
    var out: String?
    var isLive = false
    var settings = TranscodeSettings()

    init?(_ words: [String]) {
        settings.pace = .offline
        settings.source = .never
        settings.maximumFrameRate = 60
        settings.fitness.maximumKilobits = 100_000
        settings.steps = Arguments.steps("1080:4500,720:2500,480:1200,360:700")
        var words = words[...]
        while let word = words.popFirst() {
            switch word {
            case "--seconds": seconds = words.popFirst().flatMap(Double.init) ?? seconds
            case "--rungs": settings.steps = Arguments.steps(words.popFirst() ?? "")
            case "--pass-source": settings.source = .auto
            case "--abr": settings.rateControl = .average
            case "--crf": settings.rateControl = .cappedQuality(words.popFirst().flatMap(Double.init) ?? 23)
            case "--profile":
                guard let profile = words.popFirst().flatMap(LatencyProfile.init(rawValue:)) else {
                    return nil
                }
                settings.latency = profile
            case "--preset": settings.preset = words.popFirst() ?? settings.preset
            case "--live":
                isLive = true
                settings.pace = .live
            case "--out": out = words.popFirst()
            default:
                guard file.isEmpty, !word.hasPrefix("-") else { return nil }
                file = word
            }
        }
        if file.isEmpty { return nil }
    }

    static func steps(_ text: String) -> [Ladder.Step] {
        text.split(separator: ",").compactMap { pair in
            let numbers = pair.split(separator: ":").compactMap { Int($0) }
            return numbers.count == 2 ? Ladder.Step(shortSide: numbers[0], kilobits: numbers[1]) : nil
        }
    }
}

/// Writes each rendition as a raw stream that ffmpeg reads: Annex B, or ADTS.
final class RawFiles: RunSink {
    private struct State {
        var files: [RenditionName: FileHandle] = [:]
        var bytes: [RenditionName: Int] = [:]
        var formats: [RenditionName: TrackFormat] = [:]
        var delays: [RenditionName: [Double]] = [:]
        var plan: RunPlan?
        var end: String?
    }

    private let folder: String?
    private let state = Monitor(State())

    init(folder: String?) {
        self.folder = folder
        if let folder {
            try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    func opened(_ plan: RunPlan) {
        state.change { state in
            state.plan = plan
            return (false, ())
        }
    }

    func receive(_ event: RenditionEvent, for rendition: RenditionName) {
        switch event {
        case .begin(let format):
            state.change { state in
                if let folder, state.files[rendition] == nil {
                    let path = "\(folder)/\(rendition).\(rendition == .audio ? "aac" : "h264")"
                    _ = FileManager.default.createFile(atPath: path, contents: nil)
                    state.files[rendition] = FileHandle(forWritingAtPath: path)
                }
                state.formats[rendition] = format
                return (false, ())
            }
        case .sample(let unit):
            let (file, format) = state.change { state in
                state.bytes[rendition, default: 0] += unit.payload.readableBytes
                let delay = (MonotonicTime.now - unit.arrival).components
                state.delays[rendition, default: []].append(
                    Double(delay.seconds) * 1000 + Double(delay.attoseconds) / 1e15)
                return (false, (state.files[rendition], state.formats[rendition]))
            }
            if let file, let format { file.write(raw(unit, format)) }
        default: break
        }
    }

    private func raw(_ unit: AccessUnit, _ format: TrackFormat) -> Data {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(unit.payload.readableBytes + 64)
        switch format {
        case .avc(let avc):
            if unit.isSync { bytes += RawFiles.parameterSets(avc.record) }
            var payload = unit.payload
            while let length = payload.readInteger(as: UInt32.self),
                let unit = payload.readSlice(length: Int(length))
            {
                bytes += [0, 0, 0, 1]
                bytes += unit.readableBytesView
            }
        case .aac(let aac):
            let size = unit.payload.readableBytes + 7
            let rate = aac.config[0] & 7 << 1 | aac.config[1] >> 7
            let channels = aac.config[1] >> 3 & 15
            bytes = [
                0xFF, 0xF1, 1 << 6 | rate << 2 | channels >> 2, channels << 6 | UInt8(size >> 11 & 3),
                UInt8(size >> 3 & 255), UInt8(size & 7) << 5 | 0x1F, 0xFC,
            ]
            bytes += unit.payload.readableBytesView
        }
        return Data(bytes)
    }

    private static func parameterSets(_ record: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var index = 6
        for count in [Int(record[5] & 31), -1] {
            var count = count
            if count < 0 {
                count = Int(record[index])
                index += 1
            }
            for _ in 0..<count {
                let size = Int(record[index]) << 8 | Int(record[index + 1])
                bytes += [0, 0, 0, 1] + record[index + 2..<index + 2 + size]
                index += 2 + size
            }
        }
        return bytes
    }

    func news(_ news: RunNews) {}

    func failed(_ reason: String) { end(reason) }
    func finished() { end("") }

    private func end(_ reason: String) {
        state.change { state in
            state.end = reason
            return (true, ())
        }
    }

    /// Milliseconds from arrival to sample, the catching up of the first four seconds left out.
    func delays() -> [(RenditionName, median: Double, late: Double)] {
        state.withLock { state in
            state.delays.compactMap { name, all in
                let steady = all.dropFirst(all.count * 4 / 10).sorted()
                guard let last = steady.last else { return nil }
                return (name, steady[steady.count / 2], min(last, steady[steady.count * 95 / 100]))
            }
        }
    }

    /// Waits for the run's end; returns why it failed, empty where it did not.
    func wait() -> (reason: String, bytes: [RenditionName: Int], plan: RunPlan?) {
        let end = state.wait { state in state.end.map { ($0, state.bytes, state.plan) } }
        return end ?? ("", [:], nil)
    }
}

func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

/// Waits until the event's time has come, and marks it as arrived then.
func atItsTime(_ event: FeedEvent, _ began: MonotonicTime) -> FeedEvent {
    func arrived(_ unit: AccessUnit) -> AccessUnit {
        var unit = unit
        let due = began + unit.dts.duration
        while MonotonicTime.now < due {
            usleep(UInt32(min(20_000, max(1, (due.nanoseconds - MonotonicTime.now.nanoseconds) / 1000))))
        }
        unit.arrival = .now
        return unit
    }
    switch event {
    case .video(let unit): return .video(arrived(unit))
    case .audio(let unit): return .audio(arrived(unit))
    default: return event
    }
}

func run(_ arguments: Arguments) throws -> Int32 {
    let sink = RawFiles(folder: arguments.out)
    let logger = Logger(label: "ladder") { _ in SwiftLogNoOpLogHandler() }
    var reader = try MediaFileReader.open(path: arguments.file)
    let (cpu, began) = (cpuSeconds(), MonotonicTime.now)
    let transcoder = Transcoder(
        settings: arguments.settings, name: "benchmark", capacity: EncodingCapacity(cores: 1000), sink: sink,
        logger: logger)
    var length = 0.0
    var frames = 0
    while var event = try reader.next() {
        if arguments.isLive { event = atItsTime(event, began) }
        if case .video(let unit) = event {
            // Whole GOPs only would be cleaner; an IDR picture is where nothing is left half reordered.
            if unit.dts.seconds >= arguments.seconds && unit.isSync { break }
            frames += 1
            length = max(length, unit.pts.seconds)
        }
        transcoder.receive(event)
    }
    transcoder.finish()
    let (reason, bytes, plan) = sink.wait()
    guard reason.isEmpty, frames > 1 else {
        print("failed: \(reason)")
        return 1
    }
    length *= Double(frames) / Double(frames - 1)
    let used = cpuSeconds() - cpu
    let wall =
        Double((MonotonicTime.now - began).components.attoseconds) / 1e18
        + Double((MonotonicTime.now - began).components.seconds)
    for rendition in plan?.renditions ?? [] {
        let kilobits = Double(bytes[rendition.name] ?? 0) * 8 / 1000 / length
        print("\(rendition.name): \(Int(kilobits.rounded())) kbit/s")
    }
    if arguments.isLive {
        for (name, median, late) in sink.delays().sorted(by: { $0.0.text < $1.0.text }) {
            print(
                String(
                    format: "%@: %.1f ms from arrival to sample (median), %.1f ms (95 of 100)", name.text,
                    median, late))
        }
    }
    print(String(format: "%.3f CPU s / video s, %.1f s of video in %.1f s", used / length, length, wall))
    return 0
}

guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
    print(
        "usage: LadderBenchmark FILE [--seconds N] [--rungs SHORTSIDE:KBPS,…] [--pass-source] [--abr | --crf N]"
    )
    print("       [--profile low|balanced|quality] [--preset NAME] [--out DIR] [--live]")
    exit(2)
}
exit(try run(arguments))
