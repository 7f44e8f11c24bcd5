import Codecs
import Logging
import Media
import Testing
import Transcode

/// Keeps all that a run sends.
final class CollectingSink: RunSink {
    struct Collected {
        var plan: RunPlan?
        var events: [RenditionName: [RenditionEvent]] = [:]
        var failure: String?
        var isFinished = false
        var news: [RunNews] = []
    }

    private let state = Monitor(Collected())

    func opened(_ plan: RunPlan) {
        state.change { state in
            #expect(state.events.isEmpty && state.plan == nil)
            state.plan = plan
            return (false, ())
        }
    }

    func receive(_ event: RenditionEvent, for rendition: RenditionName) {
        state.change { state in
            #expect(!state.isFinished && state.failure == nil)
            state.events[rendition, default: []].append(event)
            return (false, ())
        }
    }

    func news(_ news: RunNews) {
        state.change { state in
            state.news.append(news)
            return (true, ())
        }
    }

    func failed(_ reason: String) {
        state.change { state in
            state.failure = reason
            return (true, ())
        }
    }

    func finished() {
        state.change { state in
            state.isFinished = true
            return (true, ())
        }
    }

    /// The run's whole output; fails the test where it does not end within two minutes.
    func wait() throws -> Collected {
        try #require(state.wait(atMost: .seconds(120)) { $0.isFinished || $0.failure != nil ? $0 : nil })
    }
}

extension CollectingSink.Collected {
    func samples(_ name: RenditionName) -> [AccessUnit] {
        (events[name] ?? []).compactMap { if case .sample(let unit) = $0 { unit } else { nil } }
    }

    func segments(_ name: RenditionName) -> [(time: MediaTime, isDiscontinuity: Bool)] {
        (events[name] ?? []).compactMap {
            if case .segment(let time, let isDiscontinuity) = $0 { (time, isDiscontinuity) } else { nil }
        }
    }

    func rests(_ name: RenditionName) -> [MediaTime] {
        (events[name] ?? []).compactMap { if case .rest(let time) = $0 { time } else { nil } }
    }

    func formats(_ name: RenditionName) -> [TrackFormat] {
        (events[name] ?? []).compactMap { if case .begin(let format) = $0 { format } else { nil } }
    }

    var videoNames: [RenditionName] {
        (plan?.renditions ?? []).filter { if case .video = $0.kind { true } else { false } }.map(\.name)
    }

    /// What every run must keep to.
    func expectOrder() throws {
        let plan = try #require(plan)
        #expect(failure == nil)
        #expect(Set(events.keys) == Set(plan.renditions.map(\.name)))
        let cuts = segments(plan.renditions[0].name)
        #expect(cuts.first?.time == plan.start)
        for (cut, next) in zip(cuts, cuts.dropFirst()) {
            #expect(next.time - cut.time < MediaTime(milliseconds: 2500) && next.time > cut.time)
        }
        for rendition in plan.renditions {
            let name = rendition.name
            let listed = segments(name)
            #expect(listed.map(\.time) == cuts.map(\.time), "\(name)")
            #expect(listed.map(\.isDiscontinuity) == cuts.map(\.isDiscontinuity), "\(name)")
            if case .video = rendition.kind { try expectVideo(name) } else { try expectAudio(name) }
        }
    }

    private func expectVideo(_ name: RenditionName) throws {
        let all = try #require(events[name])
        guard case .begin = all.first, case .end = all.last else {
            Issue.record("\(name) does not begin or end")
            return
        }
        var opening: MediaTime?
        var lastDTS = MediaTime(ticks: Int64.min)
        for event in all {
            switch event {
            case .segment(let time, _): opening = time
            case .sample(let unit):
                if let time = opening { #expect(unit.isSync && unit.pts == time, "\(name) at \(time)") }
                opening = nil
                #expect(
                    unit.dts > lastDTS && unit.dts <= unit.pts && unit.dts >= .zero, "\(name) at \(unit.pts)")
                #expect(unit.duration > .zero && NALUnits(unit.payload).isWhole)
                #expect(unit.isSync == NALUnits(unit.payload).hasIDR)
                lastDTS = unit.dts
            default: break
            }
        }
    }

    private func expectAudio(_ name: RenditionName) throws {
        let units = samples(name)
        let plan = try #require(plan)
        #expect(try #require(units.first).dts >= .zero)
        for (unit, next) in zip(units, units.dropFirst()) {
            #expect((next.pts - unit.pts - unit.duration).magnitude <= MediaTime(ticks: 1), "at \(unit.pts)")
        }
        // Sound covers the pictures, from the first on.
        #expect(try #require(units.first).pts <= plan.start + MediaTime(milliseconds: 25))
        let end = try #require(units.last).pts
        let pictures = try #require(samples(plan.renditions[0].name).map(\.pts).max())
        #expect((end - pictures).magnitude < MediaTime(milliseconds: 150), "\(end) against \(pictures)")
    }

    /// Decodes a rendition's samples back; as many pictures must come out as went in.
    func decode(_ name: RenditionName) throws -> [Picture] {
        guard case .avc(let format) = try #require(formats(name).first) else { return [] }
        let decoder = try VideoDecoder.open(.avc(format), reorderDepth: 2)
        var pictures: [Picture] = []
        for unit in samples(name) { try decoder.decode(unit) { pictures.append($0) } }
        try decoder.drain { pictures.append($0) }
        return pictures
    }
}

let quietLogger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// Runs a whole file through a transcoder, as fast as it goes.
func transcode(
    _ path: String, _ settings: TranscodeSettings = TranscodeSettings(),
    capacity: EncodingCapacity = EncodingCapacity(cores: 100), change: (FeedEvent) -> [FeedEvent] = { [$0] }
) throws -> CollectingSink.Collected {
    var settings = settings
    settings.pace = .offline
    let sink = CollectingSink()
    let transcoder = Transcoder(
        settings: settings, name: "test", capacity: capacity, sink: sink, logger: quietLogger)
    var reader = try MediaFileReader.open(path: path)
    while let event = try reader.next() { change(event).forEach { transcoder.receive($0) } }
    transcoder.finish()
    return try sink.wait()
}
