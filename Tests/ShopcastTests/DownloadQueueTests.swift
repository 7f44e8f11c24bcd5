import Media
import Shopcast
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct DownloadQueueTests {
    /// Waits to be let go.
    private final class Gate: Sendable {
        private let state = Mutex<(isOpen: Bool, waits: [CheckedContinuation<Void, Never>])>((false, []))
        var count: Int { state.withLock { $0.waits.count } }

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waits.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waits = state.withLock { state in
                defer { state = (true, []) }
                return state.waits
            }
            for wait in waits { wait.resume() }
        }
    }

    /// All who are there together share one script; who comes when the queue is full is told at once.
    @Test func sharedAndBounded() async throws {
        let queue = DownloadQueue<Int>(atMost: 4)
        let show = try #require(ShowID("sale"))
        let reads = Atomic<Int>(0)
        let gate = Gate()
        let read: @Sendable () async throws -> Int = { reads.add(1, ordering: .relaxed).newValue }
        try await withThrowingTaskGroup(of: Int?.self) { tasks in
            for _ in 0..<4 {
                tasks.addTask {
                    try await queue.wait(for: show, read: read) { script in
                        await gate.pass()
                        return script
                    }
                }
            }
            while gate.count < 4 { await Task.yield() }
            #expect(try await queue.wait(for: show, read: read) { $0 } == nil)
            gate.open()
            while let script = try await tasks.next() { #expect(script == 1) }
        }
        // Nobody is there any longer: what was read is not kept.
        #expect(try await queue.wait(for: show, read: read) { $0 } == 2)
    }

    /// A script that cannot be read costs no place.
    @Test func failures() async throws {
        struct Unreadable: Error {}
        let queue = DownloadQueue<Int>(atMost: 1)
        let show = try #require(ShowID("sale"))
        for _ in 0..<3 {
            await #expect(throws: Unreadable.self) {
                try await queue.wait(for: show, read: { throw Unreadable() }, { $0 })
            }
        }
    }
}
