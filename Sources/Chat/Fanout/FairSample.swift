/// What of a flood everybody gets: all that matters, and of the rest as much as can be read, each with the same chance. Pure.
package struct FairSample: Sendable {
    /// So many messages at once, then so many a second.
    let pace: ChatSettings.Pace
    private var tokens: Double
    private var last: Double?

    package struct Choice: Sendable {
        package var events: [RoomEvent]
        /// Messages left out, and between which numbers they were.
        package var dropped = 0
        package var span: ClosedRange<Int>?

        package init(events: [RoomEvent]) { self.events = events }

        /// What was chosen of what came later.
        package mutating func add(_ later: Choice) {
            events += later.events
            dropped += later.dropped
            guard let span = later.span else { return }
            widen(to: span)
        }

        /// Leaves the oldest viewers' messages out where there are more events than `most`.
        package mutating func shorten(to most: Int) {
            var surplus = events.count - most
            guard surplus > 0 else { return }
            var left: [RoomEvent] = []
            left.reserveCapacity(events.count)
            for event in events {
                if surplus > 0, event.isOrdinary {
                    surplus -= 1
                    leaveOut(event)
                } else {
                    left.append(event)
                }
            }
            events = left
        }

        fileprivate mutating func leaveOut(_ event: RoomEvent) {
            dropped += 1
            widen(to: event.sequence...event.sequence)
        }

        private mutating func widen(to other: ClosedRange<Int>) {
            let span = span ?? other
            self.span = min(span.lowerBound, other.lowerBound)...max(span.upperBound, other.upperBound)
        }
    }

    package init(_ pace: ChatSettings.Pace) {
        self.pace = pace
        tokens = pace.burst
    }

    /// `now` in seconds, on a clock that does not go back.
    package mutating func choose(
        from events: [RoomEvent], now: Double, using random: inout some RandomNumberGenerator
    ) -> Choice {
        tokens = min(pace.burst, tokens + (now - (last ?? now)) * pace.perSecond)
        last = now
        let ordinary = events.filter(\.isOrdinary).count
        let allowed = min(ordinary, Int(tokens))
        tokens -= Double(allowed)
        guard allowed < ordinary else { return Choice(events: events) }
        var choice = Choice(events: [])
        choice.events.reserveCapacity(events.count - ordinary + allowed)
        var (left, wanted) = (ordinary, allowed)
        for event in events {
            guard event.isOrdinary else {
                choice.events.append(event)
                continue
            }
            // Of those that are left each is as likely to be one of those that are still wanted.
            if Int.random(in: 0..<left, using: &random) < wanted {
                choice.events.append(event)
                wanted -= 1
            } else {
                choice.leaveOut(event)
            }
            left -= 1
        }
        return choice
    }
}

extension RoomEvent {
    /// A viewer's message: one of many. Who runs the room is always heard.
    var isOrdinary: Bool {
        if case .message(let message) = kind { message.author.badge?.isStaff != true } else { false }
    }
}
