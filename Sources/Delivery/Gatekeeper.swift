package import Media

/// What a request shows of its right to watch.
package struct Credentials: Hashable, Sendable {
    /// The token in the address (`/live/SHOW/t/TOKEN/…`).
    package var token: String?
    /// The `Shopcast-Edge` field: the secret of a cache in front, which has checked the token itself and taken it out.
    package var edge: String?
    /// What the cache in front found that the token allows (`?cap=480`); counts with its secret only.
    package var edgeCap: Int?
    /// What a proxy in front says of where the viewer is.
    package var country: String?

    package init(
        token: String? = nil, edge: String? = nil, edgeCap: Int? = nil, country: String? = nil
    ) {
        self.token = token
        self.edge = edge
        self.edgeCap = edgeCap
        self.country = country
    }
}

/// What a viewer may see of a show.
package enum Entry: Hashable, Sendable {
    case open
    /// Renditions up to this short side (pixels).
    case capped(Int)
    /// Nothing, for this reason.
    case refused(String)
}

/// Who may watch; asked once per request from event loops, so it answers at once.
package protocol Gatekeeper: Sendable {
    /// The name, in lower case, of the field in which a proxy says where viewers are; nil where none is trusted.
    var countryField: String? { get }

    /// At `second`, Unix time.
    func entry(to show: ShowID, with credentials: Credentials, at second: Int64) -> Entry
}

/// Lets everybody see everything.
package struct OpenHouse: Gatekeeper {
    package var countryField: String? { nil }

    package init() {}

    package func entry(to show: ShowID, with credentials: Credentials, at second: Int64) -> Entry { .open }
}
