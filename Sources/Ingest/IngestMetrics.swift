package import Metrics

/// What the RTMP listener counts, for all connections together.
package struct IngestMetrics: Sendable {
    /// Connections that stand now.
    package let connections = Meter(label: "shopcast_rtmp_connections")
    /// Connections and publish requests that were turned away.
    package let refused = Counter(label: "shopcast_rtmp_refused")
    /// Audio, video and metadata messages of accepted feeds.
    package let messages = Counter(label: "shopcast_rtmp_messages")
    /// Bytes read from hosts.
    package let bytes = Counter(label: "shopcast_rtmp_bytes")
    /// Pictures and audio frames that came and could not be used.
    package let droppedUnits = Counter(label: "shopcast_rtmp_dropped_units")
    /// Pictures and audio frames of tracks beyond a feed's first ones.
    package let otherTracks = Counter(label: "shopcast_rtmp_other_track_units")

    package init() {}
}
