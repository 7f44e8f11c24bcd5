/// What a caller asks for: the stream ID of SRT's access control (srt, docs/features/access-control.md), either
/// `#!::r=KEY,m=publish,…` or the key alone, as some encoders have it. Pure.
package struct SRTStreamID: Hashable, Sendable {
    /// `r`: for us, the stream key. Never logged.
    package let key: String

    package enum Fault: Error, Hashable {
        /// More than 512 bytes, or not text.
        case unreadable
        /// There is no stream ID, or none in it that names a stream.
        case noStream
        /// `m` is something else than `publish`.
        case wrongMode(String)

        /// The sentence for the log.
        package var reason: String {
            switch self {
            case .unreadable: "the SRT stream ID cannot be read"
            case .noStream: "the SRT stream ID names no stream: use #!::r=STREAMKEY,m=publish"
            case .wrongMode(let mode):
                "the SRT stream ID asks for the mode '\(mode)': hosts use m=publish, viewers watch over HTTP"
            }
        }
    }

    /// Reads what a caller has sent. Throws `Fault`.
    package init(_ text: String) throws(Fault) {
        guard text.utf8.count <= 512 else { throw .unreadable }
        // By bytes: a character may be a sign of ours together with an accent that follows it.
        let bytes = text.utf8
        guard bytes.starts(with: "#!::".utf8) else {
            guard !bytes.isEmpty, !bytes.starts(with: "#!".utf8) else { throw .noStream }
            key = text
            return
        }
        var fields: [String: Substring] = [:]
        for field in bytes.dropFirst(4).split(separator: UInt8(ascii: ",")) {
            guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else { throw .unreadable }
            fields[String(Substring(field[..<equals]))] = Substring(field[field.index(after: equals)...])
        }
        // Without a mode a caller asks to be served (`request`); encoders that leave it out mean to publish.
        if let mode = fields["m"], mode != "publish" {
            throw .wrongMode(String(mode.prefix(16).filter { $0.isLetter }))
        }
        guard let key = fields["r"], !key.isEmpty else { throw .noStream }
        self.key = String(key)
    }
}
