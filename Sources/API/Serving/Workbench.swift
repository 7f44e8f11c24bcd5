import Dispatch
import Metrics
import Synchronization

/// Where what keeps a core busy is done, one thing after another: passwords, pictures.
///
/// Bound: `atMost` wait or are worked on; policy: the newcomer is told to come again (503); counter:
/// shopcast_api_busy_total.
package final class Workbench: Sendable {
    private let queue = DispatchQueue(label: "shopcast.workbench", qos: .userInitiated)
    private let waiting = Atomic<Int>(0)
    private let atMost: Int
    private let refused = Counter(label: "shopcast_api_busy_total")

    package init(atMost: Int = 16) { self.atMost = atMost }

    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= atMost else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            refused.increment()
            throw Refusal.busy
        }
        defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }
}
