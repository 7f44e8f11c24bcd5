/// What is coded in a rendition's stream.
package enum TrackFormat: Hashable, Sendable {
    case avc(AVCFormat)
    case aac(AACFormat)

    /// The string of RFC 6381 for a CODECS attribute.
    package var codecs: String {
        switch self {
        case .avc(let format): format.codecs
        case .aac(let format): format.codecs
        }
    }
}

/// What a rendition's producer (encoder or passthrough) tells its packager, in this order:
/// `begin`, then `segment` before the first sample, samples and further segments, then `end`.
/// All events of one rendition come from one thread at a time.
package enum RenditionEvent: Sendable {
    /// The samples that follow are coded like this; a second `begin` in a run means a new init section, and the
    /// next `segment` is a discontinuity.
    case begin(TrackFormat)
    /// A new segment starts at `time` in every rendition: video has an IDR picture exactly there, audio starts it at
    /// the frame nearest to it. Comes before the sample that opens the segment.
    case segment(at: MediaTime, isDiscontinuity: Bool)
    /// A new segment starts at `time` in every rendition but this one, of which there is none: what is open ends there.
    /// It is told for each segment that is left out; the next `segment` goes on.
    case rest(at: MediaTime)
    /// The next sample in decoding order.
    case sample(AccessUnit)
    /// No `segment` before `time` is still to come: what lies before it may be packaged (needed by audio, whose
    /// frames do not say where segments start).
    case watermark(MediaTime)
    /// The run is over; what is open is closed as it stands.
    case end
}
