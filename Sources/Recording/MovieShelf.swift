// In: wishes for a recording as one file. Out: files, made one at a time on a thread of its own and kept.
// Bound: `waitingAtMost` jobs wait; policy: more are refused (ask again later); counter:
// shopcast_movies_refused_total. A file is not begun where the disk would fall below its floor.

import Codecs
import Foundation
import Logging
package import Media
import Metrics
import Packaging
import Synchronization

/// Recordings as files to download.
package final class MovieShelf: Sendable {
    package struct Movie: Sendable, Hashable {
        package var path: String
        package var bytes: Int
        /// A strong entity tag, quoted.
        package var tag: String
        package var name: String
    }

    package enum Answer: Sendable, Hashable {
        case ready(Movie)
        /// It is being made, or waits for its turn.
        case making
        case busy
        /// 503, with the reason.
        case failed(String)
    }

    /// Which file somebody wants.
    package struct Wish: Sendable {
        fileprivate let key: Key
        fileprivate let job: MovieJob
    }

    fileprivate struct Key: Hashable, Sendable {
        var show: ShowID
        var file: String
    }

    private struct State {
        var waiting: [(key: Key, job: MovieJob)] = []
        var current: Key?
        var failures: [Key: String] = [:]
    }

    private static let waitingAtMost = 4

    private let folder: String
    private let reels: ArchiveFolder
    private let floor: Int
    private let logger: Logger
    private let state = Mutex(State())
    private let made = Counter(label: "shopcast_movies_made_total")
    private let refused = Counter(label: "shopcast_movies_refused_total")

    init(folder: String, reels: ArchiveFolder, floor: Int, logger: Logger) {
        self.folder = folder
        self.reels = reels
        self.floor = floor
        self.logger = logger
    }

    /// The file of a show's recording; nil `rendition` is the best that fits. Blocks for a few small files.
    package func wish(
        for show: ShowID, script: ReplayScript, rendition: RenditionName?
    ) -> Result<Wish, MoviePlan.Refusal> {
        let plan: MoviePlan
        do {
            plan = try MoviePlan(script, rendition: rendition) { reel, name, map in
                let path = reels.file(show, tag: script.reels[reel].tag, rendition: name, name: map)
                return FileManager.default.contents(atPath: path).map { Array($0) }
            }
        } catch {
            return .failure(error)
        }
        // A recording that has grown, or was left out of in places, is another file.
        let last = script.reels[plan.stretches[plan.stretches.count - 1].reel].tag
        let file = "\(plan.rendition)-\(last)-\(plan.stretches.count)-\(plan.bytes).mp4"
        return .success(
            Wish(
                key: Key(show: show, file: file),
                job: MovieJob(show: show, plan: plan, script: script, folder: reels)))
    }

    /// How far the file is, made where it is missing. Asked again and again by who waits: it costs a look at the disk.
    package func movie(_ wish: Wish) -> Answer {
        let (show, file) = (wish.key.show, wish.key.file)
        let path = "\(folder)/\(show)/\(file)"
        var status = stat()
        if stat(path, &status) == 0 {
            return .ready(
                Movie(
                    path: path, bytes: Int(status.st_size), tag: "\"\(file)\"",
                    name: "\(show)-\(wish.job.plan.rendition).mp4"))
        }
        return begin(wish.key, wish.job)
    }

    /// The index is moved to the front, within the file; it is small.
    private func hasRoom(for job: MovieJob) -> Bool {
        DiskRoom.free(at: folder).map { $0 >= job.plan.bytes + job.plan.bytes / 50 + floor } ?? true
    }

    private static let noRoom = "The disk has no room for the file."

    private func begin(_ key: Key, _ job: MovieJob) -> Answer {
        let isKnown = state.withLock { state in
            state.failures[key] != nil || state.current == key || state.waiting.contains { $0.key == key }
        }
        guard isKnown || hasRoom(for: job) else { return .failed(MovieShelf.noRoom) }
        let (answer, starts) = state.withLock { state -> (Answer, Bool) in
            if let failure = state.failures.removeValue(forKey: key) { return (.failed(failure), false) }
            if state.current == key || state.waiting.contains(where: { $0.key == key }) {
                return (.making, false)
            }
            guard state.waiting.count < MovieShelf.waitingAtMost else { return (.busy, false) }
            state.waiting.append((key, job))
            guard state.current == nil else { return (.making, false) }
            state.current = key
            return (.making, true)
        }
        if case .busy = answer { refused.increment() }
        guard starts else { return answer }
        do {
            try CodecThread.start(name: "movie") { [weak self] in self?.work() }.detach()
        } catch {
            state.withLock { ($0.current, $0.waiting) = (nil, []) }
            return .failed("No thread could be started.")
        }
        return answer
    }

    /// Makes what waits, one after the other.
    private func work() {
        while let (key, job) = next() {
            // Others have been made since it was asked for.
            guard hasRoom(for: job) else {
                fail(key, MovieShelf.noRoom)
                continue
            }
            do {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(key.show)", withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
                try job.run(to: "\(folder)/\(key.show)/\(key.file)")
                made.increment()
                logger.info(
                    "a recording was put into one file",
                    metadata: ["show": "\(key.show)", "file": "\(key.file)"])
                removeOthers(key, job.plan.rendition)
            } catch {
                logger.error(
                    "a recording could not be put into one file",
                    metadata: ["show": "\(key.show)", "error": "\(error)"])
                fail(key, "The file could not be made; the server's log says why.")
            }
        }
    }

    /// Told to the next who asks.
    private func fail(_ key: Key, _ reason: String) {
        state.withLock { state in
            if state.failures.count > 64 { state.failures = [:] }
            state.failures[key] = reason
        }
    }

    private func next() -> (Key, MovieJob)? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.current = nil
                return nil
            }
            let (key, job) = state.waiting.removeFirst()
            state.current = key
            return (key, job)
        }
    }

    /// Files of the same rendition of an earlier state of the recording.
    private func removeOthers(_ key: Key, _ rendition: RenditionName) {
        let folder = "\(folder)/\(key.show)"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasPrefix("\(rendition)-") && name != key.file {
            unlink("\(folder)/\(name)")
        }
    }

    func bytes(of show: ShowID) -> Int { ReelShelf.bytes(under: "\(folder)/\(show)") }

    func delete(_ show: ShowID) {
        state.withLock { state in state.waiting.removeAll { $0.key.show == show } }
        try? FileManager.default.removeItem(atPath: "\(folder)/\(show)")
    }
}
