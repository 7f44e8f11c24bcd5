import NIOPosix

/// What waits for the disk is not for the cooperative pool.
enum BlockingPool {
    static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive { try work() }
    }
}
