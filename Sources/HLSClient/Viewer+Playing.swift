import M3U8
import Media

/// When the picture starts, goes on, and how fast.
extension Viewer {
    mutating func play(at now: MonotonicTime) {
        let buffers = tracks.map(\.buffer)
        switch playhead.state {
        case .ended: return
        case .playing:
            playhead.rate = rate(at: now, over: buffers)
        case .joining, .waiting:
            guard isPositioned else { return }
            if Playhead.end(of: buffers, from: playhead.position) == nil,
                let next = Playhead.start(of: buffers, after: playhead.position)
            {
                playhead.seek(to: next)
                hasSkipped = figures.join != nil
            }
            let ahead = playhead.ahead(over: buffers)
            guard ahead >= settings.startBuffer || isAll && ahead > 0 else {
                // The end came while the picture waited.
                if isAll, figures.join != nil {
                    playhead.play(at: now)
                    playhead.advance(to: now + .milliseconds(1), over: buffers, isAll: true)
                }
                return
            }
            // Behind a hole, the edge is nearer than what the server asks for; the next part would come too late.
            if hasSkipped, !isAll, let late = lateness(at: now), late < -0.3 { return }
            hasSkipped = false
            playhead.play(at: now)
            playhead.rate = rate(at: now, over: buffers)
            if figures.join == nil { figures.join = now - started }
        }
    }

    /// Faster as long as the picture is later than the server asks for, and has enough ahead.
    private func rate(at now: MonotonicTime, over buffers: [Buffered]) -> Double {
        guard settings.catchUpRate > 1, let late = lateness(at: now), late > 0.05,
            playhead.ahead(over: buffers) > 0.3
        else { return 1 }
        return min(settings.catchUpRate, 1 + late / 2)
    }

    /// How much later the picture is than the server asks for (seconds); nil where the show is over.
    private func lateness(at now: MonotonicTime) -> Double? {
        guard let track = tracks.first, let listing = track.listing, !listing.playlist.isEnded else {
            return nil
        }
        let edge = track.end + min((now - track.changed).inSeconds, listing.playlist.partTarget ?? 0)
        return edge - playhead.position - listing.holdBack
    }
}
