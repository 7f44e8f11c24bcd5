package import Media

/// What a playback token allows: to watch one show until a time, perhaps from one country, perhaps not at every size.
package struct PlaybackPass: Hashable, Sendable {
    package var show: ShowID
    /// Unix seconds; from then on it is worth nothing.
    package var expires: Int64
    /// ISO 3166-1, two capital letters; nil allows every country.
    package var country: String?
    /// Pixels of the shorter side; renditions above it are not for this viewer.
    package var shortSide: Int?

    package init(show: ShowID, expires: Int64, country: String? = nil, shortSide: Int? = nil) {
        self.show = show
        self.expires = expires
        self.country = country
        self.shortSide = shortSide
    }
}

/// Why a viewer is not let in. The texts are for the viewer: they tell nothing that helps to guess.
package enum PassRefusal: Error, Hashable, Sendable {
    case missing, wrong, expired, otherShow, elsewhere

    package var reason: String {
        switch self {
        case .missing: "This show needs a playback token."
        case .wrong: "The playback token is not valid."
        case .expired: "The playback token has expired."
        case .otherShow: "The playback token is for another show."
        case .elsewhere: "The playback token is for another country."
        }
    }
}
