import Media

/// How far the renditions that keep step have come, and since when parts wait for their like. Pure.
struct ListingPace: Sendable {
    /// The last place that was listed.
    private(set) var released: PartKey?
    private var firstReady: [PartKey: MonotonicTime] = [:]

    /// A part of the place `key` has arrived.
    mutating func ready(_ key: PartKey, _ now: MonotonicTime) {
        if firstReady[key] == nil { firstReady[key] = now }
    }

    /// Whether the first part of this place has waited for the others long enough.
    func hasWaited(for key: PartKey, now: MonotonicTime, atLeast patience: Duration) -> Bool {
        firstReady[key].map { now - $0 >= patience } ?? true
    }

    mutating func release(_ key: PartKey) {
        released = key
        firstReady[key] = nil
        if firstReady.count > 64 { firstReady = firstReady.filter { $0.key > key } }
    }
}
