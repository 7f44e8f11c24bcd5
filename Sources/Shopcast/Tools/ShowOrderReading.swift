import Foundation
import Media
import People
import Shows

/// Reads what somebody typed to make a show.
package enum ShowOrderReading {
    /// As the store's desk takes it. Throws `SettingsFault` with a sentence.
    package static func order(
        id: String?, title: String, language: String, start: String?, minutes: Int?, zone: String?,
        visibility: String, startsWithFeed: Bool, isDraft: Bool
    ) throws -> String {
        guard let spoken = LanguageTag(language) else {
            throw SettingsFault("'\(language)' is no language: say a BCP 47 tag such as en, pt-BR or zh-Hans")
        }
        var draft = ShowDraft(titles: [spoken: title], language: spoken)
        if let start {
            guard let date = Date(rfc3339: start) else {
                throw SettingsFault("'\(start)' is no instant: say it like 2026-12-01T18:00:00Z")
            }
            draft.start = date
        }
        guard let seen = Visibility(rawValue: visibility) else {
            throw SettingsFault("'\(visibility)' is no visibility: say public, unlisted or token")
        }
        (draft.lengthMinutes, draft.zone, draft.visibility) = (minutes, zone, seen)
        (draft.startsWithFeed, draft.rehearsal) = (startsWithFeed, !startsWithFeed)
        let name = id.flatMap { ShowID($0) }
        if let id, name == nil {
            throw SettingsFault(
                "'\(id)' is no id: say 1 to 64 of a-z, 0-9, '-' and '_', starting with a letter or digit")
        }
        return try StoreDesk.ShowOrder(id: name, draft: draft, isDraft: isDraft).text
    }
}
