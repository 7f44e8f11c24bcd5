import Media

/// What has been read of shows, each until it changes. Pure.
///
/// Bound: `most` shows; policy: all are forgotten, which costs a look each.
struct KnownShows<Value: Sendable>: Sendable {
    private static var most: Int { 4096 }

    private var values: [ShowID: Value] = [:]
    /// Whoever reads while this rises has read what may be so no more.
    private(set) var changes = 0

    subscript(show: ShowID) -> Value? { values[show] }

    /// It is so from here on; nil: it has to be read.
    mutating func change(_ show: ShowID, to value: Value?) {
        changes += 1
        set(value, of: show)
    }

    /// As it was read since `changes` was as given.
    mutating func learn(_ value: Value, of show: ShowID, since changes: Int) {
        if changes == self.changes { set(value, of: show) }
    }

    private mutating func set(_ value: Value?, of show: ShowID) {
        if value != nil, values[show] == nil, values.count >= KnownShows.most { values = [:] }
        values[show] = value
    }
}
