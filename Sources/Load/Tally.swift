package import HLSClient
import Media

/// What a crowd of viewers has counted, those who have left included.
package struct Tally: Sendable {
    /// Seconds.
    package var join = Distribution(step: 0.001)
    /// Seconds, sampled once a second of each viewer.
    package var latency = Distribution(step: 0.001)
    package var distance = Distribution(step: 0.001)
    /// A value for each viewer: stalls a minute, and per cent of the time spent waiting.
    package var stallsPerMinute = Distribution(step: 0.01)
    package var rebuffering = Distribution(step: 0.01)
    /// Viewers who began, who saw a picture, who saw the end.
    package var viewers = 0
    package var joined = 0
    package var ended = 0
    package var stalls = 0
    /// Seconds.
    package var stalled = 0.0
    package var played = 0.0
    package var figures = ViewerFigures()
    package var bytes = 0
    package var connections = 0
    package var playlistsRead = 0
    package var playlistsAsked = 0

    package init() {}

    /// Takes a viewer's account when it leaves, or at the end.
    mutating func add(_ viewer: Viewer, at now: MonotonicTime) {
        let figures = viewer.figures
        let playhead = viewer.playhead
        viewers += 1
        if playhead.state == .ended { ended += 1 }
        if let time = figures.join {
            joined += 1
            join.note(time.inSeconds)
            let waited = playhead.stalled(at: now).inSeconds
            let watched = playhead.played.inSeconds + waited
            stalls += playhead.stalls
            stalled += waited
            played += playhead.played.inSeconds
            // Of a viewer of a few seconds, a rate says nothing.
            if watched >= 5 {
                stallsPerMinute.note(Double(playhead.stalls) * 60 / watched)
                rebuffering.note(100 * waited / watched)
            }
        }
        self.figures.add(figures)
    }

    package mutating func add(_ other: Tally) {
        join.add(other.join)
        latency.add(other.latency)
        distance.add(other.distance)
        stallsPerMinute.add(other.stallsPerMinute)
        rebuffering.add(other.rebuffering)
        viewers += other.viewers
        joined += other.joined
        ended += other.ended
        stalls += other.stalls
        stalled += other.stalled
        played += other.played
        figures.add(other.figures)
        bytes += other.bytes
        connections += other.connections
        playlistsRead += other.playlistsRead
        playlistsAsked += other.playlistsAsked
    }

    package var errors: Int { figures.troubles.values.reduce(0, +) }
}

extension ViewerFigures {
    fileprivate mutating func add(_ other: ViewerFigures) {
        requests += other.requests
        wholePlaylists += other.wholePlaylists
        deltas += other.deltas
        misfits += other.misfits
        hints += other.hints
        hintMisses += other.hintMisses
        parts += other.parts
        segments += other.segments
        switches += other.switches
        gaps += other.gaps
        discontinuities += other.discontinuities
        jumps += other.jumps
        redirects += other.redirects
        troubles.merge(other.troubles, uniquingKeysWith: +)
    }
}
