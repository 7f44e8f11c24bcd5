/// Which form of a message goes with a count, as CLDR has it for whole numbers. The browser asks `Intl.PluralRules`, which
/// says the same; the form `many` (whole millions in the Romance languages) is `other` on our pages.
package enum PluralRules {
    /// The forms of a language by its primary subtag; nil for a language that is not known here.
    package static func forms(of language: String) -> [String]? {
        switch language {
        case "en", "es", "de", "it", "nl", "fr", "pt": ["one", "other"]
        case "zh", "ja", "id", "ko", "th", "vi", "ms": ["other"]
        default: nil
        }
    }

    package static func form(of count: Int, in language: String) -> String {
        switch language {
        case "fr", "pt": count == 0 || count == 1 ? "one" : "other"
        case "en", "es", "de", "it", "nl": count == 1 ? "one" : "other"
        default: "other"
        }
    }
}
