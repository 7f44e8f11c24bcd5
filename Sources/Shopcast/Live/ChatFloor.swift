import Chat
import ServiceLifecycle

/// Has messages translated that were sent before their translation was known, and counts the readers of chats.
///
/// It stops after the viewers' connections have.
struct ChatFloor: Service {
    private static let period = Duration.seconds(10)

    let fanout: Fanout

    func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { tasks in
                if let late = fanout.late { tasks.addTask { await late.run() } }
                tasks.addTask { await refresh() }
            }
        } onGracefulShutdown: {
            fanout.late?.finish()
        }
    }

    private func refresh() async {
        while !Task.isShuttingDownGracefully {
            fanout.refresh()
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: ChatFloor.period) }
            } catch {
                return
            }
        }
    }
}
