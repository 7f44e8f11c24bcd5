import Foundation
package import Logging
package import Media

/// Reads what earlier starts of the server have left on disk. Every call blocks for the disk.
package struct ReelShelf: Sendable {
    package let folder: ArchiveFolder
    private let logger: Logger

    /// A journal is not read beyond this (bytes): a year of six renditions.
    private static let journalAtMost = 16 << 30

    package init(folder: ArchiveFolder, logger: Logger) {
        self.folder = folder
        self.logger = logger
    }

    /// The shows that have a folder.
    package var shows: [ShowID] {
        names(in: folder.path).compactMap { ShowID($0) }.sorted { $0.text < $1.text }
    }

    /// A show's reels, oldest first; segments whose file is missing or has another length are gaps.
    package func reels(of show: ShowID) -> [Reel] {
        names(in: folder.show(show)).filter { ArchiveFolder.isPlain($0) }.compactMap { tag in
            read(show, tag: tag)
        }.sorted { ($0.began, $0.tag) < ($1.began, $1.tag) }
    }

    /// The reels of the show's last airing: the last, and those that it carries on.
    package func lastAiring(of show: ShowID) -> [Reel] {
        ReelShelf.lastAiring(reels(of: show))
    }

    package static func lastAiring(_ reels: [Reel]) -> [Reel] {
        guard let last = reels.last else { return [] }
        var airing = [last]
        var wanted = last.continues
        for reel in reels.dropLast().reversed() where reel.tag == wanted {
            airing.insert(reel, at: 0)
            wanted = reel.continues
        }
        return airing
    }

    private func read(_ show: ShowID, tag: String) -> Reel? {
        let path = folder.journal(show, tag: tag)
        guard let data = FileManager.default.contents(atPath: path), data.count <= ReelShelf.journalAtMost,
            var reel = Reel(journal: String(decoding: data, as: UTF8.self)), reel.show == show,
            reel.tag == tag
        else {
            logger.warning("a journal cannot be read: its reel is left out", metadata: ["file": "\(path)"])
            return nil
        }
        if reel.damaged > 1 {
            logger.warning(
                "lines of a journal are damaged and left out",
                metadata: ["file": "\(path)", "lines": "\(reel.damaged)"])
        }
        for name in reel.segments.keys {
            let lengths = lengths(in: "\(folder.reel(show, tag: tag))/\(name)")
            for index in reel.segments[name]?.indices ?? 0..<0 {
                guard let segment = reel.segments[name]?[index], !segment.isGap else { continue }
                let isReadable =
                    segment.map.map { map in
                        reel.inits[name]?[map].map { lengths[map] == $0 && $0 > 0 } ?? false
                    } ?? reel.texts.contains(name)
                let isThere = lengths[segment.file] == segment.bytes && segment.bytes > 0 && isReadable
                if !isThere { reel.segments[name]?[index].isGap = true }
            }
        }
        return reel
    }

    /// The files of a folder, with their lengths.
    private func lengths(in path: String) -> [String: Int] {
        var lengths: [String: Int] = [:]
        for name in names(in: path) {
            var status = stat()
            if lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                lengths[name] = Int(status.st_size)
            }
        }
        return lengths
    }

    private func names(in path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    /// Bytes on disk under `path`, all files together.
    package static func bytes(under path: String) -> Int {
        guard let files = FileManager.default.enumerator(atPath: path) else { return 0 }
        var sum = 0
        while let name = files.nextObject() as? String {
            var status = stat()
            if lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                sum += Int(status.st_size)
            }
        }
        return sum
    }
}
