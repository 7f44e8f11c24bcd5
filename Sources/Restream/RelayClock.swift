package import Media

/// The timestamps of one connection: from zero, never back, whatever the feeds behind it do. Pure.
///
/// Within a feed its own steps are kept. Where another feed begins, or a feed's clock jumps, time goes on by as much as
/// has really passed, so that a silence is a gap of its own length.
package struct RelayClock: Sendable {
    /// Sound and picture of one feed may come in another order than their timestamps, by so much.
    private static let unrest: Int64 = 1000
    /// A feed may run ahead of the clock on the wall by so much at once, as after a jam.
    private static let haste: Int64 = 2000

    private var feed: Int?
    /// Added to the feed's milliseconds.
    private var offset: Int64 = 0
    private var last: (time: Int64, arrival: MonotonicTime)?
    private var lastVideo: Int64 = -1
    private var lastAudio: Int64 = -1

    package init() {}

    /// When `unit` is decoded, in milliseconds of the connection.
    package mutating func place(_ unit: AccessUnit, feed: Int) -> Int64 {
        let own = unit.dts.milliseconds
        if let last {
            let passed = max(0, (unit.arrival - last.arrival).milliseconds)
            let step = own + offset - last.time
            if feed != self.feed || step < -Self.unrest || step > passed + Self.haste {
                offset = last.time + max(1, passed) - own
            }
        } else {
            offset = -own
        }
        self.feed = feed
        var time = own + offset
        switch unit.kind {
        case .video:
            time = max(time, lastVideo + 1)
            lastVideo = time
        case .audio:
            time = max(time, lastAudio, 0)
            lastAudio = time
        }
        if last.map({ time >= $0.time }) ?? true { last = (time, unit.arrival) }
        return time
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
