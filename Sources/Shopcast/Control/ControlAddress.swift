import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The path of a Unix socket, kept below the system's limit of 107 bytes: a socket in a deeply nested folder is
/// reached through the folder's open descriptor instead.
final class ControlAddress: Sendable {
    let path: String
    private let folder: Int32

    /// Nil where the folder cannot be opened.
    init?(socket: String) {
        if socket.utf8.count <= 100 {
            path = socket
            folder = -1
            return
        }
        let url = URL(fileURLWithPath: socket)
        let descriptor = open(url.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        folder = descriptor
        path = "/proc/self/fd/\(descriptor)/\(url.lastPathComponent)"
    }

    deinit {
        if folder >= 0 { close(folder) }
    }
}
