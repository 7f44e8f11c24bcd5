import Media
import NIOCore
import Synchronization

/// What the event loops share: the shows, the rules, and the counts. One per server.
package final class House: Sendable {
    let directory: any ShowDirectory
    let gatekeeper: any Gatekeeper
    let door: FrontDoor
    /// Hears what players say; nil where nobody wants to know.
    let notes: (any PlayerNotes)?
    /// What stands behind the addresses of lines; nil where there are none.
    let lines: (any LineHost)?
    let census: LineCensus
    let planner: Planner
    /// For answers under addresses with a token.
    let privatePlanner: Planner
    let limits: DeliverySettings.Limits
    /// How long a request is held: three target durations.
    let patience: TimeAmount
    let metrics = DeliveryMetrics()
    let viewers = ViewerCount()
    let rest: RestBridge
    let disk = DiskReads()
    let connections = Atomic<Int>(0)
    let held = Atomic<Int>(0)
    let isStopping = Atomic<Bool>(false)
    /// The server will stop: whoever is here is to come again over another connection.
    let isLeaving = Atomic<Bool>(false)
    private let keys = Atomic<UInt64>(0)
    private let windows = Mutex<[ShowID: any ServedWindow]>([:])
    private let deskList = Mutex<[Desk]>([])

    package init(
        settings: DeliverySettings, directory: any ShowDirectory,
        gatekeeper: any Gatekeeper = OpenHouse(), door: FrontDoor = FrontDoor(),
        notes: (any PlayerNotes)? = nil, lines: (any LineHost)? = nil
    ) {
        self.directory = directory
        self.gatekeeper = gatekeeper
        self.door = door
        self.notes = notes
        self.lines = lines
        self.census = LineCensus(settings.limits.lines)
        self.planner = Planner(cache: CachePolicy(targetDuration: settings.targetDuration))
        self.privatePlanner = Planner(
            cache: CachePolicy(targetDuration: settings.targetDuration, isPrivate: true))
        self.limits = settings.limits
        self.patience = TimeAmount(settings.targetDuration * 3)
        self.rest = RestBridge(atMost: settings.limits.connections)
    }

    func planner(for request: MediaRequest) -> Planner { request.isPrivate ? privatePlanner : planner }

    var desks: [Desk] { deskList.withLock { $0 } }

    /// The window that a request asks.
    func window(_ request: MediaRequest, _ show: ShowID) -> (any ServedWindow)? {
        request.isReplay ? directory.replay(of: show) : directory.window(for: show)
    }

    /// Gives each event loop its desk.
    func furnish(_ group: any EventLoopGroup) -> [Desk] {
        let made = group.makeIterator().map { Desk(loop: $0, house: self) }
        deskList.withLock { $0 = made }
        return made
    }

    /// Sees to it that the desks hear of each publication of `window`; once for each window.
    func watch(_ show: ShowID, _ window: any ServedWindow) {
        windows.withLock { windows in
            guard windows[show] !== window else { return }
            windows[show] = window
            // Under the lock, so that no other desk takes a window for watched that is not yet. Windows call observers
            // outside of locks of their own.
            window.watch { [weak self, weak window] snapshot in
                guard let self, self.windows.withLock({ $0[show] === window }) else { return }
                for desk in self.desks { desk.post(show, snapshot) }
            }
        }
    }

    /// A preview whose name no longer stands for this window.
    func isStale(_ show: ShowID, _ window: any ServedWindow) -> Bool {
        show.isPreview && directory.window(for: show) !== window
    }

    /// Counts what there is, for metrics and for who asks; not for an event loop.
    func recount() {
        let stale = windows.withLock { $0 }.filter { isStale($0.key, $0.value) }
        if !stale.isEmpty { windows.withLock { for name in stale.keys { $0[name] = nil } } }
        metrics.record(
            held: held.load(ordering: .relaxed), connections: connections.load(ordering: .relaxed),
            lines: census.count,
            viewers: viewers.recount(at: Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000_000)))
    }

    /// A name for a viewer that no other has; the top bit tells it from hashes.
    func newViewerKey() -> UInt64 {
        keys.wrappingAdd(1, ordering: .relaxed).newValue | 1 << 63
    }
}
