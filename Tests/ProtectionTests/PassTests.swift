import Crypto
import Foundation
import Media
import Protection
import Testing

@Suite struct PassTests {
    static let secret = "a-secret-of-more-than-32-bytes-for-tests"
    static let other = "another-secret-of-more-than-32-bytes-here"
    private let show = ShowID("sale")!

    private func keys(_ secrets: [(String, String)] = [("k1", secret)], jwks: String? = nil) async throws
        -> PassKeys
    {
        try await PassKeys(secrets: secrets.map { .init(kid: $0.0, secret: $0.1) }, jwks: jwks)
    }

    private func encoded(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }

    /// A token made by hand, signed with HS256 whatever its header says.
    private func forged(_ header: String, _ claims: String, secret: String = secret) -> String {
        let head = encoded(Data(header.utf8)) + "." + encoded(Data(claims.utf8))
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(head.utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return head + "." + encoded(Data(code))
    }

    @Test func whatIsSignedIsRead() async throws {
        let keys = try await keys()
        for pass in [
            PlaybackPass(show: show, expires: 1_800_000_000),
            PlaybackPass(show: show, expires: 1, country: "DE", shortSide: 480),
        ] {
            let token = try await keys.token(for: pass)
            #expect(try keys.read(token) == pass)
            #expect(token.utf8.count < 300)
            #expect(token.utf8.allSatisfy { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") })
        }
        // What other makers write is read too.
        let made = forged(
            #"{"typ":"JWT","kid":"k1","alg":"HS256"}"#,
            #"{"sub":"sale","exp":1800000000.5,"iss":"shop","country":"de","cap":720,"x":[1,{}]}"#)
        #expect(
            try keys.read(made)
                == PlaybackPass(show: show, expires: 1_800_000_000, country: "DE", shortSide: 720))
    }

    @Test func hostileTokensAreRefused() async throws {
        let keys = try await keys()
        let good = #"{"kid":"k1","alg":"HS256"}"#
        let claims = #"{"sub":"sale","exp":1800000000}"#
        let token = forged(good, claims)
        #expect((try? keys.read(token)) != nil)
        let parts = token.split(separator: ".")
        let table: [String] = [
            "", ".", "..", "...", "a.b.c", "....................", String(repeating: "a", count: 100_000),
            token + ".", "." + token, token + "a", String(token.dropLast()), token.uppercased(),
            String(parts[0] + "." + parts[1] + "."), String(parts[0] + ".." + parts[2]),
            "\(parts[0]).\(parts[1]).\(parts[2]).\(parts[2])", "\u{0}\(token)", "é.é.é",
            forged(#"{"kid":"k1","alg":"none"}"#, claims), forged(#"{"kid":"k1","alg":"None"}"#, claims),
            forged(#"{"kid":"k1","alg":"HS512"}"#, claims), forged(#"{"kid":"k1","alg":"ES256"}"#, claims),
            forged(#"{"kid":"k1"}"#, claims), forged(#"{"alg":"HS256"}"#, claims),
            forged(#"{"kid":"k2","alg":"HS256"}"#, claims), forged(#"{"kid":["k1"],"alg":"HS256"}"#, claims),
            forged(#"{"kid":"k1","alg":"HS256","crit":["exp"]}"#, claims),
            forged(#"{"kid":"k1","alg":"HS256","crit":[1]}"#, claims),
            forged("[]", claims), forged("null", claims), forged("", claims), forged("\u{FF}", claims),
            forged(good, ""), forged(good, "[]"), forged(good, "{}"), forged(good, #"{"sub":"sale"}"#),
            forged(good, #"{"exp":1800000000}"#), forged(good, #"{"sub":"sale","exp":"1800000000"}"#),
            forged(good, #"{"sub":"sale","exp":1e400}"#), forged(good, #"{"sub":"sale","exp":1e300}"#),
            forged(good, #"{"sub":"sale","exp":99999999999999999999}"#),
            forged(good, #"{"sub":"sale","exp":9223372036854775807}"#),
            forged(good, #"{"sub":"sale","exp":-1}"#), forged(good, #"{"sub":"sale","exp":null}"#),
            forged(good, #"{"sub":"../sale","exp":1800000000}"#),
            forged(good, #"{"sub":7,"exp":1800000000}"#),
            forged(good, #"{"sub":"sale","exp":1800000000,"cap":-1}"#),
            forged(good, #"{"sub":"sale","exp":1800000000,"cap":"all"}"#),
            forged(good, #"{"sub":"sale","exp":1800000000,"cap":1e99}"#),
            forged(good, #"{"sub":"sale","exp":1800000000,"country":"Germany"}"#),
            forged(good, #"{"sub":"sale","exp":1800000000,"country":7}"#),
            forged(good, claims, secret: PassTests.other), forged(good, claims, secret: ""),
            forged(good, String(repeating: "[", count: 500)),
        ]
        for hostile in table {
            #expect(throws: PassRefusal.wrong, "\(hostile.prefix(120))") { try keys.read(hostile) }
        }
    }

    /// Any change of a byte makes a token worth nothing.
    @Test func noByteCanBeChanged() async throws {
        let keys = try await keys()
        let pass = PlaybackPass(show: show, expires: 1_800_000_000, country: "DE", shortSide: 480)
        let token = Array(try await keys.token(for: pass).utf8)
        for place in token.indices {
            for byte in [UInt8(ascii: "A"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "%"), 0]
            where token[place] != byte {
                var changed = token
                changed[place] = byte
                // The last letter of a signature has bits that mean nothing: then it reads as before.
                if let read = try? keys.read(String(decoding: changed, as: UTF8.self)) {
                    #expect(read == pass && place == token.count - 1)
                }
            }
        }
    }

    private func jwk(
        _ kid: String, _ key: P256.Signing.PrivateKey, isPrivate: Bool = false, more: String = ""
    )
        -> String
    {
        let raw = key.publicKey.rawRepresentation
        let d = isPrivate ? #","d":"\#(encoded(key.rawRepresentation))""# : ""
        return #"{"kty":"EC","crv":"P-256","kid":"\#(kid)","x":"\#(encoded(raw.prefix(32)))","#
            + #""y":"\#(encoded(raw.suffix(32)))"\#(d)\#(more)}"#
    }

    @Test func publicKeysOfAFile() async throws {
        let key = P256.Signing.PrivateKey()
        let signer = try await keys([], jwks: #"{"keys":[\#(jwk("ec", key, isPrivate: true))]}"#)
        let pass = PlaybackPass(show: show, expires: 1_800_000_000)
        let token = try await signer.token(for: pass)
        let reader = try await keys(
            jwks: #"{"keys":[\#(jwk("ec", key, more: #","alg":"ES256","use":"sig""#))]}"#)
        #expect(try reader.read(token) == pass)
        #expect(reader.count == 2)
        // A public key is no secret: a token "signed" with it for HS256 is refused.
        let pem = key.publicKey.pemRepresentation
        for secret in [
            pem, encoded(key.publicKey.rawRepresentation), encoded(key.publicKey.x963Representation),
        ] {
            let confused = forged(
                #"{"kid":"ec","alg":"HS256"}"#, #"{"sub":"sale","exp":1800000000}"#, secret: secret)
            #expect(throws: PassRefusal.wrong) { try reader.read(confused) }
        }
        let stranger = try await keys([], jwks: #"{"keys":[\#(jwk("ec", P256.Signing.PrivateKey()))]}"#)
        #expect(throws: PassRefusal.wrong) { try stranger.read(token) }
        await #expect(throws: PassKeys.Fault.self) { try await stranger.token(for: pass) }
    }

    @Test func keysThatCannotBeUsed() async throws {
        let key = P256.Signing.PrivateKey()
        for jwks in [
            "", "{}", "[]", #"{"keys":7}"#, #"{"keys":[{}]}"#, #"{"keys":[{"kty":"EC","kid":"a"}]}"#,
            #"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"AA","y":"AA"}]}"#,
            #"{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}"#,
            #"{"keys":[\#(jwk("a", key)),\#(jwk("a", key))]}"#,
            #"{"keys":[\#(jwk("a", key, more: #","alg":"ES384""#))]}"#,
        ] {
            await #expect(throws: PassKeys.Fault.self, "\(jwks)") { _ = try await keys([], jwks: jwks) }
        }
        await #expect(throws: PassKeys.Fault.self) { _ = try await keys([("a", "short")]) }
        await #expect(throws: PassKeys.Fault.self) {
            _ = try await keys([("a", PassTests.secret), ("a", PassTests.other)])
        }
    }
}
