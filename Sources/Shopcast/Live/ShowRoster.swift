import Delivery
import Foundation
import Ingest
import Logging
import Media
import Packaging
import Recording
import Shows
import Synchronization
import Transcode

/// All the shows of this machine: lets feeds in by key, and finds windows by name.
final class ShowRoster: FeedAuthority, ShowDirectory {
    private let shows: [LiveShow]
    private let directory: Directory
    private let writer: RecordWriter
    private let windows: WindowMaker
    let library: ReplayLibrary
    /// Slows down who guesses keys, wherever hosts come in.
    let warden = KeyWarden()
    /// The names under which hosts see their shows.
    let previews = PreviewPasses()

    /// Builds the shows of the settings on what the data folder kept of them.
    init(settings: Settings, folder: DataFolder, logger: Logger) {
        let capacity = EncodingCapacity.ofThisMachine()
        let writer = RecordWriter(folder: folder, logger: logger)
        self.writer = writer
        let windows = WindowMaker(settings: settings, logger: logger)
        self.windows = windows
        let byName = Weak<Directory>()
        let library = ReplayLibrary(
            shelf: windows.shelf, downloads: folder.path + "/downloads", settings: .init(settings.recording),
            shows: .init(
                isLive: { byName.value?.shows[$0]?.isOnAir ?? false },
                language: { byName.value?.shows[$0]?.settings.language },
                forget: { byName.value?.shows[$0]?.audienceWindow.clear() }),
            logger: logger)
        self.library = library
        shows = settings.shows.map { show in
            ShowRoster.make(show, settings, folder, windows, library, capacity, writer, logger)
        }
        directory = Directory(shows)
        byName.value = directory
        for show in shows {
            windows.tidy(show.settings.id)
            library.refresh(show.settings.id, hasEnded: !show.isOnAir)
        }
    }

    /// The shows by name; a class, so that others may refer to it without owning it.
    private final class Directory: Sendable {
        let shows: [ShowID: LiveShow]

        init(_ shows: [LiveShow]) {
            self.shows = Dictionary(shows.map { ($0.settings.id, $0) }) { first, _ in first }
        }
    }

    private static func make(
        _ show: Settings.Show, _ settings: Settings, _ folder: DataFolder, _ windows: WindowMaker,
        _ library: ReplayLibrary, _ capacity: EncodingCapacity, _ writer: RecordWriter, _ logger: Logger
    ) -> LiveShow {
        let record =
            folder.record(of: show.id)
            ?? ShowRecord(state: .scheduled, lastSequence: 0, discontinuitySequence: 0)
        let box = Weak<LiveShow>()
        let live = LiveShow(
            settings: show, ladder: settings.ladder, feed: settings.feed, record: record, capacity: capacity,
            makeWindow: { record, isFresh in
                windows.window(of: show, record: record, isFresh: isFresh) { memory in
                    box.value?.remember(
                        lastSequence: memory.lastSequence,
                        discontinuitySequence: memory.discontinuitySequence)
                }
            },
            makeRehearsal: { windows.rehearsal(of: show) },
            store: { writer.write($0, of: show.id) },
            recorded: { library.refresh(show.id, hasEnded: true) }, logger: logger)
        box.value = live
        return live
    }

    /// What anybody may know of each show.
    var summaries: [ShowSummary] { shows.map(summary(of:)) }

    func summary(of show: LiveShow) -> ShowSummary {
        var summary = show.summary
        let hasEnded = summary.state == .ended || summary.state == .replay
        summary.hasReplay = hasEnded && hasReplay(summary.id)
        return summary
    }

    /// A recording of `show` can be played.
    private func hasReplay(_ show: ShowID) -> Bool { library.replay(of: show) != nil }

    func show(_ id: ShowID) -> LiveShow? { directory.shows[id] }

    func window(for show: ShowID) -> (any ServedWindow)? {
        if let found = directory.shows[show] { return found.audienceWindow }
        guard show.isPreview, let pass = previews.window(for: show, at: .now),
            directory.shows[pass.show]?.window === pass.window
        else { return nil }
        return pass.window
    }

    func replay(of show: ShowID) -> (any ServedWindow)? { library.replay(of: show) }

    func admit(_ request: FeedRequest, reply: @escaping @Sendable (FeedAdmission) -> Void) {
        guard request.application == "live" else {
            reply(.refused(reason: "publish to /live/STREAMKEY, not to another application"))
            return
        }
        switch show(admitting: request.key, peer: request.peer) {
        case .success(let show): reply(show.accept(request))
        case .failure(let refusal): reply(.refused(reason: refusal.reason))
        }
    }

