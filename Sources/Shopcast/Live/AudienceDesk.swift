import Audience
import Delivery
import Foundation
import Logging
import Media
import NIOPosix
import Persistence
import ServiceLifecycle
import Synchronization

/// Counts who watches, every two seconds, and brings what players say to the ledger.
///
/// It stops after the viewers' connections have, so that their last beats are kept.
final class AudienceDesk: Service, PlayerNotes {
    private static let period = Duration.seconds(2)

    let ledger: AudienceLedger
    /// How many players ask for each show's playlists; known only once the server stands.
    private let requests = Mutex<@Sendable () -> [ShowID: Int]>({ [:] })

    init(ledger: AudienceLedger) {
        self.ledger = ledger
    }

    func setRequests(_ count: @escaping @Sendable () -> [ShowID: Int]) {
        requests.withLock { $0 = count }
    }

    /// Live viewers of a show, by beats or by requests, whichever knows of more.
    func viewers(of show: ShowID) -> Int {
        AudienceBook.viewers(ledger.count(of: show), requests: requestCounts[show] ?? 0)
    }

    /// How a show was watched in the last hours. Blocks.
    func report(of show: ShowID, hours: Int) throws -> AudienceReport {
        let now = AudienceBook.Moment.now.wall
        return try ledger.report(
            of: show, in: now - Int64(hours) * 3600..<now + 1, requests: requestCounts[show] ?? 0)
    }

    func heard(_ note: PlayerNote) {
        ledger.hear(
            CMCDReport(
                show: note.show, rendition: note.rendition, isReplay: note.isReplay, isMedia: note.isMedia,
                isEncoded: note.said.isEncoded, text: note.said.text, viewer: note.viewer,
                country: CountryHint.read(note.country)))
    }

    func run() async throws {
        while !Task.isShuttingDownGracefully {
            try? await NIOThreadPool.singleton.runIfActive { [self] in
                ledger.turn(at: .now, requests: requestCounts)
            }
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: AudienceDesk.period) }
            } catch {
                break
            }
        }
        try? await NIOThreadPool.singleton.runIfActive { [self] in ledger.finish(at: .now) }
    }

    private var requestCounts: [ShowID: Int] { requests.withLock { $0 }() }
}

extension AudienceBook.Moment {
    static var now: AudienceBook.Moment {
        AudienceBook.Moment(
            steady: MonotonicTime.now.nanoseconds / 1_000_000_000, wall: Int64(Date.now.timeIntervalSince1970)
        )
    }
}

/// Where a viewer is, as a proxy says it: two letters, or nothing. `XX` and `T1` are how some say that they do not know.
enum CountryHint {
    static func read(_ text: String?) -> String? {
        guard let text, text.utf8.count == 2,
            text.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0 & 0xDF) })
        else { return nil }
        let code = text.uppercased()
        return code == "XX" || code == "ZZ" ? nil : code
    }
}

extension AudienceLedger {
    /// With what the store keeps.
    convenience init(_ settings: Settings, store: Store, logger: Logger) {
        var limits = Limits()
        limits.beatsPerAddress = settings.audience.beatsPerAddress
        limits.keepDays = settings.audience.keepDays
        self.init(store: AudienceTables(store), limits: limits, logger: logger)
    }
}
