import Media
package import Shows

extension Settings.Show {
    /// The show as the store keeps it.
    package var draft: ShowDraft {
        let spoken = language.flatMap { LanguageTag($0) } ?? .undetermined
        return ShowDraft(
            titles: announcement.titles.merging([spoken: title]) { first, _ in first },
            descriptions: announcement.descriptions, language: spoken, start: announcement.start,
            lengthMinutes: announcement.lengthMinutes, zone: announcement.zone,
            recurrence: announcement.isWeekly ? Recurrence() : nil,
            visibility: announcement.visibility ?? (protect.tokens ? .token : .public),
            tags: announcement.tags, profile: LatencyProfile(rawValue: profile.rawValue) ?? .balanced,
            source: source,
            rehearsal: rehearsal, startsWithFeed: true, embedOrigins: announcement.embedOrigins,
            encrypt: protect.encrypt == .aes128 ? .aes128 : .none, srtPassphrase: srtPassphrase, slate: slate,
            captions: captions.isEmpty ? nil : captions)
    }
}
