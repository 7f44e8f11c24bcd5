import Codecs
import Media
import Testing
import Transcode

/// A run that is told what to do without: what comes out is whole, aligned and decodable all the same.
@Suite struct ReliefTests {
    private typealias Scripted = TranscodeSettings.Governing.Scripted

    private func settings(_ latency: LatencyProfile, _ script: [(Int64, Int)]) -> TranscodeSettings {
        var settings = TranscodeSettings()
        settings.steps = [(144, 300), (120, 200), (96, 100)].map {
            Ladder.Step(shortSide: $0.0, kilobits: $0.1)
        }
        settings.latency = latency
        settings.governing = .scripted(
            script.map { Scripted(at: MediaTime(milliseconds: $0.0), level: $0.1) })
        return settings
    }

    private func expectWhole(_ run: CollectingSink.Collected, _ name: RenditionName) throws {
        let units = run.samples(name)
        for (unit, next) in zip(units, units.dropFirst()) {
            #expect(next.dts > unit.dts, "\(name) \(unit.pts)")
        }
        #expect(units.allSatisfy { $0.dts <= $0.pts })
        #expect(run.formats(name).count == 1, "\(name): one init section")
        var opening: MediaTime?
        for event in run.events[name] ?? [] {
            switch event {
            case .segment(let time, _): opening = time
            case .rest: opening = nil
            case .sample(let unit):
                if let time = opening { #expect(unit.isSync && unit.pts == time, "\(name) at \(time)") }
                opening = nil
            default: break
            }
        }
        #expect(try run.decode(name).count == units.count, "\(name) can be decoded")
    }

    @Test(arguments: LatencyProfile.allCases, [true, false])
    func everyLevelThereAndBack(_ latency: LatencyProfile, passesSource: Bool) throws {
        let clip = try TestClip.bars("relief", seconds: 16)
        var wanted = settings(
            latency,
            [(11_000, 1), (12_500, 2), (13_200, 3), (14_300, 4), (16_900, 5), (19_100, 3), (21_500, 0)])
        if !passesSource { wanted.source = .never }
        let run = try transcode(clip, wanted)
        #expect(run.failure == nil)
        let cuts = run.segments(.audio).map(\.time)
        let names = [RenditionName("144p"), RenditionName("120p"), RenditionName("96p")]
        #expect(run.videoNames == (passesSource ? [.source] + names : names))
        for name in names { try expectWhole(run, name) }
        // Each of the others' segments is a segment of it, or a rest.
        for name in run.videoNames {
            let own = (run.segments(name).map(\.time) + run.rests(name)).sorted()
            #expect(own == cuts, "\(name)")
        }
        // 144p is kept, the largest below 360; the others go from the top of cost and come back with a segment.
        #expect(run.rests(names[0]).isEmpty)
        #expect(run.rests(names[1]).map(\.milliseconds) == [16_000, 18_000])
        #expect(run.rests(names[2]).map(\.milliseconds) == [18_000])
        if passesSource {
            #expect(run.samples(.source).count == 480)
            #expect(run.rests(.source).isEmpty)
        }
        // Sound has no hole.
        let sound = run.samples(.audio)
        for (unit, next) in zip(sound, sound.dropFirst()) {
            #expect((next.pts - unit.pts - unit.duration).magnitude <= MediaTime(ticks: 1))
        }
        // From 13.2 s on the low ones have every second picture of each half second.
        let low = run.samples(names[2]).map(\.pts).filter {
            $0 >= MediaTime(milliseconds: 13_500) && $0 < MediaTime(milliseconds: 14_000)
        }
        #expect(
            low.sorted()
                == (0..<8).map { MediaTime(milliseconds: 13_500) + FrameRate(30).time(ofFrame: $0 * 2) })
        let late = run.samples(names[2]).filter { $0.pts >= MediaTime(milliseconds: 22_000) }
        #expect(late.count == 120, "at the end everything is as before")
        #expect(run.news.last == .relief(Relief(level: 0, levels: 7)))
        let worst = run.news.compactMap { if case .relief(let relief) = $0 { relief } else { nil } }
        #expect(worst.map(\.level) == [1, 2, 3, 4, 5, 3, 0])
        #expect(worst[4].shed == [names[1], names[2]])
    }

    @Test func keyPicturesOnlyAreStillShownInTime() throws {
        let clip = try TestClip.bars("relief", seconds: 16)
        for never in [false, true] {
            var wanted = settings(.balanced, [])
            wanted.steps = [Ladder.Step(shortSide: 96, kilobits: 100)]
            if never { wanted.source = .never }
            // One rendition has four steps: the last decodes key pictures only.
            wanted.governing = .scripted([
                Scripted(at: MediaTime(milliseconds: 12_500), level: 4),
                Scripted(at: MediaTime(milliseconds: 17_100), level: 0),
            ])
            let run = try transcode(clip, wanted)
            try run.expectOrder()
            let name = RenditionName("96p")
            try expectWhole(run, name)
            let half = run.samples(name).filter {
                $0.pts >= MediaTime(milliseconds: 13_000) && $0.pts < MediaTime(milliseconds: 17_000)
            }
            #expect(half.count == 64)
            #expect(run.samples(name).filter { $0.pts >= MediaTime(milliseconds: 18_000) }.count == 240)
        }
    }

    @Test func aFileIsNeverLate() throws {
        let run = try transcode(try TestClip.bars("relief", seconds: 16), settings(.balanced, []))
        #expect(run.news.isEmpty)
    }
}
