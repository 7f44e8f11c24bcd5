import Checker
import Media
import NIOCore
import Testing

/// Whatever a server sends, the survey ends, and says something.
@Suite struct HostileTests {
    private func survey(_ change: Change, _ stage: Stage = Stage()) async throws -> Report {
        try await Survey(fetcher: StagedFetcher(stage: stage, change: change), options: .init(seconds: 2))
            .run(stage.base + "index.m3u8")
    }

    /// A small generator with a seed, so that a failing case comes back.
    private struct Chance {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }

        mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
    }

    private static let nasty = [
        "99999999999999999999", "-1", "9223372036854775807", "999999999999999", "1e308", "\"", ",", "=", "\n",
        "", "0",
        "0x7", "..", "\u{0}", "@", "NaN", "#EXT-X-SKIP:SKIPPED-SEGMENTS=999999999999\n", "http://", "?", "%",
    ]

    /// Numbers become others, characters go and come.
    private static func damaged(_ text: String, _ chance: inout Chance) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<1 + chance.below(6) where !bytes.isEmpty {
            let place = chance.below(bytes.count)
            switch chance.below(4) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: chance.next())
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + chance.below(40)))
            case 2: bytes.insert(contentsOf: nasty[chance.below(nasty.count)].utf8, at: place)
            default:
                // A whole number is replaced.
                guard let first = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) }) else {
                    continue
                }
                let end = bytes[first...].firstIndex { !(0x30...0x39).contains($0) } ?? bytes.count
                bytes.replaceSubrange(first..<end, with: nasty[chance.below(nasty.count)].utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: 0..<60) func damagedPlaylistsEndInAReport(_ seed: UInt64) async throws {
        let change = Change(text: { rendition, query, time, text in
            guard !rendition.isEmpty else { return text }
            var chance = Chance(
                state: seed &+ UInt64(time * 1000) &+ UInt64(query.utf8.count) &+ UInt64(rendition.utf8.count)
            )
            return HostileTests.damaged(text, &chance)
        })
        let report = try await survey(change)
        #expect(report.outcomes.count == RuleBook.rules.count)
        #expect(report.isFailure(warningsCount: true))
    }

    @Test(arguments: 0..<40) func damagedMultivariantPlaylistsEnd(_ seed: UInt64) async throws {
        var chance = Chance(state: seed)
        let text = HostileTests.damaged(Stage().multivariant(), &chance)
        let change = Change(text: { rendition, _, _, good in rendition.isEmpty ? text : good })
        do {
            #expect(try await survey(change, .onDemand).outcomes.count == RuleBook.rules.count)
        } catch let unavailable as Survey.Unavailable {
            #expect(unavailable.description.hasSuffix("."))
        }
    }

    @Test(arguments: 0..<40) func damagedMediaEndInAReport(_ seed: UInt64) async throws {
        let change = Change(media: { _, name, bytes in
            var chance = Chance(state: seed &+ name.utf8.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) })
            var bytes = bytes
            for _ in 0..<1 + chance.below(8) where bytes.readableBytes > 0 {
                bytes.setInteger(
                    UInt8(truncatingIfNeeded: chance.next()),
                    at: bytes.readerIndex + chance.below(min(400, bytes.readableBytes)))
            }
            if chance.below(3) == 0 {
                bytes =
                    bytes.getSlice(at: bytes.readerIndex, length: chance.below(bytes.readableBytes)) ?? bytes
            }
            return bytes
        })
        let report = try await survey(change)
        #expect(report.outcomes.count == RuleBook.rules.count)
    }

    /// A server that says yes to everything at once, with the same list for ever, is not asked without end.
    @Test func frozenServerIsFoundOut() async throws {
        let frozen = Stage().playlist(.hi, at: 0)
        let report = try await Survey(
            fetcher: StagedFetcher(
                stage: Stage(), change: Change(text: { place, _, _, text in place == "hi" ? frozen : text })),
            options: .init(seconds: 8)
        ).run(Stage().base + "index.m3u8")
        let broken = report.outcomes.filter { $0.state == .fail }.map(\.rule.id)
        #expect(broken.contains("segment-due") && broken.contains("blocking-kept"))
        #expect((report.figures.first { $0.url.contains("/hi/") }?.refreshes ?? 0) < 30)
    }

    @Test func absentAndForeignAddressesAreTold() async {
        let fetcher = StagedFetcher(stage: Stage())
        await #expect(throws: Survey.Unavailable.self) {
            try await Survey(fetcher: fetcher, options: .init()).run(Stage().base + "nothing.m3u8")
        }
        await #expect(throws: Survey.Unavailable.self) {
            try await Survey(fetcher: fetcher, options: .init()).run(Stage().base + "hi/init1.mp4")
        }
    }
}
