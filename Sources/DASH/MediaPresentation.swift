package import Media

/// A media presentation description (ISO/IEC 23009-1:2022, 5.3): what a DASH player reads in place of playlists.
///
/// Only what this project serves: complete CMAF segments under numbered names, with a timeline in each
/// representation's own timescale. There is no low-latency form (`availabilityTimeOffset`): that one is for segments
/// that can be read while they grow, and here a segment's name is answered when the segment is complete.
package struct MediaPresentation: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// `type="dynamic"`.
        case live(Live)
        /// `type="static"`: all there is, and how long it lasts.
        case ended(duration: MediaTime)
    }

    package struct Live: Hashable, Sendable {
        /// Unix milliseconds of the presentation's time zero (`availabilityStartTime`); never changes.
        package var availabilityStart: Int64
        /// Unix milliseconds of the newest change.
        package var published: Int64
        /// How often players look for news.
        package var updatePeriod: MediaTime
        /// How far back segments may be fetched.
        package var depth: MediaTime
        /// How far behind the clock players should stay.
        package var suggestedDelay: MediaTime
        /// Where the server's date is told in answer to HEAD (`urn:mpeg:dash:utc:http-head:2014`).
        package var clock: String

        package init(
            availabilityStart: Int64, published: Int64, updatePeriod: MediaTime, depth: MediaTime,
            suggestedDelay: MediaTime, clock: String
        ) {
            self.availabilityStart = availabilityStart
            self.published = published
            self.updatePeriod = updatePeriod
            self.depth = depth
            self.suggestedDelay = suggestedDelay
            self.clock = clock
        }
    }

    package var kind: Kind
    /// No segment is longer.
    package var longestSegment: MediaTime
    package var periods: [Period]

    package init(kind: Kind, longestSegment: MediaTime, periods: [Period]) {
        self.kind = kind
        self.longestSegment = longestSegment
        self.periods = periods
    }

    /// A stretch in which nothing changes but time: the same representations, init sections and clock.
    package struct Period: Hashable, Sendable {
        package var id: String
        /// From the presentation's time zero.
        package var start: MediaTime
        package var sets: [AdaptationSet]

        package init(id: String, start: MediaTime, sets: [AdaptationSet]) {
            self.id = id
            self.start = start
            self.sets = sets
        }
    }

    /// Representations of the same content, among which a player may change at any segment.
    package struct AdaptationSet: Hashable, Sendable {
        package enum Content: Hashable, Sendable {
            case video
            /// BCP 47; nil where it is not said.
            case audio(language: String?)
        }

        package var content: Content
        package var representations: [Representation]

        package init(content: Content, representations: [Representation]) {
            self.content = content
            self.representations = representations
        }
    }

    package struct Representation: Hashable, Sendable {
        package enum Shape: Hashable, Sendable {
            case video(width: Int, height: Int, frameRate: FrameRate)
            case audio(sampleRate: Int, channels: Int)
        }

        /// Also the folder of its files.
        package var id: String
        /// RFC 6381.
        package var codecs: String
        /// Bits a second that its segments keep to.
        package var bandwidth: Int
        package var shape: Shape
        package var segments: SegmentTemplate

        package init(id: String, codecs: String, bandwidth: Int, shape: Shape, segments: SegmentTemplate) {
            self.id = id
            self.codecs = codecs
            self.bandwidth = bandwidth
            self.shape = shape
            self.segments = segments
        }
    }
}

extension MediaPresentation {
    /// Without the pictures whose short side is above `cap` (pixels).
    package func limited(to cap: Int) -> MediaPresentation {
        var limited = self
        for period in limited.periods.indices {
            for set in limited.periods[period].sets.indices {
                limited.periods[period].sets[set].representations.removeAll { ($0.shortSide ?? 0) > cap }
            }
            limited.periods[period].sets.removeAll(where: \.representations.isEmpty)
        }
        return limited
    }
}

extension MediaPresentation.Representation {
    /// Pixels; nil for sound.
    package var shortSide: Int? {
        if case .video(let width, let height, _) = shape { min(width, height) } else { nil }
    }
}
