import Crypto
package import Foundation
package import Media
import People

/// What makes a browser the same guest again: signed, and kept by nobody but the browser.
package struct GuestPass: Hashable, Sendable, Codable {
    package var id: AuthorID
    package var name: String
    /// Of the link by which the guest came; see `GuestPasses.mark`.
    package var linkMark: String?
    /// A show for holders of a playback token, which the guest had shown.
    package var show: ShowID?
    /// Unix seconds.
    package var issuedAt: Int64

    private enum CodingKeys: String, CodingKey {
        case id = "i"
        case name = "n"
        case linkMark = "l"
        case show = "s"
        case issuedAt = "t"
    }

    package init(id: AuthorID, name: String, linkMark: String? = nil, show: ShowID? = nil, issuedAt: Int64) {
        self.id = id
        self.name = name
        self.linkMark = linkMark
        self.show = show
        self.issuedAt = issuedAt
    }
}

/// Signs and reads guests' passes: `sg1.PAYLOAD.MAC`, both in base64url. The server keeps nothing of them, so a restart
/// loses none, and nobody can be asked for by guessing.
package struct GuestPasses: Sendable {
    /// Longer is none of ours.
    package static let longest = 1024
    private static let prefix = "sg1."
    private static let macLength = 16

    private let key: SymmetricKey

    package init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

    package func secret(of pass: GuestPass) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let payload = Base64URL.text((try? encoder.encode(pass)) ?? Data())
        let signed = GuestPasses.prefix + payload
        return "\(signed).\(Base64URL.text(mac("pass", signed)))"
    }

    /// Nil where it was not signed here.
    package func pass(_ secret: String) -> GuestPass? {
        guard secret.utf8.count <= GuestPasses.longest, secret.hasPrefix(GuestPasses.prefix),
            let dot = secret.lastIndex(of: "."), dot > secret.startIndex
        else { return nil }
        let signed = String(secret[..<dot])
        guard let shown = Base64URL.data(secret[secret.index(after: dot)...]),
            GuestPasses.areSame(mac("pass", signed), shown),
            let payload = Base64URL.data(signed.dropFirst(GuestPasses.prefix.count)),
            let pass = try? JSONDecoder().decode(GuestPass.self, from: payload), pass.id.isGuest
        else { return nil }
        return pass
    }

    /// What a pass keeps of a link: it does not tell the link.
    package func mark(ofLink link: String) -> String { Base64URL.text(mac("link", link).prefix(9)) }

    /// What is kept of an address: the same for the same, and it does not tell which.
    package func mark(ofAddress address: String) -> String {
        Base64URL.text(mac("address", address).prefix(9))
    }

    private func mac(_ purpose: String, _ text: String) -> Data {
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(purpose)\n\(text)".utf8), using: key)
        return Data(Array(code).prefix(GuestPasses.macLength))
    }

    /// In constant time.
    private static func areSame(_ own: Data, _ other: Data) -> Bool {
        guard own.count == other.count else { return false }
        return zip(own, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Base64 for places where + and / mean something else (RFC 4648, 5), without padding.
package enum Base64URL {
    static func text(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }

    /// Nil where it is none; each has one text only.
    package static func data(_ text: some StringProtocol) -> Data? {
        let plain = String(text).replacing("-", with: "+").replacing("_", with: "/")
        let padded = plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard !text.contains("+"), !text.contains("/"), !text.contains("="),
            let data = Data(base64Encoded: padded), Base64URL.text(data) == text
        else { return nil }
        return data
    }
}
