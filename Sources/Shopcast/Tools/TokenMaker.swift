import Foundation
import Media
import Protection

/// `shopcast show token`: signs a playback token with the keys of the settings; needs no running server.
package enum TokenMaker {
    /// `expires` is how long from now, as `90s`, `30m`, `4h` or `2d`; `renditions` the largest one, as `480p`; `country`
    /// two letters. Throws a sentence for the operator.
    package static func make(
        _ settings: Settings, show id: String, expires: String, renditions: String?, country: String?
    ) async throws -> String {
        guard let show = ShowID(id), settings.shows.contains(where: { $0.id == show }) else {
            throw SettingsFault("there is no show '\(id)' in the settings")
        }
        guard let seconds = seconds(expires) else {
            throw SettingsFault.bad(
                "--expires", read: expires, allowed: "a time such as 90s, 30m, 4h or 2d, at most 3650d")
        }
        var pass = PlaybackPass(show: show, expires: Int64(Date().timeIntervalSince1970) + seconds)
        if let renditions {
            guard let side = Int(renditions.hasSuffix("p") ? renditions.dropLast() : renditions[...]),
                (64...4320).contains(side)
            else {
                throw SettingsFault.bad(
                    "--renditions", read: renditions, allowed: "the largest one, such as 480p")
            }
            pass.shortSide = side
        }
        if let country {
            guard let code = CountryCode.normal(country) else {
                throw SettingsFault.bad("--country", read: country, allowed: "two letters, such as DE")
            }
            pass.country = code
        }
        return try await PassKeys(settings).token(for: pass)
    }

    private static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0,
            count <= 3650 * 86_400 / unit
        else { return nil }
        return count * unit
    }
}
