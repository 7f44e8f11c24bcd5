import Foundation
import JWTKit

/// The keys that playback tokens are signed with, each under its `kid`: any number of them are good at once, so that
/// new tokens can take a new key while old ones run out. Immutable; a change is a new set.
package struct PassKeys: Sendable {
    /// A shared secret for HS256.
    package struct Secret: Hashable, Sendable {
        package var kid: String
        package var secret: String

        package init(kid: String, secret: String) {
            self.kid = kid
            self.secret = secret
        }
    }

    /// Why keys cannot be used; never tells a secret.
    package struct Fault: Error, CustomStringConvertible, Hashable {
        package let description: String
    }

    /// Bytes of a token; longer ones are not looked at.
    package static let longestToken = 1024

    private let verifiers: [String: any JWTAlgorithm]
    private let collection: JWTKeyCollection
    /// The key that new tokens are signed with: the first that can sign.
    private let signing: String?

    package var count: Int { verifiers.count }

    /// A set of secrets, and of the public (or private) P-256 keys of a JWKS document (RFC 7517).
    package init(secrets: [Secret], jwks: String? = nil) async throws(Fault) {
        var verifiers: [String: any JWTAlgorithm] = [:]
        var signing: String?
        let collection = JWTKeyCollection()
        func enter(_ kid: String, _ algorithm: any JWTAlgorithm, canSign: Bool) throws(Fault) {
            guard verifiers.updateValue(algorithm, forKey: kid) == nil else {
                throw Fault(description: "two playback keys have the kid '\(kid)'")
            }
            if canSign, signing == nil { signing = kid }
        }
        for secret in secrets {
            guard secret.secret.utf8.count >= 32 else {
                throw Fault(description: "the playback secret '\(secret.kid)' is shorter than 32 bytes")
            }
            let kid = JWKIdentifier(string: secret.kid)
            await collection.add(
                hmac: HMACKey(from: secret.secret), digestAlgorithm: .sha256, kid: kid)
            try await enter(secret.kid, PassKeys.key(kid, in: collection, "HS256"), canSign: true)
        }
        if let jwks {
            let keys: [JWK]
            do {
                keys = try JSONDecoder().decode(JWKS.self, from: Data(jwks.utf8)).keys
            } catch {
                throw Fault(description: "the file of playback keys is not a JWKS document")
            }
            for key in keys {
                guard let kid = key.keyIdentifier, key.keyType == .ecdsa else {
                    throw Fault(
                        description: "each key in the JWKS document is to be EC (P-256) and have a kid")
                }
                do {
                    try await collection.add(jwk: key)
                } catch {
                    throw Fault(description: "the playback key '\(kid.string)' is malformed")
                }
                try await enter(
                    kid.string, PassKeys.key(kid, in: collection, "ES256"),
                    canSign: key.privateExponent != nil)
            }
        }
        self.verifiers = verifiers
        self.collection = collection
        self.signing = signing
    }

    /// The key of a `kid`, which must be for `algorithm` and no other.
    private static func key(
        _ kid: JWKIdentifier, in collection: JWTKeyCollection, _ algorithm: String
    ) async throws(Fault) -> any JWTAlgorithm {
        let found = try? await collection.getKey(for: kid, alg: algorithm)
        guard let found, found.name == algorithm else {
            throw Fault(description: "the playback key '\(kid.string)' is not one for \(algorithm)")
        }
        return found
    }

    /// Reads a token whose signature is right. Times, shows and countries are for the caller to look at.
    ///
    /// The key decides on the algorithm: a token that names another one (`none`, or HS256 with a public key for a
    /// secret) is refused before anything is computed, and so is one with `crit`.
    package func read(_ token: String) throws(PassRefusal) -> PlaybackPass {
        let bytes = token.utf8
        guard bytes.count <= PassKeys.longestToken, !bytes.isEmpty else { throw .wrong }
        let parser = DefaultJWTParser()
        guard let parts = try? parser.getTokenParts(Array(bytes)),
            let (header, claims, signature) = try? parser.parse(Array(bytes), as: PassClaims.self),
            let kid = header.kid, let key = verifiers[kid], header.alg == key.name,
            header.fields["crit"] == nil
        else { throw .wrong }
        let signed = Array(parts.header) + [UInt8(ascii: ".")] + Array(parts.payload)
        guard (try? key.verify(signature, signs: signed)) == true else { throw .wrong }
        return claims.pass
    }

    /// A new token, signed with the first key that can sign.
    package func token(for pass: PlaybackPass) async throws(Fault) -> String {
        guard let signing else {
            throw Fault(description: "none of the playback keys can sign: add a secret or a private key")
        }
        do {
            return try await collection.sign(PassClaims(pass), kid: JWKIdentifier(string: signing))
        } catch {
            throw Fault(description: "the playback key '\(signing)' cannot sign")
        }
    }
}
