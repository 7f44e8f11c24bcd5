import Shopcast
import Testing
import Translation

@Suite struct TranslationSettingsTests {
    @Test func nothingLeavesTheServerByDefault() throws {
        let settings = try Settings(yaml: "", environment: [:]).translation
        #expect(settings == Settings.Translation() && settings.remotes.isEmpty && settings.isOn)
        #expect(settings.rules == TranslationDesk.Rules())
    }

    @Test func allOfItIsRead() throws {
        let settings = try Settings(
            yaml: """
                translation:
                  enabled: false
                  deadlineMilliseconds: 3000
                  remoteDeadlineMilliseconds: 900
                  remotes:
                    - {kind: deepl, key: "k:fx"}
                    - {kind: libretranslate, url: "http://127.0.0.1:5000/", paid: false}
                  paidCharactersPerShow: 10
                  paidCharactersPerDay: 20
                  cacheEntries: 5
                  waiting: 6
                  apertium: false
                  python: /opt/python
                """, environment: [:]
        ).translation
        #expect(!settings.isOn && settings.rules.deadline == .seconds(3))
        #expect(
            settings.remoteDeadline == .milliseconds(900)
                && settings.remotes.map(\.kind) == [.deepl, .libretranslate])
        #expect(settings.remotes.map(\.isPaid) == [true, false])
        #expect(settings.rules.paidPerShow == 10 && settings.rules.paidPerDay == 20)
        #expect(settings.rules.cacheEntries == 5 && settings.rules.waitingAtMost == 6)
        #expect(!settings.apertium && settings.python == "/opt/python")
        #expect(!"\(settings)".contains("k:fx"))
    }

    @Test(arguments: [
        ("{deadlineMilliseconds: 10}", "deadlineMilliseconds", "200"),
        ("{remotes: [{kind: google}]}", "kind", "deepl, libretranslate"),
        ("{remotes: [{kind: deepl}]}", "key", "DeepL"),
        ("{remotes: [{kind: libretranslate}]}", "url", "LibreTranslate"),
        ("{remotes: [{kind: libretranslate, url: 'ftp://x'}]}", "url", "http"),
        ("{remotes: [{kind: deepl, key: 'a b'}]}", "key", "3 bytes"),
        ("{remotes: [{kind: deepl, key: a, adress: b}]}", "adress", "unknown"),
        ("{paidCharacters: 1}", "translation.paidCharacters", "unknown"),
    ])
    func faultsNameTheKey(_ yaml: String, _ key: String, _ hint: String) {
        let fault = #expect(throws: SettingsFault.self) {
            try Settings(yaml: "translation: \(yaml)", environment: [:])
        }
        #expect(fault?.description.contains(key) == true && fault?.description.contains(hint) == true)
    }
}
