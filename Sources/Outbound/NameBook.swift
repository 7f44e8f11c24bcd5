// In: host names. Out: their addresses. The system's resolver blocks its caller, for half a minute where a name's server is
// silent, so it is asked on threads of its own; who has waited long enough leaves, and the threads go on. One name is asked
// for once at a time, however many want it, so that one silent name holds one thread. Names beyond the bound are refused.

import NIOPosix
import Synchronization

package final class NameBook: Sendable {
    /// Blocks until the addresses are known.
    package typealias Lookup = @Sendable (String) throws -> [IPAddress]

    private struct State {
        var asked: [String: [Waiter<[IPAddress]>]] = [:]
        var known: [String: (addresses: [IPAddress], until: ContinuousClock.Instant)] = [:]
    }

    private enum Step {
        case answer([IPAddress])
        case wait(Waiter<[IPAddress]>)
        case ask(Waiter<[IPAddress]>)
        case refuse
    }

    // Bounds: names asked for at once, and those who wait for one name; more are refused. Names remembered: the next to
    // expire is forgotten.
    private static let (askedLimit, waitingLimit, knownLimit) = (64, 256, 256)
    private static let threads = 4

    private let memory: Duration
    private let lookup: Lookup
    private let pool = NIOThreadPool(numberOfThreads: NameBook.threads)
    private let state = Mutex(State())

    /// `memory`: how long addresses are remembered.
    package init(memory: Duration, lookup: @escaping Lookup = NameLookup.system) {
        self.memory = memory
        self.lookup = lookup
        pool.start()
    }

    /// Throws `OutboundFault`, or `CancellationError` as soon as the task is cancelled.
    package func addresses(of host: String) async throws -> [IPAddress] {
        switch enter(host, at: .now) {
        case .answer(let addresses): return addresses
        case .refuse: throw OutboundFault.busy
        case .wait(let waiter): return try await waiter.value()
        case .ask(let waiter):
            pool.submit { [self] pool in
                guard case .active = pool else { return answer(host, .failure(OutboundFault.cancelled)) }
                answer(host, Result { try lookup(host) })
            }
            return try await waiter.value()
        }
    }

    /// Ends the threads; names that are asked for are given up. The book is not used again.
    package func close() {
        pool.shutdownGracefully { _ in }
    }

    private func enter(_ host: String, at now: ContinuousClock.Instant) -> Step {
        state.withLock { state in
            if let known = state.known[host] {
                if now < known.until { return .answer(known.addresses) }
                state.known[host] = nil
            }
            let waiter = Waiter<[IPAddress]>()
            if let waiting = state.asked[host] {
                guard waiting.count < NameBook.waitingLimit else { return .refuse }
                state.asked[host]?.append(waiter)
                return .wait(waiter)
            }
            guard state.asked.count < NameBook.askedLimit else { return .refuse }
            state.asked[host] = [waiter]
            return .ask(waiter)
        }
    }

    private func answer(_ host: String, _ result: Result<[IPAddress], any Error>) {
        let waiting = state.withLock { state in
            if case .success(let addresses) = result, memory > .zero {
                if state.known.count >= NameBook.knownLimit,
                    let oldest = state.known.min(by: { $0.value.until < $1.value.until })
                {
                    state.known[oldest.key] = nil
                }
                state.known[host] = (addresses, .now + memory)
            }
            return state.asked.removeValue(forKey: host) ?? []
        }
        for waiter in waiting { waiter.resume(result) }
    }
}
