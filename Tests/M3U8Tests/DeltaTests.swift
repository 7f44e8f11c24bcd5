import M3U8
import NIOCore
import Testing

@Suite struct DeltaTests {
    /// A live list that slides: what it lists from `first` on, out of one endless row of segments.
    private struct Show {
        let segments: [MediaPlaylist.Segment]

        init(_ chance: Chance) {
            var date: Int64 = 1_790_000_000_000
            var map = "init0.mp4"
            segments = (0..<60).map { number in
                let duration = [2.0, 2.0, 1.96667, 0.5, 2.4][chance.number(0...4)]
                if chance.yes(10) { map = "init\(number).mp4" }
                defer { date += Int64((duration * 1000).rounded()) }
                return .init(
                    uri: "s\(number).mp4", duration: duration, isDiscontinuity: chance.yes(12),
                    isGap: chance.yes(9), map: map,
                    keys: chance.yes(9)
                        ? [chance.yes(3) ? .clear : .init(method: "AES-128", uri: "key\(number)")] : [],
                    programDateTime: date,
                    parts: (0..<4).map { .init(uri: "s\(number).\($0).mp4", duration: duration / 4) })
            }
        }

        /// Segments `first` to `last`, the latter open where it has fewer than four `parts`; parts of the last three.
        func list(_ first: Int, _ last: Int, parts: Int) -> MediaPlaylist {
            var listed = Array(segments[first...last])
            for index in listed.indices.dropLast(3) { listed[index].parts = [] }
            if parts < 4 {
                listed[listed.count - 1].uri = nil
                listed[listed.count - 1].duration = 0
                listed[listed.count - 1].isGap = false
                listed[listed.count - 1].parts.removeLast(4 - parts)
            }
            var carried = MediaPlaylist.Carried()
            for segment in segments[..<first] { carried.pass(segment) }
            if listed[0].keys.isEmpty { listed[0].keys = carried.keys }
            let count = segments[..<first].count(where: \.isDiscontinuity)
            let playlist = MediaPlaylist(
                targetDuration: 2, partTarget: 0.6,
                serverControl: .init(canBlockReload: true, canSkipUntil: 12, holdBack: 6, partHoldBack: 1.8),
                mediaSequence: UInt64(first), discontinuitySequence: UInt64(count), segments: listed)
            // In the form that the parser gives: what does not change is not said.
            var buffer = ByteBuffer()
            playlist.write(into: &buffer)
            return (try? MediaPlaylist(parsing: buffer)) ?? playlist
        }
    }

    /// An older full list and a delta update make the new full list, wherever the two stand.
    @Test func olderListAndUpdateMakeTheNewList() throws {
        var applied = 0
        for seed: UInt64 in 0..<2000 {
            let chance = Chance(seed: seed)
            let show = Show(chance)
            let first = chance.number(0...20)
            let last = first + chance.number(8...25)
            let old = show.list(first, last, parts: chance.number(1...4))
            let ahead = chance.number(0...10)
            let new = show.list(
                first + chance.number(0...min(ahead, 8)), last + ahead, parts: chance.number(1...4))
            guard let delta = new.delta(boundary: 12) else { continue }
            #expect(delta.mediaSequence == new.mediaSequence)
            #expect(delta.discontinuitySequence == new.discontinuitySequence && delta.version == 9)
            var buffer = ByteBuffer()
            delta.write(into: &buffer)
            let read = try MediaPlaylist(parsing: buffer)
            let skipped = try #require(read.skip).segments
            #expect(read.segments.count + skipped == new.segments.count)
            let whole = old.segments.count(where: { $0.uri != nil })
            let isHeld = Int(new.mediaSequence) + skipped <= first + whole
            let full = old.updated(by: read)
            try #require((full != nil) == isHeld, "seed \(seed)")
            if let full {
                try #require(full == new, "seed \(seed)\n\(text(full))\n\(text(new))")
                applied += 1
            }
        }
        #expect(applied > 500)
    }

    @Test func nothingIsSkippedCloserThanTheBoundary() {
        let segments = (0..<10).map { MediaPlaylist.Segment(uri: "s\($0)", duration: 2) }
        var playlist = MediaPlaylist(targetDuration: 2, mediaSequence: 5, segments: segments)
        #expect(playlist.delta(boundary: 12)?.skip == .init(segments: 4))
        #expect(playlist.delta(boundary: 18)?.skip == .init(segments: 1))
        #expect(playlist.delta(boundary: 18.1) == nil)
        #expect(playlist.delta(boundary: 100) == nil)
        playlist.segments.append(.init(uri: nil, parts: [.init(uri: "p", duration: 0.5)]))
        #expect(playlist.delta(boundary: 12.5)?.skip == .init(segments: 4))
        playlist.isEnded = true
        #expect(playlist.delta(boundary: 12) == nil)
    }

    @Test func anUpdateThatDoesNotFitIsRefused() {
        let old = MediaPlaylist(
            targetDuration: 2, mediaSequence: 10, segments: (0..<9).map { .init(uri: "s\($0)", duration: 2) })
        func update(_ sequence: UInt64, skipping count: Int) -> MediaPlaylist {
            .init(targetDuration: 2, mediaSequence: sequence, skip: .init(segments: count))
        }
        #expect(old.updated(by: update(10, skipping: 9)) != nil)
        #expect(old.updated(by: update(9, skipping: 1)) == nil)
        #expect(old.updated(by: update(10, skipping: 10)) == nil)
        #expect(old.updated(by: update(20, skipping: 0)) == nil)
        #expect(old.updated(by: update(.max, skipping: .max)) == nil)
        let full = MediaPlaylist(targetDuration: 2, mediaSequence: 99)
        #expect(old.updated(by: full) == full)
    }

    @Test func removedDateRangesGo() {
        var old = MediaPlaylist(
            targetDuration: 2, mediaSequence: 0, segments: (0..<9).map { .init(uri: "s\($0)", duration: 2) })
        old.dateRanges = ["a", "b", "c"].map { .init(id: $0, start: 0) }
        var update = MediaPlaylist(
            targetDuration: 2, mediaSequence: 0, skip: .init(segments: 2, removedDateRanges: ["a"]))
        update.dateRanges = [.init(id: "c", start: 0, duration: 1), .init(id: "d", start: 5)]
        let full = old.updated(by: update)
        #expect(full?.dateRanges.map(\.id) == ["b", "c", "d"] && full?.dateRanges[1].duration == 1)
    }
}
