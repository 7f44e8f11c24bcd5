/// How a viewer behaves.
package struct ViewerSettings: Hashable, Sendable {
    /// The rendition to stay with, by name (a folder of its address, `360p`); nil: what the network carries.
    package var rendition: String?
    /// Ask for the hinted part before it is listed, as AVPlayer does; hls.js does not.
    package var usesHints = false
    package var usesDeltas = true
    /// Media seconds a second while the picture is later than the server asks for; 1 never catches up.
    package var catchUpRate = 1.1
    /// What must be there before the picture starts or goes on (seconds).
    package var startBuffer = 0.1
    /// Nothing is fetched further ahead than this (seconds).
    package var bufferAtMost = 30.0
    /// A request that takes longer is given up (seconds).
    package var timeout = 20.0
    /// Unix time less the monotonic clock (seconds).
    package var unixOffset = 0.0

    package init() {}
}

/// What went wrong, by kind. The kinds are few, so that they can be counted by name.
package struct Trouble: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    private init(_ description: String) { self.description = description }

    package init(_ failure: HTTPFailure) { description = failure.rawValue }
    package init(status: Int) { description = "status \(status)" }

    package static let timeout = Trouble("timeout")
    package static let redirects = Trouble("too many redirects")
    package static let badAddress = Trouble("bad address")
    package static let badPlaylist = Trouble("bad playlist")
    package static let noRendition = Trouble("no such rendition")
    /// A blocking reload was answered without news.
    package static let notHeld = Trouble("reload not held")
    /// A playlist has had nothing new for three target durations.
    package static let standsStill = Trouble("playlist stands still")
    /// A playlist's numbers went back.
    package static let wentBack = Trouble("playlist went back")
    /// A part or segment was given up after three attempts.
    package static let skipped = Trouble("media given up")

    package static func < (a: Trouble, b: Trouble) -> Bool { a.description < b.description }
}

/// What a viewer has counted. Durations are of the viewer's own clock.
package struct ViewerFigures: Hashable, Sendable {
    /// From the first request to the first picture; nil as long as there was none.
    package var join: Duration?
    package var requests = 0
    package var wholePlaylists = 0
    package var deltas = 0
    /// Deltas that could not be applied: a whole playlist was asked for after each.
    package var misfits = 0
    /// Hinted parts that came, and those that were refused or withdrawn.
    package var hints = 0
    package var hintMisses = 0
    package var parts = 0
    package var segments = 0
    package var switches = 0
    /// Parts and segments marked as missing, left out.
    package var gaps = 0
    package var discontinuities = 0
    /// Times that the place to play had left the playlist.
    package var jumps = 0
    package var redirects = 0
    package var troubles: [Trouble: Int] = [:]

    package init() {}

    package mutating func note(_ trouble: Trouble) { troubles[trouble, default: 0] += 1 }
}
