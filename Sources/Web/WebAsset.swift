import Crypto
package import NIOCore

/// One file that the pages load: its bytes as they stand and, where that is smaller, as gzip.
package struct WebAsset: Sendable {
    package let contentType: String
    package let body: ByteBuffer
    /// A strong entity tag, with its quotation marks.
    package let entityTag: String
    /// The body as gzip with an entity tag of its own; nil where gzip does not help.
    package let gzip: Encoded?

    package struct Encoded: Sendable {
        package let body: ByteBuffer
        package let entityTag: String
    }

    init(path: String, bytes: [UInt8]) {
        let digest = SHA256.hash(data: bytes).prefix(12).map { hexadecimal($0) }.joined()
        contentType = WebAsset.contentType(path)
        body = ByteBuffer(bytes: bytes)
        entityTag = "\"\(digest)\""
        gzip = Gzip.compress(bytes).flatMap { packed in
            packed.count < bytes.count * 9 / 10
                ? Encoded(body: ByteBuffer(bytes: packed), entityTag: "\"\(digest)-gz\"") : nil
        }
    }

    private static func contentType(_ path: String) -> String {
        switch path.split(separator: ".").last {
        case "mjs", "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "woff2": "font/woff2"
        default: "application/octet-stream"
        }
    }
}

func hexadecimal(_ byte: UInt8) -> String {
    let digits = Array("0123456789abcdef")
    return "\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
}
