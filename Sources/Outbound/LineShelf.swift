/// The clients that are kept, one for each name and the address that it was checked to have. Pure: it makes and closes
/// nothing itself. A line in use is never dropped; of the idle ones the longest idle goes first.
package struct LineShelf<Line> {
    package struct Key: Hashable {
        /// Nil where the target was written as an address.
        package var host: String?
        package var address: IPAddress

        package init(host: String?, address: IPAddress) {
            self.host = host
            self.address = address
        }
    }

    private struct Slot {
        var line: Line
        var users: Int
        var since: ContinuousClock.Instant
    }

    private var slots: [Key: Slot] = [:]
    private var isClosed = false
    private let idleLimit: Int
    private let idleTime: Duration

    package init(idleLimit: Int = 32, idleTime: Duration = .seconds(60)) {
        self.idleLimit = idleLimit
        self.idleTime = idleTime
    }

    /// Nil once the shelf is closed.
    package mutating func take(_ key: Key, at now: ContinuousClock.Instant, make: () -> Line) -> Line? {
        guard !isClosed else { return nil }
        var slot = slots[key] ?? Slot(line: make(), users: 0, since: now)
        slot.users += 1
        slots[key] = slot
        return slot.line
    }

    /// Gives back the lines that are to be closed.
    package mutating func giveBack(_ key: Key, at now: ContinuousClock.Instant) -> [Line] {
        slots[key]?.users -= 1
        slots[key]?.since = now
        var idle = slots.filter { $0.value.users <= 0 }.sorted { $0.value.since < $1.value.since }
        var closing: [Line] = []
        while let oldest = idle.first,
            isClosed || idle.count > idleLimit || now - oldest.value.since > idleTime
        {
            slots[oldest.key] = nil
            closing.append(oldest.value.line)
            idle.removeFirst()
        }
        return closing
    }

    /// Gives back the idle lines; those in use follow when they are given back.
    package mutating func close() -> [Line] {
        isClosed = true
        let idle = slots.filter { $0.value.users <= 0 }
        for key in idle.keys { slots[key] = nil }
        return idle.values.map(\.line)
    }

    package var count: Int { slots.count }
}
