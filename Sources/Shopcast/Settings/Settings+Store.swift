import Media
package import Shows

extension Settings.Show {
    /// The show as the store keeps it.
    package var draft: ShowDraft {
        let spoken = language.flatMap { LanguageTag($0) } ?? .undetermined
        return ShowDraft(
            titles: [spoken: title], language: spoken, visibility: protect.tokens ? .token : .public,
            profile: LatencyProfile(rawValue: profile.rawValue) ?? .balanced, source: source,
            rehearsal: rehearsal, startsWithFeed: true,
            encrypt: protect.encrypt == .aes128 ? .aes128 : .none, srtPassphrase: srtPassphrase, slate: slate)
    }
}
