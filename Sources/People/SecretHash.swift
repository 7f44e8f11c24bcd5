/// A long random secret, kept as its SHA-256 only: what is stored or printed cannot be used.
///
/// Such secrets are long and random, so one plain hash is enough: there is nothing to guess from a dictionary. Passwords
/// of people are not, see `PasswordHash`.
package struct SecretHash: Hashable, Sendable {
    /// 64 hexadecimal digits.
    package let text: String

    package init(of secret: String) {
        text = SHA256Text.of(secret.utf8)
    }

    /// As it was stored.
    package init(stored: String) { text = stored }

    /// Compares in constant time.
    package func admits(_ secret: String) -> Bool {
        let (own, other) = (text.utf8, SecretHash(of: secret).text.utf8)
        guard own.count == other.count else { return false }
        return zip(own, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
