import Delivery
import Logging
import ServiceLifecycle
import Synchronization

/// The first to hear that the server stops: from then on it says that it is not ready, asks viewers to come again over
/// other connections, and goes on with everything for `drainSeconds`, so that a balancer in front sends them elsewhere.
struct Farewell: Service {
    let site: Site
    let http: HTTPService
    let drainSeconds: Int
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        site.becomeUnready()
        http.sendAway()
        logger.notice("stopping", metadata: ["drainSeconds": "\(drainSeconds)"])
        guard drainSeconds > 0 else { return }
        // Shutdown goes on when this returns; it is itself no reason to hurry.
        try? await Task.sleep(for: .seconds(drainSeconds))
    }
}

/// Hears of the end before viewers' connections do: lets every run's last pictures come out, so that those who wait for them
/// get them, and the last segment is whole.
struct CurtainFall: Service {
    let roster: ShowRoster

    func run() async throws {
        try? await gracefulShutdown()
        await roster.finishRuns()
    }
}
