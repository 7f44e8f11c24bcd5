import JWTKit
import Media

/// The claims of a playback token: `sub` (the show), `exp`, and where they matter `country` and `cap`.
///
/// Times are looked at with each request, not when the token is read, so `verify` has nothing to do.
struct PassClaims: JWTPayload {
    /// The last second of the year 9999; what is beyond is no date.
    private static let latest = 253_402_300_799.0

    let pass: PlaybackPass

    init(_ pass: PlaybackPass) {
        self.pass = pass
    }

    private enum CodingKeys: String, CodingKey { case sub, exp, country, cap }

    init(from decoder: any Decoder) throws {
        let claims = try decoder.container(keyedBy: CodingKeys.self)
        let expires = try claims.decode(Double.self, forKey: .exp)
        guard expires.isFinite, (0...PassClaims.latest).contains(expires),
            let show = ShowID(try claims.decode(String.self, forKey: .sub))
        else { throw PassRefusal.wrong }
        var pass = PlaybackPass(show: show, expires: Int64(expires))
        if let country = try claims.decodeIfPresent(String.self, forKey: .country) {
            guard let code = CountryCode.normal(country) else { throw PassRefusal.wrong }
            pass.country = code
        }
        if let cap = try claims.decodeIfPresent(Int.self, forKey: .cap) {
            guard cap > 0 else { throw PassRefusal.wrong }
            pass.shortSide = cap
        }
        self.pass = pass
    }

    func encode(to encoder: any Encoder) throws {
        var claims = encoder.container(keyedBy: CodingKeys.self)
        try claims.encode(pass.show.text, forKey: .sub)
        try claims.encode(pass.expires, forKey: .exp)
        try claims.encodeIfPresent(pass.country, forKey: .country)
        try claims.encodeIfPresent(pass.shortSide, forKey: .cap)
    }

    func verify(using algorithm: some JWTAlgorithm) {}
}

/// Countries as ISO 3166-1 writes them, two letters.
package enum CountryCode {
    /// In capital letters; nil where it is anything else.
    package static func normal(_ text: String) -> String? {
        let letters = text.utf8.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
        guard letters.count == 2, letters.allSatisfy({ (0x41...0x5A).contains($0) }) else { return nil }
        return String(decoding: letters, as: UTF8.self)
    }
}
