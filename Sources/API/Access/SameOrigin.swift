import HTTPTypes
package import People

/// Whether a browser sends a request from a page of ours, and of its own will.
///
/// A session's cookie goes with every request that any page has a browser send, so an unsafe one must also show what only
/// our pages can read: the session's own token, in a field that no form can set.
package struct SameOrigin: Sendable {
    package static let field = "X-Shopcast-CSRF"

    /// Hosts, with their ports, under which we are known besides the one that was asked: behind a proxy.
    private let known: Set<String>

    package init(known: Set<String> = []) { self.known = Set(known.map { $0.lowercased() }) }

    /// Throws 403 where another site may have sent it.
    package func check(_ arrival: Arrival) throws {
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = arrival.headers[name],
            site != "same-origin",
            site != "none"
        {
            throw Refusal.forbidden("this is not taken from pages of other sites")
        }
        guard let origin = arrival.headers[.origin]?.lowercased() else { return }
        let host = origin.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init) ?? ""
        let isOurs =
            (origin.hasPrefix("http://") || origin.hasPrefix("https://"))
            && (host == arrival.authority?.lowercased() || known.contains(host))
        if !isOurs { throw Refusal.forbidden("this is not taken from pages of other sites") }
    }

    /// The same, and the session's own token.
    package func check(_ arrival: Arrival, _ session: Session) throws {
        try check(arrival)
        guard let name = HTTPField.Name(SameOrigin.field), let shown = arrival.headers[name],
            session.admits(csrf: shown)
        else {
            throw Refusal.forbidden("the field \(SameOrigin.field) must hold what GET /api/v1/session tells")
        }
    }
}
