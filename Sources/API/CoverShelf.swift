import Codecs
package import Foundation
import HTTPTypes
package import Hummingbird
import NIOCore
import NIOPosix
package import Shows

#if canImport(Glibc)
    import Glibc
#endif

/// The covers on disk: files that never change, named by what is in them.
package struct CoverShelf: Sendable {
    package static let contentType = "image/jpeg"
    /// Bytes of a picture that is handed in, at most.
    package static let limit = CoverPicture.limit

    private let folder: String

    package init(folder: String) { self.folder = folder }

    /// Where a browser finds it; it may keep it for ever.
    package static func address(_ cover: CoverID) -> String { "/covers/\(cover).jpg" }

    /// On disk when it returns. Blocks for that.
    package func keep(_ jpeg: [UInt8]) throws -> CoverID {
        let cover = CoverID(of: jpeg)
        let path = file(cover)
        if FileManager.default.fileExists(atPath: path) { return cover }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let temporary = "\(path).\(UInt64.random(in: .min ... .max)).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: jpeg)
            try handle.synchronize()
            guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            unlink(temporary)
            throw error
        }
        // The name is kept too.
        let place = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if place >= 0 {
            fsync(place)
            close(place)
        }
        return cover
    }

    /// Nil where there is no such file. Blocks for it.
    package func bytes(of cover: CoverID) -> [UInt8]? {
        FileManager.default.contents(atPath: file(cover)).map(Array.init)
    }

    /// Deletes what no show has any more, unless it is younger than `age`: its show may be about to be told. Blocks.
    package func tidy(keeping: Set<CoverID>, age: TimeInterval = 3600, at now: Date = Date()) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let path = "\(folder)/\(name)"
            let isKept = CoverID(name.prefix(32)).map { keeping.contains($0) && name == "\($0).jpg" } ?? false
            let facts = try? FileManager.default.attributesOfItem(atPath: path)
            guard !isKept, let changed = facts?[.modificationDate] as? Date,
                now.timeIntervalSince(changed) > age
            else { continue }
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// `/covers/ID.jpg`.
    package func add(to router: Router<SiteContext>) {
        router.get("/covers/{file}") { request, context in
            guard let name = context.parameters.get("file"), name.hasSuffix(".jpg"),
                let cover = CoverID(name.dropLast(4)),
                let bytes = try await NIOThreadPool.singleton.runIfActive({ bytes(of: cover) })
            else {
                throw ProblemDocument(status: .notFound, detail: "there is no such picture")
            }
            let tag = "\"\(cover)\""
            let headers: HTTPFields = [
                .contentType: CoverShelf.contentType, .eTag: tag,
                .cacheControl: "public, max-age=31536000, immutable",
            ]
            if request.headers[.ifNoneMatch]?.contains(tag) == true {
                return Response(status: .notModified, headers: headers)
            }
            return Response(
                status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }

    private func file(_ cover: CoverID) -> String { "\(folder)/\(cover).jpg" }
}
