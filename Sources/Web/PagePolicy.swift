import Crypto
import Foundation

/// The headers that go with every page: nothing is loaded from elsewhere, and a script or style that stands in the
/// page itself is named by its hash.
package enum PagePolicy {
    package static let contentSecurityPolicy = policy()

    /// The policy of a page that carries these scripts and styles in itself, and no others.
    static func policy(scripts: [String] = [], styles: [String] = []) -> String {
        [
            "default-src 'none'", "script-src 'self'" + hashes(scripts), "style-src 'self'" + hashes(styles),
            "img-src 'self' data:", "media-src 'self' blob:", "connect-src 'self'", "base-uri 'none'",
            "form-action 'none'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
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
}
