import M3U8
import Media
import NIOCore
package import Packaging

/// A track of a recording: every cue and correction at its right place. Immutable; its segments are written when they are
/// asked for, from memory.
///
/// Addresses carry a hash of the cues: what caches hold of an earlier edition is never shown for this one.
package final class RecordedCaptions: RecordedText {
    package let rendition: TextRendition
    package let playlist: PlaylistText
    private let places: [RecordedPlace]
    private let rules: ReadingRules
    private let edition: String
    /// In the order of their starts.
    private let cues: [Cue]
    /// For each place the first cue that may reach into it.
    private let firsts: [Int]

    /// `places` in the order of their numbers, each once.
    package init(
        _ rendition: TextRendition, cues all: [Cue], places: [RecordedPlace], rules: ReadingRules
    ) {
        self.rendition = rendition
        self.places = places
        self.rules = rules
        let cues = all.filter(\.isFinal).sorted { ($0.start, $0.id) < ($1.start, $1.id) }
        self.cues = cues
        let edition = RecordedCaptions.hash(cues)
        self.edition = edition
        // The latest end of all cues up to each, which never falls: where it lies before a place, none of them reaches it.
        var reach: Int64 = .min
        let reaches = cues.map { cue in
            reach = max(reach, cue.end)
            return reach
        }
        firsts = places.map { place in
            var (low, high) = (0, reaches.count)
            while low < high {
                let middle = (low + high) / 2
                if reaches[middle] <= place.place.date { low = middle + 1 } else { high = middle }
            }
            return low
        }
        playlist = PlaylistText { RecordedCaptions.list(places, edition) }
    }

    /// Numbers are of one place only, whatever else is left out of a recording.
    private static func file(_ sequence: UInt64, _ edition: String) -> String {
        "c\(sequence)-\(edition).vtt"
    }

    /// FNV-1a of everything that is shown.
    private static func hash(_ cues: [Cue]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        for cue in cues { add("\(cue.id) \(cue.start) \(cue.end) \(cue.speaker ?? "")\n\(cue.text)") }
        return String(hash, radix: 36)
    }

    private static func list(_ places: [RecordedPlace], _ edition: String) -> ByteBuffer {
        let longest = places.map(\.place.duration.seconds).max() ?? 2
        var list = MediaPlaylist(
            targetDuration: max(2, Int(longest.rounded())), mediaSequence: 0, kind: .video, isEnded: true)
        list.segments = places.map { place in
            .init(
                uri: file(place.place.sequence, edition), duration: place.place.duration.seconds,
                isDiscontinuity: place.isBreak, programDateTime: place.place.date)
        }
        var text = ByteBufferAllocator().buffer(capacity: 256 + places.count * 100)
        list.write(into: &text)
        return text
    }

    package func object(file name: Substring) -> MediaObject? {
        guard name.first == "c", let dash = name.firstIndex(of: "-"),
            let sequence = UInt64(name[name.index(after: name.startIndex)..<dash]),
            name == RecordedCaptions.file(sequence, edition)
        else { return nil }
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].place.sequence < sequence { low = middle + 1 } else { high = middle }
        }
        guard low < places.count, places[low].place.sequence == sequence else { return nil }
        let index = low
        return MediaObject(kind: .text, buffers: [segment(index)])
    }

    private func segment(_ index: Int) -> ByteBuffer {
        let place = places[index].place
        let shift = place.start.milliseconds - place.date
        var writer = VTTWriter.segment()
        for cue in cues[firsts[index]...].prefix(while: { $0.start < place.endDate })
        where cue.end > place.date {
            writer.write(
                VTTCue(
                    id: cue.name, start: MediaTime(milliseconds: max(0, cue.start + shift)),
                    end: MediaTime(milliseconds: max(0, cue.end + shift)), speaker: cue.speaker,
                    text: rules.wrapped(cue.text)))
        }
        return writer.buffer
    }
}
