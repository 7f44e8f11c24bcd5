import API
import Audience
import Captioning
import Foundation
import Hooks
import Logging
import Media
import NIOCore
import Outbound
import People
import Persistence
import Recording
import Shows

/// The running shows, as the API knows them. What is changed in the store is heard by the roster from there.
struct HouseStage: Stage {
    let roster: ShowRoster
    let audience: AudienceDesk
    /// Where everything is kept.
    let folder: String
    let limits: RetentionRules.Limits
    /// The field in which a proxy in front tells the viewer's country.
    let countryField: String?
    private let startedAt = Date()

    init(
        roster: ShowRoster, audience: AudienceDesk, folder: String, limits: RetentionRules.Limits,
        countryField: String?
    ) {
        self.roster = roster
        self.audience = audience
        self.folder = folder
        self.limits = limits
        self.countryField = countryField
    }

    func standing(of show: Show) -> Standing {
        let hasEnded = show.state == .ended || show.state == .replay
        return Standing(
            isPaused: roster.shows[show.id]?.summary.isPaused ?? false,
            hasReplay: hasEnded && roster.library.replay(of: show.id) != nil,
            viewers: audience.viewers(of: show.id))
    }

    func move(_ show: ShowID, _ event: ShowState.Event, by actor: Actor) throws -> Show {
        try roster.move(show, event, by: actor)
    }

    func choose(_ role: FeedRole, of show: ShowID, by actor: Actor) throws {
        try roster.choose(role, of: show, by: actor)
    }

    func feed(of show: ShowID, in language: LanguageTag) -> (any Encodable & Sendable)? {
        roster.show(show).map { FeedDocument($0, viewers: audience.viewers(of: show), in: language) }
    }

    func preview(of show: ShowID) -> PreviewPlace? {
        guard let live = roster.show(show) else { return nil }
        let name = roster.previews.name(for: live.window, of: show, at: .now)
        return PreviewPlace(
            playlist: "/live/\(name)/index.m3u8",
            expiresInSeconds: Int(PreviewPasses.life.components.seconds))
    }

    func quality(of show: ShowID, hours: Int) throws -> any Encodable & Sendable {
        try audience.report(of: show, hours: hours)
    }

    func qualityTable(of show: ShowID) throws -> String { try audience.ledger.csv(of: show) }

    func status() -> any Encodable & Sendable {
        let usage = roster.library.usage
        return StatusDocument(
            roster.shows.all, audience,
            recordings: .init(
                count: usage.recordings, bytes: usage.bytes, maximumBytes: limits.maximumBytes),
            folder: folder, floor: limits.floor, startedAt: startedAt)
    }
}

extension HookBureau {
    /// Throws `SettingsFault` where the trusted certificates cannot be read.
    init(
        store: Store, settings: Settings, publicURL: String?, group: any EventLoopGroup, logger: Logger
    ) throws {
        let hooks = SQLiteHookStore(database: store.pool)
        let client: OutboundClient
        do {
            client = try OutboundClient(settings: settings.outbound, group: group)
        } catch {
            throw SettingsFault("setting 'outbound.certificates': \(error)")
        }
        let dispatcher = HookDispatcher(
            store: hooks, client: client, settings: settings.webhooks, logger: logger)
        store.tellHooks(
            waitingLimit: settings.webhooks.waitingLimit, publicURL: publicURL, wake: { dispatcher.wake() })
        self.init(store: hooks, dispatcher: dispatcher, client: client)
    }
}

extension Backstage {
    init(
        roster: ShowRoster, store: Store, audience: AudienceDesk, hooks: HookBureau, chat: ChatHouse,
        settings: Settings, publicURL: String?
    ) {
        let index = roster.index
        let visitors = Visitors(people: store, warden: roster.warden) { key, wanted in
            if let wanted, index.admits(key, to: wanted) { return wanted }
            return index.opening(key)?.facts.id
        }
        let host = publicURL.flatMap { $0.split(separator: "/").dropFirst().first.map(String.init) }
        self.init(
            people: store, shows: store, timeline: store, claims: store,
            stage: HouseStage(
                roster: roster, audience: audience, folder: settings.data,
                limits: ReplayLibrary.Settings(settings.recording).limits,
                countryField: settings.playback.countryField),
            visitors: visitors, sameOrigin: SameOrigin(known: Set(host.map { [$0] } ?? [])), hooks: hooks,
            covers: CoverShelf(folder: settings.data + "/covers"),
            viewers: [
                AudienceRecords(ledger: audience.ledger), ChatRecords(hall: chat.hall, store: store),
            ], chat: chat,
            captions: CaptionBureau(hall: roster.captions) { [library = roster.library] show in
                library.script(of: show)?.recordedPlaces
            })
        // The command line changes people and keys too, and the server shows.
        store.onShows { _ in visitors.forget() }
    }
}
