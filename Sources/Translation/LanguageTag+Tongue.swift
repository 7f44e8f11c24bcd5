package import Media

extension LanguageTag {
    /// The language as translation knows it: without region and what follows; Chinese with its script, which the region
    /// tells where the tag does not.
    package var tongue: LanguageTag {
        let parts = text.split(separator: "-")
        guard let first = parts.first else { return self }
        if first == "zh" || first == "cmn" {
            let isTraditional = parts.dropFirst().contains { ["Hant", "TW", "HK", "MO"].contains($0) }
            let isSimplified = parts.dropFirst().contains("Hans")
            return isTraditional && !isSimplified ? .traditionalChinese : .simplifiedChinese
        }
        let usual = LanguageTag.renamed[String(first)] ?? String(first)
        return LanguageTag(usual) ?? self
    }

    /// Whether a reader of the one can read the other, so that nothing is translated.
    package func isReadable(by reader: LanguageTag) -> Bool {
        tongue == reader.tongue || (tongue.primary == "zh" && reader.tongue.primary == "zh")
    }

    static let simplifiedChinese = known("zh-Hans")
    static let traditionalChinese = known("zh-Hant")

    /// Old codes, and dialects whose writing is that of the other.
    private static let renamed = [
        "iw": "he", "in": "id", "nb": "no", "nn": "no", "fil": "tl", "yue": "zh-Hant",
    ]

    /// A tag that is one.
    static func known(_ text: String) -> LanguageTag {
        guard let tag = LanguageTag(text) else { preconditionFailure("'\(text)' is no language tag") }
        return tag
    }
}
