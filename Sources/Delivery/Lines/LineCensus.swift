import Metrics
import Synchronization

/// How many lines there are, in all and from each address. From any thread.
final class LineCensus: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    private let total = Atomic<Int>(0)
    private let limits: DeliverySettings.Lines
    private let refusedAddress = Counter(
        label: "shopcast_lines_refused_total", dimensions: [("reason", "address")])
    private let refusedTotal = Counter(
        label: "shopcast_lines_refused_total", dimensions: [("reason", "total")])
    private let refusedHost = Counter(
        label: "shopcast_lines_refused_total", dimensions: [("reason", "request")])

    init(_ limits: DeliverySettings.Lines) {
        self.limits = limits
    }

    var count: Int { total.load(ordering: .relaxed) }

    /// Throws where there are too many; else `leave` has to follow.
    func enter(_ address: String) throws(LineRefusal) {
        guard total.add(1, ordering: .relaxed).newValue <= limits.most else {
            total.subtract(1, ordering: .relaxed)
            refusedTotal.increment()
            throw .unavailable("Too many readers are here just now.")
        }
        let most = limits.perAddress
        let isIn = counts.withLock { counts in
            guard counts[address, default: 0] < most else { return false }
            counts[address, default: 0] += 1
            return true
        }
        if !isIn {
            total.subtract(1, ordering: .relaxed)
            refusedAddress.increment()
            throw .tooMany("Too many connections come from this address.")
        }
    }

    func leave(_ address: String) {
        total.subtract(1, ordering: .relaxed)
        counts.withLock { counts in
            guard let count = counts[address] else { return }
            counts[address] = count > 1 ? count - 1 : nil
        }
    }

    func refused() { refusedHost.increment() }
}
