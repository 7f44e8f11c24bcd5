/// What a run will produce, decided once from the feed's first seconds, before anything is listed.
package struct RunPlan: Sendable {
    /// One rendition of the run, as it is promised to players.
    package struct Rendition: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            /// Pixels and frames a second as sent.
            case video(width: Int, height: Int, frameRate: FrameRate)
            case audio(channels: Int)
            /// What is to be read beside both: captions. A window has it, no run makes it.
            case text
        }

        package var name: RenditionName
        package var kind: Kind
        /// The peak that rate control keeps to, in bits a second: BANDWIDTH is made from it.
        package var peakBitsPerSecond: Int
        /// Passed through from the host, not encoded here.
        package var isPassthrough: Bool

        package init(name: RenditionName, kind: Kind, peakBitsPerSecond: Int, isPassthrough: Bool) {
            self.name = name
            self.kind = kind
            self.peakBitsPerSecond = peakBitsPerSecond
            self.isPassthrough = isPassthrough
        }
    }

    /// Video renditions best first, then audio.
    package var renditions: [Rendition]
    /// The grid that part boundaries lie on: the frame rate that all video renditions share.
    package var partGrid: FrameRate
    /// Media time of the first picture.
    package var start: MediaTime
    /// When that picture arrived: it ties media time to the wall clock.
    package var startArrival: MonotonicTime
    /// Why the host's own picture is not passed through, in plain words; empty where it is.
    package var unfitReasons: [String]

    package init(
        renditions: [Rendition], partGrid: FrameRate, start: MediaTime, startArrival: MonotonicTime,
        unfitReasons: [String]
    ) {
        self.renditions = renditions
        self.partGrid = partGrid
        self.start = start
        self.startArrival = startArrival
        self.unfitReasons = unfitReasons
    }
}

/// What a run tells about its feeds.
package enum RunNews: Sendable, Hashable {
    /// The slate is shown from here on.
    case slate
    /// The feed of this number is shown.
    case feed(Int)
    /// The feed of this number cannot be shown; the sentence is for its host. The slate goes on.
    case unusable(String, feed: Int)
    /// The run does with less, or with more again.
    case relief(Relief)
}

/// What a run does without while its machine cannot keep real time.
package struct Relief: Sendable, Hashable {
    /// Steps that were taken, and how many there are; 0 where everything is as planned.
    package var level: Int
    package var levels: Int
    /// Pictures are encoded with less effort: they look worse at the same bitrate.
    package var spares: Bool
    /// Renditions at half their frame rate, best first.
    package var halved: [RenditionName]
    /// Renditions that are switched off, best first.
    package var shed: [RenditionName]
    /// Only key pictures are decoded.
    package var showsKeyPicturesOnly: Bool

    package init(
        level: Int = 0, levels: Int = 0, spares: Bool = false, halved: [RenditionName] = [],
        shed: [RenditionName] = [], showsKeyPicturesOnly: Bool = false
    ) {
        self.level = level
        self.levels = levels
        self.spares = spares
        self.halved = halved
        self.shed = shed
        self.showsKeyPicturesOnly = showsKeyPicturesOnly
    }
}

/// Where a run's output goes. Every call names its rendition; calls for one rendition come from one thread at a time
/// and in order, calls for different ones come from different threads. No call may block.
package protocol RunSink: Sendable {
    /// The plan stands. Comes before any event.
    func opened(_ plan: RunPlan)
    func receive(_ event: RenditionEvent, for rendition: RenditionName)
    /// Up to this decoding time nothing becomes of samples alone, in any rendition; nil where that is not known.
    var due: MediaTime? { get }
    /// The feed has gone, or another has taken its place: nothing that is listed changes by it.
    func news(_ news: RunNews)
    /// The run cannot go on, or could not start; the sentence is for the host and the log. Nothing follows.
    func failed(_ reason: String)
    /// Every rendition has had its `end`. Nothing follows.
    func finished()
}

extension RunSink {
    package var due: MediaTime? { nil }
}
