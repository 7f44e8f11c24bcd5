import NIOCore
import Synchronization

extension Desk {
    /// A place among the lines, which is given back once.
    final class Admission {
        let guest: any LineGuest
        private let census: LineCensus
        private let address: String
        private var isOver = false

        fileprivate init(_ guest: any LineGuest, _ census: LineCensus, _ address: String) {
            self.guest = guest
            self.census = census
            self.address = address
        }

        func end() {
            guard !isOver else { return }
            isOver = true
            census.leave(address)
            guest.ended()
        }
    }

    var lineLimits: DeliverySettings.Lines { house.limits.lines }

    /// Asks for a line. What is given has to be ended.
    func admit(_ request: LineRequest) throws(LineRefusal) -> Admission {
        guard let host = house.lines, !house.isStopping.load(ordering: .relaxed) else {
            throw .unavailable("The server is stopping.")
        }
        let address = request.origin.limitKey
        try house.census.enter(address)
        switch host.answer(request) {
        case .guest(let guest): return Admission(guest, house.census, address)
        case .refused(let refusal):
            house.census.leave(address)
            house.census.refused()
            throw refusal
        }
    }

    func count(opened kind: LineKind) {
        tally.lines.opened[kind.rawValue] += 1
        tally.lines.isEmpty = false
    }

    func count(ended ending: LineTally.Ending) {
        tally.lines.ended[ending.rawValue] += 1
        tally.lines.isEmpty = false
    }

    func count(parcel bytes: Int) {
        tally.lines.parcels += 1
        tally.lines.bytes += bytes
        tally.lines.isEmpty = false
    }

    func countHeard() {
        tally.lines.heard += 1
        tally.lines.isEmpty = false
    }
}
