import Foundation
import Media
import People
import Shows

extension Settings.Show {
    /// What the settings say of a show for its viewers; the rules are those of every show.
    mutating func readAnnouncement(_ item: inout SettingsReader) throws(SettingsFault) {
        announcement.titles = try Self.byLanguage(try item.table("titles"), "titles")
        announcement.descriptions = try Self.byLanguage(try item.table("descriptions"), "descriptions")
        if let start = try item.text("start") {
            guard let date = Date(rfc3339: start) else {
                throw .bad("start", read: start, allowed: "an instant such as 2026-12-01T18:00:00Z")
            }
            announcement.start = date
        }
        announcement.lengthMinutes = try item.whole("lengthMinutes", 1...1440)
        announcement.zone = try item.text("zone")
        announcement.isWeekly = try item.flag("weekly") ?? false
        announcement.tags = try item.texts("tags") ?? []
        announcement.visibility = try item.choice("visibility", Visibility.self)
        announcement.embedOrigins = try item.texts("embedOrigins") ?? []
        // What there was before has its own rules and messages.
        if let fault = draft.validate().first(where: {
            Self.announced.contains($0.field.prefix { $0 != "." })
        }) {
            throw SettingsFault("setting '\(fault.field)': \(fault.reason)")
        }
    }

    private static let announced: Set<Substring> = [
        "titles", "descriptions", "start", "lengthMinutes", "zone", "recurrence", "tags", "embedOrigins",
        "captions",
    ]

    private static func byLanguage(_ table: [String: String]?, _ key: String) throws(SettingsFault)
        -> [LanguageTag: String]
    {
        var texts: [LanguageTag: String] = [:]
        for (name, text) in table ?? [:] {
            guard let tag = LanguageTag(name) else {
                throw .bad(key, read: name, allowed: "BCP 47 tags such as en, pt-BR or zh-Hans, and texts")
            }
            texts[tag] = text
        }
        return texts
    }
}
