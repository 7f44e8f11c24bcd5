/// The headers that go with every page: nothing is loaded from elsewhere, no script stands in the page itself.
package enum PagePolicy {
    package static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
        "media-src 'self' blob:", "connect-src 'self'", "base-uri 'none'", "form-action 'none'",
        "frame-ancestors 'none'",
    ].joined(separator: "; ")

    package static let contentType = "text/html; charset=utf-8"
    package static let cacheControl = "no-cache"
    /// Of a page whose address holds a token: neither kept nor told to anybody.
    package static let secretCacheControl = "private, no-store"
    package static let secretReferrerPolicy = "no-referrer"
    package static let referrerPolicy = "strict-origin-when-cross-origin"
}
