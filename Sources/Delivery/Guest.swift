import NIOCore

/// A connection as its event loop's clock sees it.
protocol Guest: AnyObject {
    var patience: Patience { get }
    /// The deadline of `patience` has passed.
    func expired()
    /// The server will stop soon: whoever is at the other end is to come again over another connection.
    func sendAway()
    /// The server is stopping: finish what is begun, take nothing new.
    func quiesce()
    /// Close now.
    func abort()
}

extension Guest {
    /// Most find out with their next answer.
    func sendAway() {}
}

/// How long a connection may go on as it is. Looked at a few times a second, so setting it costs nothing.
final class Patience {
    var deadline: NIODeadline
    fileprivate var place: Int?

    init(until deadline: NIODeadline) {
        self.deadline = deadline
    }
}

/// The connections of one event loop.
struct GuestList {
    private var guests: [any Guest] = []

    var count: Int { guests.count }

    mutating func enter(_ guest: any Guest) {
        guard guest.patience.place == nil else { return }
        guest.patience.place = guests.count
        guests.append(guest)
    }

    mutating func leave(_ guest: any Guest) {
        guard let place = guest.patience.place else { return }
        guest.patience.place = nil
        let last = guests.removeLast()
        if last !== guest {
            guests[place] = last
            last.patience.place = place
        }
    }

    func expired(_ now: NIODeadline) -> [any Guest] {
        guests.filter { $0.patience.deadline <= now }
    }

    var everybody: [any Guest] { guests }
}
