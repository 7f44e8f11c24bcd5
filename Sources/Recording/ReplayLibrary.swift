// In: shows that have ended, and ticks. Out: replays, for event loops to look up; deletions, told in the log first.
// Blocks: a queue of its own, for the disk. Bound: one pending job a show and one sweep; nothing is dropped.

import Foundation
package import Logging
package import Media
import Metrics
package import Packaging
import Synchronization

/// The recordings of all shows: makes their replays, and keeps them within their limits.
package final class ReplayLibrary: Sendable {
    package struct Settings: Sendable {
        package var limits = RetentionRules.Limits()
        package var sweepEvery = Duration.seconds(60)

        package init() {}
    }

    /// What became of a recording.
    package enum Outcome: Sendable, Hashable {
        /// It can be played; how long it is.
        case ready(MediaTime)
        /// Why there is nothing to play.
        case failed(String)
    }

    /// What the library asks of the shows.
    package struct Shows: Sendable {
        /// On air, or waiting for its host: its recording is not touched.
        package var isLive: @Sendable (ShowID) -> Bool
        /// BCP 47, of what is spoken.
        package var language: @Sendable (ShowID) -> String?
        /// Its recording is about to be deleted.
        package var forget: @Sendable (ShowID) -> Void
        /// What is to be read beside it. Blocks.
        package var texts: @Sendable (ShowID, [RecordedPlace]) -> [any RecordedText]

        package init(
            isLive: @escaping @Sendable (ShowID) -> Bool, language: @escaping @Sendable (ShowID) -> String?,
            forget: @escaping @Sendable (ShowID) -> Void,
            texts: @escaping @Sendable (ShowID, [RecordedPlace]) -> [any RecordedText] = { _, _ in [] }
        ) {
            self.isLive = isLive
            self.language = language
            self.forget = forget
            self.texts = texts
        }
    }

    /// What recordings take, as of the last sweep.
    package struct Usage: Sendable, Hashable {
        package var recordings = 0
        /// With the files that were made to be downloaded.
        package var bytes = 0
    }

    private struct State {
        var usage = Usage()
        /// With the tag of the last reel that is in it.
        var replays: [ShowID: (replay: Replay, last: String)] = [:]
        /// What recordings weighed when they last changed (Unix milliseconds).
        var weights: [ShowID: (changed: Int64, bytes: Int)] = [:]
        /// Replays that are to be made, and who waits for that.
        var pending: [ShowID: [@Sendable (Outcome) -> Void]] = [:]
        var isSweeping = false
        var swept: MonotonicTime?
        var rules: RetentionRules
    }

    package let movies: MovieShelf
    private let shelf: ReelShelf
    private let settings: Settings
    private let shows: Shows
    private let logger: Logger
    private let queue = DispatchQueue(label: "shopcast.recordings")
    private let state: Mutex<State>
    private let bytes = Gauge(label: "shopcast_recording_bytes")
    private let free = Gauge(label: "shopcast_recording_free_bytes")
    private let announced = Counter(label: "shopcast_recordings_announced_total")
    private let deleted = Counter(label: "shopcast_recordings_deleted_total")

    /// - Parameter downloads: the folder for files made to be downloaded.
    package init(shelf: ReelShelf, downloads: String, settings: Settings, shows: Shows, logger: Logger) {
        self.shelf = shelf
        self.settings = settings
        self.shows = shows
        self.logger = logger
        movies = MovieShelf(
            folder: downloads, reels: shelf.folder, floor: settings.limits.floor, logger: logger)
        state = Mutex(State(rules: RetentionRules(limits: settings.limits)))
    }

    package var usage: Usage { state.withLock { $0.usage } }

    /// The recording of a show; nil where there is none, or it is still being read.
    package func replay(of show: ShowID) -> Replay? {
        state.withLock { $0.replays[show]?.replay }
    }

    /// The script of a show's recording, read anew: it is too large to be kept for all. Blocks for the disk.
    package func script(of show: ShowID) -> ReplayScript? {
        guard let last = state.withLock({ $0.replays[show]?.last }) else { return nil }
        let reels = shelf.reels(of: show).filter(\.isKept)
        guard let end = reels.lastIndex(where: { $0.tag == last }) else { return nil }
        return ReplayScript(Array(reels[...end]))
    }

    /// Makes a show's replay anew, soon: of everything up to its last end, or of all where it `hasEnded`. `tell` is called
    /// with what came of it.
    package func refresh(
        _ show: ShowID, hasEnded: Bool, tell: (@Sendable (Outcome) -> Void)? = nil
    ) {
        let isFirst = state.withLock { state in
            let isFirst = state.pending[show] == nil
            state.pending[show, default: []] += tell.map { [$0] } ?? []
            return isFirst
        }
        guard isFirst else { return }
        queue.async { [self] in
            let waiting = state.withLock { $0.pending.removeValue(forKey: show) } ?? []
            let outcome = make(show, hasEnded: hasEnded)
            for tell in waiting { tell(outcome) }
        }
    }

    private func make(_ show: ShowID, hasEnded: Bool) -> Outcome {
        var reels = shelf.reels(of: show).filter(\.isKept)
        if !hasEnded {
            let last = reels.lastIndex { $0.ended != nil }
            reels = last.map { Array(reels[...$0]) } ?? []
        }
        let script = ReplayScript(reels)
        let replay = Replay.make(
            show: show, script: script, folder: shelf.folder, language: shows.language(show),
            texts: shows.texts(show, script.recordedPlaces))
        let last = reels.last?.tag ?? ""
        state.withLock { $0.replays[show] = replay.map { ($0, last) } }
        guard let replay else {
            return .failed(
                reels.isEmpty ? "nothing of the show is on the disk" : "what is on the disk cannot be played")
        }
        logger.notice(
            "replay is ready",
            metadata: [
                "show": "\(show)", "seconds": "\(Int(replay.duration.seconds))",
                "breaks": "\(script.places.count(where: \.isBreak))",
            ])
        return .ready(replay.duration)
    }

    // MARK: Limits

    /// To be called often; sweeps when it is time.
    package func tick(now: MonotonicTime) {
        let isDue = state.withLock { state in
            guard !state.isSweeping, state.swept.map({ now - $0 >= settings.sweepEvery }) ?? true else {
                return false
            }
            (state.isSweeping, state.swept) = (true, now)
            return true
        }
        guard isDue else { return }
        queue.async { [self] in
            sweep(unixMilliseconds: WallClock.unixMilliseconds())
            state.withLock { $0.isSweeping = false }
        }
    }

    private func sweep(unixMilliseconds now: Int64) {
        let items = shelf.shows.map { show in
            let changed = changed(show)
            let isLive = shows.isLive(show)
            return RetentionRules.Item(
                show: show, bytes: weight(of: show, changed: isLive ? nil : changed) + movies.bytes(of: show),
                ended: changed ?? now, isLive: isLive)
        }
        let room = DiskRoom.free(at: shelf.folder.path)
        let usage = Usage(recordings: items.count, bytes: items.reduce(0) { $0 + $1.bytes })
        state.withLock { $0.usage = usage }
        bytes.record(usage.bytes)
        if let room { free.record(room) }
        for step in state.withLock({ $0.rules.decide(items, free: room, unixMilliseconds: now) }) {
            take(step)
        }
    }

    /// Bytes on disk; counted anew where a recording has changed since, or goes on changing (nil).
    private func weight(of show: ShowID, changed: Int64?) -> Int {
        if let changed, let known = state.withLock({ $0.weights[show] }), known.changed == changed {
            return known.bytes
        }
        let bytes = ReelShelf.bytes(under: shelf.folder.show(show))
        state.withLock { $0.weights[show] = changed.map { ($0, bytes) } }
        return bytes
    }

    /// Unix milliseconds of the newest journal's last change.
    private func changed(_ show: ShowID) -> Int64? {
        let folder = shelf.folder.show(show)
        let tags = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return tags.compactMap { tag -> Int64? in
            var status = stat()
            guard stat("\(folder)/\(tag)/journal", &status) == 0 else { return nil }
            return Int64(status.st_mtim.tv_sec) * 1000
        }.max()
    }

    private func take(_ step: RetentionRules.Step) {
        switch step {
        case .near(let used):
            logger.warning(
                "recordings take nine tenths of what they may: the oldest will be deleted beyond it",
                metadata: [
                    "megabytes": "\(used >> 20)", "allowed": "\(settings.limits.maximumBytes >> 20)",
                ])
        case .ageing(let show):
            logger.warning("a recording will soon be deleted for its age", metadata: ["show": "\(show)"])
        case .announce(let show, let reason):
            announced.increment()
            logger.warning(
                "a recording will be deleted with the next sweep",
                metadata: [
                    "show": "\(show)", "reason": "\(reason.text)",
                    "seconds": "\(settings.sweepEvery.components.seconds)",
                ])
        case .delete(let show, let reason): delete(show, reason)
        case .helpless(let reason):
            logger.error(
                "there is no recording left to delete: free some disk space",
                metadata: ["reason": "\(reason.text)"])
        }
    }

    private func delete(_ show: ShowID, _ reason: RetentionRules.Reason) {
        // It may have gone on air since.
        guard !shows.isLive(show) else { return }
        state.withLock { state in
            state.replays[show] = nil
            state.weights[show] = nil
        }
        shows.forget(show)
        movies.delete(show)
        do {
            try FileManager.default.removeItem(atPath: shelf.folder.show(show))
            deleted.increment()
            logger.warning(
                "a recording was deleted", metadata: ["show": "\(show)", "reason": "\(reason.text)"])
        } catch {
            logger.error(
                "a recording cannot be deleted", metadata: ["show": "\(show)", "error": "\(error)"])
        }
    }
}
