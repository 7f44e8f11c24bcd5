import Synchronization

/// Somebody who waits for a value that another thread brings, and who may be cancelled before it comes.
package final class Waiter<Value: Sendable>: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Value, any Error>)
        case done(Result<Value, any Error>)
        case over
    }

    private let state = Mutex(State.idle)

    package init() {}

    /// The first result counts; later ones are dropped.
    package func resume(_ result: Result<Value, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .idle:
                state = .done(result)
                return nil
            case .waiting(let continuation):
                state = .over
                return continuation
            case .done, .over:
                return nil
            }
        }
        continuation?.resume(with: result)
    }

    /// The value, once it is there. Call it once.
    package func value() async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let early = state.withLock { state -> Result<Value, any Error>? in
                    if case .done(let result) = state {
                        state = .over
                        return result
                    }
                    state = .waiting(continuation)
                    return nil
                }
                if let early { continuation.resume(with: early) }
            }
        } onCancel: {
            resume(.failure(CancellationError()))
        }
    }
}
