import Media
package import Packaging

/// What time it is in a recording, from which outages are left out, at an instant of the show clock; and the other way.
package struct RecordedClock: Sendable {
    private let places: [TextPlace]
    /// Where each place starts in the recording (milliseconds).
    private let starts: [Int64]

    /// `places` in their order.
    package init(_ places: [RecordedPlace]) {
        self.places = places.map(\.place)
        var position: Int64 = 0
        starts = places.map { place in
            defer { position += place.place.duration.milliseconds }
            return position
        }
    }

    /// Milliseconds from the start of the recording; of an instant that is not in it, those of what comes next. Nil after
    /// the end.
    package func position(of date: Int64) -> Int64? {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].endDate <= date { low = middle + 1 } else { high = middle }
        }
        guard low < places.count else { return nil }
        return starts[low] + max(0, date - places[low].date)
    }

    /// The instant of the show clock at so many milliseconds of the recording; beyond its end the clock goes on.
    package func date(at position: Int64) -> Int64? {
        guard let index = starts.lastIndex(where: { $0 <= max(0, position) }) else { return nil }
        return places[index].date + position - starts[index]
    }
}
