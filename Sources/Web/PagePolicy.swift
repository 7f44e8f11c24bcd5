import Crypto
import Foundation

/// The headers that go with every page: nothing is loaded from elsewhere, and a script or style that stands in the
/// page itself is named by its hash.
package enum PagePolicy {
    package static let contentSecurityPolicy = policy()

    /// The policy of a page that carries these scripts and styles in itself, and no others. `ancestors` may frame it.
    static func policy(scripts: [String] = [], styles: [String] = [], ancestors: String = "'none'") -> String
    {
        [
            "default-src 'none'", "script-src 'self'" + hashes(scripts), "style-src 'self'" + hashes(styles),
            "img-src 'self' data:", "media-src 'self' blob:", "connect-src 'self'", "base-uri 'none'",
            "form-action 'none'", "frame-ancestors \(ancestors)",
        ].joined(separator: "; ")
    }

    /// The sources of `frame-ancestors` for a show's `embedOrigins`; what is no origin is passed over.
    static func ancestors(_ origins: [String]) -> String {
        if origins.contains("*") { return "*" }
        return (["'self'"] + origins.filter(isOrigin)).joined(separator: " ")
    }

    /// Only what an origin is made of: nothing that could end the directive or the field.
    private static func isOrigin(_ text: String) -> Bool {
        (text.hasPrefix("https://") || text.hasPrefix("http://")) && text.utf8.count <= 200
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: ":"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }

    private static func hashes(_ texts: [String]) -> String {
        texts.map { text in
            " 'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
        }.joined()
    }

    package static let contentType = "text/html; charset=utf-8"
    /// A page is in its reader's language, which a cookie and the browser's wishes decide: no shared cache keeps it.
    package static let cacheControl = "private, no-cache"
    package static let vary = "Accept-Encoding, Accept-Language, Cookie"
    /// Of a page whose address holds a token: neither kept nor told to anybody.
    package static let secretCacheControl = "private, no-store"
    package static let secretReferrerPolicy = "no-referrer"
    package static let referrerPolicy = "strict-origin-when-cross-origin"
    /// None of our pages asks for any of these; playing and filling the screen are theirs.
    package static let permissionsPolicy =
        [
            "camera", "display-capture", "geolocation", "hid", "microphone", "midi", "payment", "serial",
            "usb",
        ].map { "\($0)=()" }.joined(separator: ", ")
    /// A window that another site opened is not in its reach.
    package static let openerPolicy = "same-origin"
}
