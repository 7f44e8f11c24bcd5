import API
import Captioning
import Chat
import Foundation
import Hooks
import Logging
import Media
import NIOCore
import NIOPosix
import Outbound
import People
import Persistence
import ShowTimeline
import Shows
import Synchronization

/// A house without a stage: a real store in a folder of its own, and nothing on air.
struct House {
    let folder: String
    let store: Store
    let backstage: Backstage

    init() throws {
        folder = NSTemporaryDirectory() + "shopcast-api-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try Store(path: folder + "/shopcast.db", logger: Logger(label: "test"))
        let store = store
        let visitors = Visitors(people: store, warden: StrictWarden()) { key, wanted in
            let shows = try store.goodKeys(of: nil).filter { $0.hash.admits(key) }.map(\.show)
            return wanted.flatMap { shows.contains($0) ? $0 : nil } ?? shows.first
        }
        let hooks = SQLiteHookStore(database: store.pool)
        let client = try OutboundClient(
            settings: OutboundSettings(), group: MultiThreadedEventLoopGroup.singleton)
        backstage = Backstage(
            people: store, shows: store, timeline: store, claims: store, stage: QuietStage(shows: store),
            visitors: visitors,
            hooks: HookBureau(
                store: hooks,
                dispatcher: HookDispatcher(store: hooks, client: client, logger: Logger(label: "test")),
                client: client), covers: CoverShelf(folder: folder + "/covers"),
            chat: ChatHouse(
                hall: try ChatHall(
                    store: store, settings: ChatSettings(), logger: Logger(label: "test"))),
            captions: CaptionBureau(hall: CaptionHall(store: store, logger: Logger(label: "test"))) { _ in nil
            })
    }
}

/// Where nothing is on air: shows move in the store only.
struct QuietStage: Stage {
    let shows: any ShowStore

    func standing(of show: Show) -> Standing { Standing() }

    func move(_ show: ShowID, _ event: ShowState.Event, by actor: Actor) throws -> Show {
        try shows.moveShow(show, event, by: actor, at: Date()).show
    }

    func choose(_ role: FeedRole, of show: ShowID, by actor: Actor) throws {
        throw DomainFault.conflict("nothing is on air")
    }

    func feed(of show: ShowID, in language: LanguageTag) -> (any Encodable & Sendable)? { nil }
    func quality(of show: ShowID, hours: Int) throws -> any Encodable & Sendable { ["show": show.text] }
    func qualityTable(of show: ShowID) throws -> String { "" }
    var beatAtMost: Int { 2048 }
    func hear(_ beat: ByteBuffer, from arrival: Arrival) {}
    func preview(of show: ShowID) -> PreviewPlace? { nil }
    func status() -> any Encodable & Sendable { ["version": "test"] }
}

/// Three wrong keys from one address are free.
final class StrictWarden: Warden {
    private let wrong = Mutex<[String: Int]>([:])

    func delay(of address: String, at now: MonotonicTime) -> Int? {
        wrong.withLock { $0[address, default: 0] >= 3 ? 4 : nil }
    }

    func refused(_ key: String?, from address: String, at now: MonotonicTime) {
        if key != nil { wrong.withLock { $0[address, default: 0] += 1 } }
    }
}
