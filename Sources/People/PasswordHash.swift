import CArgon2
import Foundation

/// A password as it is kept: Argon2id in its own encoded form, with its salt and costs.
///
/// Making and checking one takes some 20 ms and 19 MiB: `PasswordDesk` bounds how many do at a time.
package struct PasswordHash: Hashable, Sendable {
    /// `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`
    package let text: String

    /// Characters.
    package static let lengths = 10...200
    // What OWASP asks for at least: 19 MiB, 2 passes, 1 lane.
    private static let (memory, passes, lanes): (UInt32, UInt32, UInt32) = (19 * 1024, 2, 1)
    private static let (saltLength, hashLength) = (16, 32)

    package init(stored: String) { text = stored }

    /// Hashes with a new salt. Nil where memory is short.
    package init?(of password: String) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<Self.saltLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let secret = Self.bytes(of: password)
        var encoded = [CChar](repeating: 0, count: 256)
        let code = argon2id_hash_encoded(
            Self.passes, Self.memory, Self.lanes, secret, secret.count, salt, salt.count, Self.hashLength,
            &encoded, encoded.count)
        guard code == ARGON2_OK.rawValue else { return nil }
        text = String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Compares in constant time.
    package func admits(_ password: String) -> Bool {
        let secret = Self.bytes(of: password)
        return argon2id_verify(text, secret, secret.count) == ARGON2_OK.rawValue
    }

    /// It was made with other costs than those of today: make it anew when the password is known.
    package var isDated: Bool {
        !text.hasPrefix("$argon2id$v=19$m=\(Self.memory),t=\(Self.passes),p=\(Self.lanes)$")
    }

    /// What is wrong with a password that somebody wants; nil where nothing is. Length only: rules about its characters
    /// make passwords worse.
    package static func fault(in password: String, login: String? = nil) -> String? {
        if !lengths.contains(password.count) || password.utf8.count > 1024 {
            return "\(lengths.lowerBound) to \(lengths.upperBound) characters are needed"
        }
        if let login, password.lowercased() == login.lowercased() { return "it must not be the login" }
        if Set(password).count < 4 { return "at least four different characters are needed" }
        return nil
    }

    /// The same letters typed on another machine are the same bytes.
    private static func bytes(of password: String) -> [UInt8] {
        Array(password.precomposedStringWithCanonicalMapping.utf8)
    }
}
