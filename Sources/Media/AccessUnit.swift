package import NIOCore

/// One coded picture, or one coded frame of audio, with its place on the timeline.
///
/// Video payloads are length-prefixed NAL units (four bytes, as in an `mdat`), or AV1's units with their sizes; audio
/// payloads are raw frames.
/// The payload is shared, never copied, from the socket's buffer to the muxer.
package struct AccessUnit: Sendable {
    package enum Kind: Sendable, Hashable { case video, audio }

    package var kind: Kind
    package var payload: ByteBuffer
    /// Presentation time.
    package var pts: MediaTime
    /// Decoding time; equal to `pts` for audio and for video without B-frames.
    package var dts: MediaTime
    /// How long it is shown or heard; zero where it is not known yet.
    package var duration: MediaTime
    /// A decoder may start here: an IDR picture (of HEVC any IRAP, of AV1 a shown key frame), or any audio frame.
    package var isSync: Bool
    /// When its last byte reached this machine; an encoder hands on the arrival of the frame that it coded.
    package var arrival: MonotonicTime

    package init(
        kind: Kind, payload: ByteBuffer, pts: MediaTime, dts: MediaTime, duration: MediaTime = .zero,
        isSync: Bool,
        arrival: MonotonicTime
    ) {
        self.kind = kind
        self.payload = payload
        self.pts = pts
        self.dts = dts
        self.duration = duration
        self.isSync = isSync
        self.arrival = arrival
    }
}
