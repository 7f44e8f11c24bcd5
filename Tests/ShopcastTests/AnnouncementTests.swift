import Foundation
import Media
import Shopcast
import Shows
import Testing

/// What the settings say of a show for its viewers.
@Suite struct AnnouncementTests {
    private func draft(_ more: String) throws -> ShowDraft {
        let yaml = "shows: [{id: silk, title: Silk, streamKey: silk-key-1\(more)}]"
        return try #require(try Settings(yaml: yaml, environment: [:]).shows.first).draft
    }

    @Test func nothingNeedsToBeSaid() throws {
        let draft = try draft("")
        #expect(draft.titles == [.undetermined: "Silk"] && draft.descriptions.isEmpty && draft.start == nil)
        #expect(draft.visibility == .public && draft.embedOrigins.isEmpty && draft.recurrence == nil)
    }

    @Test func allOfItIsRead() throws {
        let draft = try draft(
            ", language: en, titles: {zh-hans: 丝绸, ja: シルク}, descriptions: {en: By hand}, "
                + "start: 2026-12-01T20:00:00+01:00, lengthMinutes: 90, zone: Europe/Berlin, weekly: true, "
                + "tags: [silk, gifts], visibility: unlisted, embedOrigins: ['https://shop.example', '*']")
        let zh = try #require(LanguageTag("zh-Hans"))
        #expect(draft.titles[zh] == "丝绸" && draft.titles[.english] == "Silk" && draft.titles.count == 3)
        #expect(draft.descriptions == [.english: "By hand"])
        #expect(draft.start == Date(timeIntervalSince1970: 1_796_151_600))
        #expect(
            draft.lengthMinutes == 90 && draft.zone == "Europe/Berlin" && draft.recurrence == Recurrence())
        #expect(draft.tags == ["silk", "gifts"] && draft.visibility == .unlisted)
        #expect(draft.embedOrigins == ["https://shop.example", "*"] && draft.validate().isEmpty)
    }

    @Test(arguments: [
        (", start: tomorrow", "start"), (", start: 2026-12-01T20:00:00", "start"),
        (", start: 2199-01-01T00:00:00Z", "start"), (", lengthMinutes: 0", "lengthMinutes"),
        (", zone: Mars/Olympus", "zone"), (", weekly: true", "start"), (", titles: [a]", "titles"),
        (", titles: {not a tag: x}", "titles"), (", titles: {fr: ''}", "titles.fr"),
        (", descriptions: {en: {x: y}}", "descriptions"), (", tags: silk", "tags"),
        (", visibility: secret", "visibility"),
        (", embedOrigins: ['https://a.example/path']", "embedOrigins.0"),
        (", embedOrigins: ['https://a.example; script-src *']", "embedOrigins.0"),
    ])
    func whatIsWrongIsNamed(more: String, key: String) throws {
        let fault = #expect(throws: SettingsFault.self) { try draft(more) }
        #expect("\(try #require(fault))".contains("'\(key)'"))
    }
}
