import Crypto
import CryptoExtras
import Foundation
import NIOCore

/// A key that segments of one rendition are encrypted with for a while (METHOD=AES-128, draft-pantos-hls-rfc8216bis,
/// 4.4.4.4): AES in CBC mode with PKCS7 padding.
///
/// What a player fetches by itself is sealed by itself: a part with its own padding, starting at the vector, so that it
/// can be read the moment it is there (as hls.js does), and the whole segment in the same way. So a segment's bytes are
/// not its parts' bytes in a row, as they are in the clear. The vector is told with the key, since init sections have no
/// number that it could follow from.
struct ContentKey: Sendable, Hashable {
    /// Its name beside the rendition's playlist.
    let file: String
    /// 16 of them.
    let bytes: [UInt8]
    let vector: [UInt8]

    /// A key that nobody has seen.
    static func fresh(file: String) -> ContentKey {
        func random() -> [UInt8] { SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) } }
        return ContentKey(file: file, bytes: random(), vector: random())
    }

    /// The buffers in a row, encrypted. Nil where that cannot be done, which a key of 16 bytes rules out.
    func sealed(_ buffers: [ByteBuffer]) -> ByteBuffer? {
        var plain: [UInt8] = []
        plain.reserveCapacity(buffers.reduce(0) { $0 + $1.readableBytes })
        for buffer in buffers { plain.append(contentsOf: buffer.readableBytesView) }
        guard let vector = try? AES._CBC.IV(ivBytes: vector),
            let sealed = try? AES._CBC.encrypt(plain, using: SymmetricKey(data: bytes), iv: vector)
        else { return nil }
        return ByteBuffer(bytes: sealed)
    }
}

extension WindowTrack {
    /// The key of a segment that opens with this number, and its init section under that key. A new key comes with each
    /// `span` of numbers, so in all renditions at the same segment; `fresh` makes it.
    mutating func sealing(
        _ sequence: UInt64, map: String?, span: UInt64, fresh: () -> ContentKey
    ) -> (key: ContentKey, map: String?) {
        let period = sequence / max(1, span)
        let key: ContentKey
        if let known = self.key, known.period == period {
            key = known.key
        } else {
            key = fresh()
            self.key = (period, key)
            files[key.file] = MediaObject(kind: .key, buffers: [ByteBuffer(bytes: key.bytes)])
        }
        guard let map, let bytes = inits[map] else { return (key, map) }
        // The name tells both: which section, and under which key.
        let name = map.replacing("-", with: "\(key.file.prefix { $0 != "-" })-", maxReplacements: 1)
        if files[name] == nil, let sealed = key.sealed([bytes]) {
            files[name] = MediaObject(kind: isVideo ? .videoInit : .audioInit, buffers: [sealed])
        }
        return (key, name)
    }
}