    func check(key: String, peer: String) -> FeedCheck {
        switch show(admitting: key, peer: peer) {
        case .success(let show): show.check
        case .failure(let refusal): .refused(reason: refusal.reason)
        }
    }

    private struct Refusal: Error {
        let reason: String
    }

    /// The show that a key opens, for a host at `peer` (`ADDRESS:PORT`).
    private func show(admitting key: String, peer: String) -> Result<LiveShow, Refusal> {
        let address = String(peer[..<(peer.lastIndex(of: ":") ?? peer.endIndex)])
        let now = MonotonicTime.now
        if let seconds = warden.delay(of: address, at: now) {
            return .failure(
                Refusal(reason: "too many wrong keys came from this address: try again in \(seconds) s"))
        }
        if let show = show(admitting: key) { return .success(show) }
        warden.refused(key, from: address, at: now)
        return .failure(Refusal(reason: ShowRoster.unknownKey))
    }

    private static let unknownKey = "the stream key is unknown: copy it again from the show"

    /// Every key is compared, so that the time taken does not tell which came close.
    private func show(admitting key: String) -> LiveShow? {
        shows.reduce(nil as LiveShow?) { $1.admits(key: key) ? $1 : $0 }
    }

    func tick(now: MonotonicTime) {
        shows.forEach { $0.tick(now: now) }
        library.tick(now: now)
    }

    /// Tells every feed that the server goes down, and lets the last pictures come out.
    func finishRuns() async {
        shows.forEach { $0.shutDown() }
        let end = ContinuousClock.now + .seconds(3)
        while !shows.allSatisfy(\.isIdle), ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits for everything to be on disk.
    func shutDown() async {
        await finishRuns()
        let (windows, writer) = (windows, writer)
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                windows.writer.finish()
                writer.drain()
                continuation.resume()
            }
        }
    }

    /// Answers `shopcast show …`. Blocks until what it says is on disk.
    func answer(_ words: [String]) -> ControlReply {
        if words == ["show", "list"] {
            return .ok(
                summaries.map { "\($0.id):\($0.state.rawValue)\($0.isPaused ? "(paused)" : "")" }.joined(
                    separator: " "))
        }
        guard words.count >= 3, words[0] == "show" else { return .error("unknown command") }
        guard let show = ShowID(words[2]).flatMap(show) else {
            return .error("there is no show '\(words[2])'")
        }
        defer { writer.drain() }
        switch (words.count, words[1]) {
        case (4, "switch"):
            guard let role = FeedSwitch.Role(rawValue: words[3]) else {
                return .error("'\(words[3])' is no feed: say primary or backup")
            }
            return show.choose(role)
        case (3, let word):
            guard let act = ShowRoster.acts[word] else { return .error("unknown command") }
            return act(show)()
        default: return .error("unknown command")
        }
    }

    /// What can be done to a show from outside, by the command line and by its host's page alike.
    private static let acts: [String: @Sendable (LiveShow) -> () -> ControlReply] = [
        "rehearse": LiveShow.rehearse, "go-live": LiveShow.goLive, "end": LiveShow.end,
        "reopen": LiveShow.reopen,
    ]
}

/// Stores show records one after another on a queue of its own: a slow disk never holds up media.
///
/// Bound: one pending record a show (the newest wins); nothing is lost that matters, since records only move forward.
final class RecordWriter: Sendable {
    private let folder: DataFolder
    private let logger: Logger
    private let queue = DispatchQueue(label: "shopcast.records")
    private let pending = Mutex<[ShowID: ShowRecord]>([:])

    init(folder: DataFolder, logger: Logger) {
        self.folder = folder
        self.logger = logger
    }

    func write(_ record: ShowRecord, of show: ShowID) {
        let isFirst = pending.withLock { pending in
            pending.updateValue(record, forKey: show) == nil
        }
        guard isFirst else { return }
        queue.async { [self] in
            guard let newest = pending.withLock({ $0.removeValue(forKey: show) }) else { return }
            do {
                try folder.store(newest, of: show)
            } catch {
                logger.error(
                    "a show's record cannot be stored: check the disk",
                    metadata: ["show": "\(show)", "error": "\(error)"])
            }
        }
    }

    /// Waits until everything is stored; for the end of the process.
    func drain() {
        queue.sync {}
    }
}

/// Refers to a thing without keeping it alive.
private final class Weak<Value: AnyObject & Sendable>: Sendable {
    private struct Reference { weak var value: Value? }
    private let reference = Mutex(Reference())

    var value: Value? {
        get { reference.withLock { $0.value } }
        set { reference.withLock { $0.value = newValue } }
    }
}
