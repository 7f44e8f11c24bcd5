package import M3U8
package import Media

/// How a live window is cut and listed. The defaults are the stream defaults of the project; each fits the others.
package struct WindowSettings: Sendable, Hashable {
    /// How far back a live playlist reaches; at least six segments are listed, whatever it says.
    package var span: MediaTime
    /// EXT-X-TARGETDURATION, in whole seconds.
    package var targetSeconds = 2
    /// Parts end at the frame nearest to each multiple of this.
    package var partDuration = PartGrid.usualDuration
    /// PART-TARGET, in seconds: AAC frames and 25, 29.97 or 15 fps never fit 0.5 s exactly, and players reject parts
    /// that are longer than promised.
    package var partTarget = 0.54
    /// PART-HOLD-BACK, in seconds: three part targets.
    package var partHoldBack = 1.62
    /// Segments are encrypted, each key for so many of them; nil leaves them in the clear.
    package var segmentsPerKey: UInt64?
    /// BCP 47, of what is spoken; nil where it is not said.
    package var language: String?
    /// Content steering; nil where players use this server's address only.
    package var steering: SteeringSettings?

    package static let fifteenMinutes = MediaTime(milliseconds: 900_000)
    /// A window is never shorter: players that are late need them (authoring specification, 8.11).
    package let fewestSegments = 6

    package init(
        span: MediaTime = fifteenMinutes, language: String? = nil, steering: SteeringSettings? = nil
    ) {
        self.span = span
        self.language = language
        self.steering = steering
    }

    /// As far back as so many segments of the target duration.
    package init(segments: Int, language: String? = nil, steering: SteeringSettings? = nil) {
        self.init(language: language, steering: steering)
        span = targetDuration * max(fewestSegments, segments)
    }

    /// HOLD-BACK, in seconds: three target durations.
    package var holdBack: Double { Double(targetSeconds * 3) }
    /// CAN-SKIP-UNTIL, in seconds: six target durations, the least that is allowed.
    package var skipBoundary: Double { Double(targetSeconds * 6) }
    /// The same in every playlist of a show.
    package var serverControl: MediaPlaylist.ServerControl {
        .init(
            canBlockReload: true, canSkipUntil: skipBoundary, holdBack: holdBack, partHoldBack: partHoldBack)
    }
    package var targetDuration: MediaTime { MediaTime(milliseconds: Int64(targetSeconds) * 1000) }

    /// How many parts ahead of the last one a blocking request may ask for (Advance Part Limit, 6.2.5.2).
    package var advancePartLimit: Int { partTarget < 1 ? Int((3 / partTarget).rounded(.up)) : 3 }
}

/// What must outlive the process, so that no number and no address is ever used twice.
package struct WindowMemory: Sendable, Hashable {
    /// Numbers up to this one are taken.
    package var lastSequence: UInt64
    package var discontinuitySequence: UInt64

    package init(lastSequence: UInt64, discontinuitySequence: UInt64) {
        self.lastSequence = lastSequence
        self.discontinuitySequence = discontinuitySequence
    }
}

/// Where else a show can be had, for EXT-X-CONTENT-STEERING and its document.
package struct SteeringSettings: Sendable, Hashable {
    package struct Pathway: Sendable, Hashable {
        /// Letters, digits, `.`, `-` and `_`.
        package var id: String
        /// Host, perhaps with a port, of a cache that serves the same paths; nil is the address that the player came
        /// to.
        package var host: String?

        package init(id: String, host: String?) {
            self.id = id
            self.host = host
        }
    }

    /// In the order in which players shall prefer them.
    package var pathways: [Pathway]
    /// How long players keep the document, in seconds.
    package var lifetime: Int

    package init(pathways: [Pathway], lifetime: Int = 300) {
        self.pathways = pathways
        self.lifetime = lifetime
    }
}
