package import Media

/// What a feed is measured against.
package struct PreflightRules: Sendable, Hashable {
    /// Key frames further apart than this keep the host's picture from being passed through.
    package var keyframeLimit = MediaTime(milliseconds: 2050)
    /// kbit/s above which the host's picture is not passed through.
    package var maximumKilobits = 8000
    /// Frames a second that are encoded at most.
    package var maximumFrameRate = 30
    /// The show wants the least delay.
    package var isLowLatency = false

    package init() {}
}
