import M3U8
import Media

/// Which rendition the network carries.
extension Viewer {
    /// A rendition may take so much of the throughput: to stay with it, and to go up to it.
    private static let keeping = 0.95
    private static let climbing = 0.7

    /// Changes over where the network carries more or less, at the end of a segment, or at once while the picture waits.
    mutating func adapt(at now: MonotonicTime, _ actions: inout [Action]) {
        guard settings.rendition == nil, variants.count > 1, let master,
            let bits = throughput.bitsPerSecond, let track = tracks.first, track.listing != nil,
            track.media == nil, let cursor = track.cursor
        else { return }
        let isWaiting = if case .waiting = playhead.state { true } else { false }
        guard cursor.part == 0 || isWaiting else { return }
        let best = Viewer.choice(of: variants, at: variant, bitsPerSecond: bits)
        guard best != variant, !isWaiting || variants[best].bandwidth < variants[variant].bandwidth else {
            return
        }
        guard let address = master.resolving(variants[best].uri), address != track.address else { return }
        change(to: best, at: address, now, &actions)
    }

    private mutating func change(
        to best: Int, at address: WebAddress, _ now: MonotonicTime, _ actions: inout [Action]
    ) {
        var next = TrackReading(address: address, due: now)
        next.buffer = tracks[0].buffer
        next.reported = tracks[0].report(on: address)
        oldAnchors[0] = tracks[0].anchor
        for (number, request) in pending where request.purpose.track == 0 {
            pending[number] = nil
            actions.append(.cancel(number))
        }
        tracks[0] = next
        variant = best
        figures.switches += 1
    }

    /// The variant of the highest bandwidth that fits; the lowest where none does. One without a picture is chosen
    /// only where all are.
    static func choice(
        of variants: [MultivariantPlaylist.Variant], at current: Int, bitsPerSecond: Double
    ) -> Int {
        let hasPictures = variants.contains { $0.height != nil }
        let candidates = variants.indices.filter { !hasPictures || variants[$0].height != nil }
        let now = variants[current].bandwidth
        let fitting = candidates.filter { index in
            let share = variants[index].bandwidth > now ? climbing : keeping
            return Double(variants[index].bandwidth) <= bitsPerSecond * share
        }
        let best = fitting.max { variants[$0].bandwidth < variants[$1].bandwidth }
        return best ?? candidates.min { variants[$0].bandwidth < variants[$1].bandwidth } ?? current
    }
}
