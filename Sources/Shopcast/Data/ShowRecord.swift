import Shows

/// What must outlive the process, for one show.
struct ShowRecord: Codable, Sendable, Hashable {
    var state: ShowState
    /// No media sequence number up to this one may be used again.
    var lastSequence: UInt64
    var discontinuitySequence: UInt64
}
