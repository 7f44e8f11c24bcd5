package import Media

/// How one target stands.
package struct RelayReport: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        /// Nothing is on air.
        case idle
        case connecting
        case connected
        /// It takes less than there is: pictures were left out lately.
        case slow
        case retrying
    }

    package var name: String
    /// Of its address, the only thing that is told.
    package var host: String
    package var state: State
    /// Since when it takes the stream; nil while it does not.
    package var since: MonotonicTime?
    package var trouble: RelayTrouble?
    /// Until it is called again; nil where it is not waited for.
    package var pause: Duration?
    package var bytes: Int
    package var dropped: Int
}
