package import NIOCore
import Synchronization

/// Who is connected: counts against the limits, and the channels to close at shutdown.
package final class ConnectionCensus: Sendable {
    package enum Verdict: Hashable, Sendable, CustomStringConvertible {
        case welcome
        case full(limit: Int)
        case tooManyFromAddress(limit: Int)
        case closing

        package var description: String {
            switch self {
            case .welcome: "welcome"
            case .full(let limit): "\(limit) connections are open, which is the limit"
            case .tooManyFromAddress(let limit):
                "\(limit) connections from this address are open, which is the limit"
            case .closing: "the server is shutting down"
            }
        }
    }

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var perAddress: [String: Int] = [:]
        var isClosing = false
        var total: Int
        var most: Int
    }

    private let state: Mutex<State>

    package init(total: Int, perAddress: Int) {
        state = Mutex(State(total: total, most: perAddress))
    }

    /// The limits from now on; who is in stays.
    package func limit(total: Int, perAddress: Int) {
        state.withLock { ($0.total, $0.most) = (total, perAddress) }
    }

    package var count: Int { state.withLock { $0.channels.count } }

    /// Counts a connection in, where the limits allow it; each welcome one has to `leave`.
    package func enter(_ channel: any Channel, address: String) -> Verdict {
        state.withLock { state in
            if state.isClosing { return .closing }
            guard state.channels.count < state.total else { return .full(limit: state.total) }
            guard state.perAddress[address, default: 0] < state.most else {
                return .tooManyFromAddress(limit: state.most)
            }
            state.channels[ObjectIdentifier(channel)] = channel
            state.perAddress[address, default: 0] += 1
            return .welcome
        }
    }

    package func leave(_ channel: any Channel, address: String) {
        state.withLock { state in
            guard state.channels.removeValue(forKey: ObjectIdentifier(channel)) != nil else { return }
            let left = (state.perAddress[address] ?? 1) - 1
            state.perAddress[address] = left > 0 ? left : nil
        }
    }

    /// Lets nobody in from here on, and returns who is in.
    package func close() -> [any Channel] {
        state.withLock { state in
            state.isClosing = true
            return Array(state.channels.values)
        }
    }
}
