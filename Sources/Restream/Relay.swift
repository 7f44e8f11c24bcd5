// What a show's source is sent on to. In: the pictures and the sound that are on air, untouched, in order, from the threads
// of whichever feed that is. Out: each target's own connection. Nobody waits; a target that fails or lags is its own affair.

package import Logging
package import Media
package import NIOCore

package final class Relay: Sendable {
    private let lines: [RelayLine]

    package init(
        show: ShowID, targets: [RelayTarget], policy: RelayLink.Policy = .init(), group: any EventLoopGroup,
        logger: Logger
    ) {
        lines = targets.map {
            RelayLine(target: $0, show: show, policy: policy, group: group, logger: logger)
        }
    }

    /// `unit` is on air. Calls come one after another, in the feed's order.
    package func send(_ unit: AccessUnit, _ formats: RelayFormats, now: MonotonicTime = .now) {
        let item = RelayItem(unit: unit, formats: formats)
        for line in lines { line.offer(item, now: now) }
    }

    /// Called a few times a second.
    package func tick(now: MonotonicTime) {
        for line in lines { line.tick(now: now) }
    }

    /// The show is over: every target is told.
    package func finish() {
        for line in lines { line.finish() }
    }

    package func reports(now: MonotonicTime = .now) -> [RelayReport] {
        lines.map { $0.report(now: now) }
    }
}
