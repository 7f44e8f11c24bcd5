package import Media

/// Which languages a reader wants, most wanted first: the one that was chosen, the one that was chosen earlier, then
/// those of the browser's `Accept-Language`.
package struct LanguagePreference: Sendable, Hashable {
    package let wishes: [LanguageTag]

    /// What of this is no language is passed over: a client has sent it.
    package init(chosen: String? = nil, remembered: String? = nil, acceptLanguage: String? = nil) {
        let picked = [chosen, remembered].compactMap { $0 }.compactMap { LanguageTag($0) }
        wishes = picked + LanguageTag.wishes(acceptLanguage: acceptLanguage ?? "")
    }

    /// The one of `tags` that is wanted most, by RFC 4647's lookup; nil where none is. Each also answers for its bare
    /// language, the earlier one first: who wants `zh-CN` or `zh` is given `zh-Hans`.
    package func best(of tags: [LanguageTag], else others: [LanguageTag] = []) -> LanguageTag? {
        var answering: [LanguageTag: LanguageTag] = [:]
        for tag in tags { answering[tag] = tag }
        for tag in tags {
            if let bare = LanguageTag(tag.primary), answering[bare] == nil { answering[bare] = tag }
        }
        return LanguageTag.lookup(wishes + others, in: answering.keys).flatMap { answering[$0] }
    }
}
