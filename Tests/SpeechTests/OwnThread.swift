import Foundation

/// Runs what blocks on a thread of its own: the pool of tasks has no more threads than the machine has cores, and others work
/// there.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try work() }) }.start()
    }
}
