/// Interpreters who take turns at the captions of one language: one of them is on, the others listen and correct. Pure.
///
/// Whoever comes first is on. Who is on hands over to the next in the order in which they came; anybody may take over; and
/// when who is on goes away, the next is on at once, so that there is always one while anybody is there.
package struct CaptionBooth: Hashable, Sendable {
    package struct Seat: Hashable, Sendable {
        package var id: Int
        package var name: String

        package init(id: Int, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// Nobody more is let in.
    package static let mostSeats = 8

    /// In the order in which they came.
    package private(set) var seats: [Seat] = []
    /// Who is on; nil while nobody is there.
    package private(set) var on: Int?

    package init() {}

    /// False where there is no room. Somebody who is there already stays where they are.
    package mutating func enter(_ seat: Seat) -> Bool {
        if let place = seats.firstIndex(where: { $0.id == seat.id }) {
            seats[place].name = seat.name
            return true
        }
        guard seats.count < CaptionBooth.mostSeats else { return false }
        seats.append(seat)
        if on == nil { on = seat.id }
        return true
    }

    package mutating func leave(_ id: Int) {
        guard let place = seats.firstIndex(where: { $0.id == id }) else { return }
        let next = after(place)
        seats.remove(at: place)
        if on == id { on = next == id ? nil : next }
    }

    /// From here on this one is on.
    package mutating func take(_ id: Int) {
        if seats.contains(where: { $0.id == id }) { on = id }
    }

    /// The next one is on. Only who is on hands over: of two presses in the same moment one counts.
    package mutating func hand(_ id: Int) {
        guard on == id, let place = seats.firstIndex(where: { $0.id == id }) else { return }
        on = after(place)
    }

    private func after(_ place: Int) -> Int { seats[(place + 1) % seats.count].id }
}
