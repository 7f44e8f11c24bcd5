import Captioning
package import Delivery
import Foundation
import Logging
package import Media
package import Packaging
import People
package import Recording
import Shows

/// How a show's window comes to be: where it is written, and what of it an earlier start has left.
struct WindowMaker: Sendable {
    let settings: Settings
    let folder: ArchiveFolder
    let writer: ReelWriter
    let shelf: ReelShelf
    let captions: CaptionHall

    init(settings: Settings, captions: CaptionHall, logger: Logger) {
        self.settings = settings
        self.captions = captions
        folder = ArchiveFolder(path: settings.data + "/media")
        var limits = ReelWriter.Limits()
        limits.memory = settings.recording.waitingMegabytes << 20
        limits.floor = settings.recording.minimumFreeMegabytes << 20
        writer = ReelWriter(limits: limits, logger: logger)
        shelf = ReelShelf(folder: folder, logger: logger)
    }

    /// A show's window: what was on air goes on, and what has ended is still there. `isFresh` begins anew. Blocks for the
    /// disk, unless it is fresh.
    func window(
        of show: ShowPlan, record: ShowRecord, isFresh: Bool,
        remember: @escaping @Sendable (WindowMemory) -> Void
    ) -> LiveWindow {
        let own = WindowSettings(settings, show: show).protected(as: show.protect)
        let since = WallClock.unixMilliseconds() - own.span.milliseconds
        let desk = captions.open(show.id, show.captions, since: since)
        let window = LiveWindow(
            show: show.id, settings: own,
            memory: WindowMemory(
                lastSequence: record.lastSequence, discontinuitySequence: record.discontinuitySequence),
            restored: isFresh ? nil : restored(show.id, record, span: own.span),
            // What players get encrypted is not left in the clear on the disk.
            archive: own.segmentsPerKey == nil
                ? ArchivePlace(folder: folder, writer: writer, isKept: settings.recording.isOn) : nil,
            desk: desk, remember: remember)
        window.announce(CaptionDesk.renditions(show.captions))
        return window
    }

    /// A running show has other tracks. Blocks for the store.
    func change(_ show: LiveShow, to plan: ShowPlan) {
        let span = WindowSettings(settings, show: plan).span
        captions.change(plan.id, to: plan.captions, since: WallClock.unixMilliseconds() - span.milliseconds)
        show.audienceWindow.announce(CaptionDesk.renditions(plan.captions))
    }

    /// Whether a show's own window is kept on disk.
    func records(_ show: ShowPlan) -> Bool {
        settings.recording.isOn && show.protect.encrypt == .none
    }

    /// A rehearsal's window: in memory only, a dozen seconds of it, and told to no cache.
    func rehearsal(of show: ShowPlan) -> LiveWindow {
        LiveWindow(show: show.id, settings: WindowSettings(segments: 6, language: show.language))
    }

    private func restored(_ show: ShowID, _ record: ShowRecord, span: MediaTime) -> RestoredWindow? {
        let hasEnded = record.state == .ended || record.state == .replay
        guard hasEnded || record.state == .live else { return nil }
        let airing = shelf.lastAiring(of: show)
        guard var restored = RestoredWindow.read(airing, span: span, folder: folder) else { return nil }
        // It was reopened, and nothing has come since.
        if restored.isEnded, !hasEnded { return nil }
        restored.isEnded = hasEnded
        return restored
    }

    /// The shows of which there is something on disk. Blocks.
    func recorded() -> [ShowID] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: settings.data + "/media")) ?? []
        return names.compactMap { ShowID($0) }
    }

    /// Deletes what passing windows have left and nobody lists any more; the last airing is listed, ended or not.
    func tidy(_ show: ShowID) {
        let reels = shelf.reels(of: show)
        let listed = Set(ReelShelf.lastAiring(reels).map(\.tag))
        for reel in reels where !reel.isKept && !listed.contains(reel.tag) {
            try? FileManager.default.removeItem(atPath: folder.reel(show, tag: reel.tag))
        }
    }
}

extension ReplayLibrary.Outcome {
    /// As timelines tell it.
    var facts: JSONValue {
        switch self {
        case .ready(let duration):
            ["what": "ready", "seconds": .number((duration.seconds * 1000).rounded() / 1000)]
        case .failed(let reason): ["what": "failed", "reason": .text(reason)]
        }
    }
}

extension ReplayLibrary.Settings {
    init(_ settings: Settings.Recording) {
        self.init()
        limits.keepDays = settings.keepDays > 0 ? settings.keepDays : nil
        limits.maximumBytes = Int(settings.maximumGigabytes * 1e9)
        limits.floor = settings.minimumFreeMegabytes << 20
        sweepEvery = .seconds(settings.sweepSeconds)
    }
}

/// A recording answers as an ended window does.
extension Replay: ServedWindow, ServedSnapshot {
    package var latest: any ServedSnapshot { self }
    package var hasEnded: Bool { true }
    package var multivariant: PlaylistText? { variants }
    package func multivariant(upTo cap: Int) -> PlaylistText? { capped.text(upTo: cap) }
    package func shortSide(of rendition: RenditionName) -> Int? { capped.sides[rendition] }

    /// Nothing ever changes.
    package func watch(_ observer: @escaping @Sendable (any ServedSnapshot) -> Void) {}

    package func playlist(_ rendition: RenditionName, _ request: BlockingRequest) -> PlaylistAnswer {
        let text = request.list == .segments ? playlist(rendition) : iFrames(rendition)
        return text.map { .ready($0) } ?? .unknown
    }

    package func media(_ rendition: RenditionName, file name: Substring) -> MediaAnswer {
        object(rendition, file: name).map { .ready($0) } ?? .unknown
    }
}
