import Media
import Shows

extension Settings {
    /// The tracks of a show; the rules are those of every show.
    static func readCaptions(_ item: inout SettingsReader) throws(SettingsFault) -> [CaptionPlan] {
        try item.list("captions") { (entry) throws(SettingsFault) in
            let text = try entry.text("language") ?? ""
            guard let language = LanguageTag(text) else {
                throw SettingsFault.bad(
                    "language", read: text, allowed: "a BCP 47 tag such as en, pt-BR or zh-Hans")
            }
            let from = try entry.text("from")
            if let from, LanguageTag(from) == nil {
                throw SettingsFault.bad(
                    "from", read: from, allowed: "a BCP 47 tag, of a track that is no translation")
            }
            return CaptionPlan(
                language: language, name: try entry.text("name"),
                source: try entry.choice("source", CaptionSource.self) ?? .person,
                from: from.flatMap { LanguageTag($0) })
        } ?? []
    }
}
