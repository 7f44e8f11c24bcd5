/// `work`, or `OutboundFault.timedOut` after `limit`; `work` is cancelled then, and waited for.
package func withDeadline<Value: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        guard let value = try await group.next() ?? nil else { throw OutboundFault.timedOut }
        return value
    }
}
