import Crypto

/// The secret that lets a feed in, kept as its SHA-256 only: what is stored or printed cannot be used to publish.
///
/// Keys are long and random, so one plain hash is enough: there is nothing to guess from a dictionary.
package struct StreamKey: Sendable, Hashable {
    private let digest: [UInt8]

    package init(secret: String) {
        digest = Array(SHA256.hash(data: Array(secret.utf8)))
    }

    /// Compares in constant time.
    package func admits(_ secret: String) -> Bool {
        let other = SHA256.hash(data: Array(secret.utf8))
        return zip(digest, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
