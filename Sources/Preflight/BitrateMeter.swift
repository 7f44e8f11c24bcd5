package import Media

/// Bytes a second by arrival, of the last minute. Bound: `span` seconds.
package struct BitrateMeter: Sendable {
    /// Seconds that are kept.
    package static let span = 60

    private struct Second {
        var number: Int64
        var video = 0
        var audio = 0
    }

    /// Ascending, without holes.
    private var seconds: [Second] = []
    private let start: MonotonicTime

    package init(start: MonotonicTime) {
        self.start = start
    }

    package mutating func add(_ bytes: Int, _ kind: AccessUnit.Kind, at time: MonotonicTime) {
        advance(to: time)
        // What arrived before the oldest second that is kept, or is handed on late, counts for the newest.
        guard let last = seconds.indices.last else { return }
        let index = max(0, last - Int(max(0, seconds[last].number - number(of: time))))
        switch kind {
        case .video: seconds[index].video += bytes
        case .audio: seconds[index].audio += bytes
        }
    }

    /// Time has passed, perhaps without a byte.
    package mutating func advance(to time: MonotonicTime) {
        let wanted = number(of: time)
        guard let last = seconds.last?.number else {
            seconds = [Second(number: wanted)]
            return
        }
        guard wanted > last else { return }
        for number in max(last + 1, wanted - Int64(BitrateMeter.span))...wanted {
            seconds.append(Second(number: number))
        }
        let surplus = seconds.count - BitrateMeter.span - 1
        if surplus > 0 { seconds.removeFirst(surplus) }
    }

    /// kbit/s of each whole second, oldest first; the running second is left out.
    package var series: [Int] {
        seconds.dropLast().map { ($0.video + $0.audio) * 8 / 1000 }
    }

    /// Mean kbit/s of the pictures over the last whole seconds; nil where there are not as many.
    package func videoKilobits(over count: Int) -> Int? {
        let whole = seconds.dropLast()
        guard whole.count >= count else { return nil }
        return whole.suffix(count).reduce(0) { $0 + $1.video } * 8 / 1000 / count
    }

    /// How far the worst four seconds in a row fall below the mean of the last thirty, 0 (nothing came) to 1 (steady);
    /// nil before there are twenty.
    package var steadiness: Double? {
        let last = seconds.dropLast().suffix(30).map { Double($0.video + $0.audio) }
        guard last.count >= 20 else { return nil }
        let mean = last.reduce(0, +) / Double(last.count)
        guard mean > 0 else { return nil }
        let worst = (0...last.count - 4).map { last[$0..<$0 + 4].reduce(0, +) / 4 }.min() ?? mean
        return min(1, worst / mean)
    }

    private func number(of time: MonotonicTime) -> Int64 {
        (time.nanoseconds - start.nanoseconds) / 1_000_000_000
    }
}
