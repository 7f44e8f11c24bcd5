import Foundation
import NIOPosix

/// How files look from outside: when they change, they are to be read anew.
struct FileStamps: Equatable, Sendable {
    private struct Stamp: Equatable, Sendable {
        var changed: Date?
        var size: Int?
        var file: Int?
    }

    private let stamps: [Stamp]

    private init(_ stamps: [Stamp]) {
        self.stamps = stamps
    }

    /// As the files are now; those that are not there have stamps of their own.
    static func now(of paths: [String]) async -> FileStamps {
        let found = try? await NIOThreadPool.singleton.runIfActive {
            paths.map { path in
                // What a link leads to: certificates are renewed by pointing it elsewhere.
                let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
                let facts = try? FileManager.default.attributesOfItem(atPath: place)
                return Stamp(
                    changed: facts?[.modificationDate] as? Date, size: (facts?[.size] as? NSNumber)?.intValue,
                    file: (facts?[.systemFileNumber] as? NSNumber)?.intValue)
            }
        }
        return FileStamps(found ?? [])
    }
}
