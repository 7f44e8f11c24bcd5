extension DeliverySettings {
    /// What lines are put up with: times and sizes that readers can stretch are all bounded.
    package struct Lines: Sendable {
        /// Lines at once, over all listeners; more get 503.
        package var most = 50_000
        /// Of one address (one network of IPv6); more get 429. Many viewers share an address behind a carrier's NAT.
        package var perAddress = 256
        /// A message that a reader sends (bytes).
        package var message = 8 * 1024
        /// Frames that a reader sends in a quarter of a second; more end the line.
        package var frames = 256
        /// Until the guest says who this is.
        package var opening = Duration.seconds(10)
        /// A silent reader of a WebSocket is asked whether it is still there.
        package var ping = Duration.seconds(30)
        /// And then has so long to answer.
        package var pong = Duration.seconds(20)
        /// Server-sent events are never silent for longer: proxies take silence for an end.
        package var heartbeat = Duration.seconds(15)
        /// A reader that takes nothing of what waits for it in this time is closed.
        package var stalled = Duration.seconds(10)
        /// What a closed line may take to be gone.
        package var closing = Duration.seconds(2)

        package init() {}
    }
}
