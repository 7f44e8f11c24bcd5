import Foundation
import Media
import Testing

@Suite struct LanguageTagTests {
    @Test(arguments: [
        ("EN", "en"), ("pt-br", "pt-BR"), ("ZH-hans-cn", "zh-Hans-CN"), ("es-419", "es-419"),
        ("sl-rozaj-biske", "sl-rozaj-biske"), ("de-1996", "de-1996"), ("zh-yue-HK", "zh-yue-HK"),
        ("en-u-ca-buddhist", "en-u-ca-buddhist"), ("de-x-private", "de-x-private"), ("id", "id"),
    ])
    func tagsAreWrittenInTheUsualCase(text: String, expected: String) {
        #expect(LanguageTag(text)?.text == expected)
    }

    @Test(arguments: [
        "", "e", "english-tongue-too-long", "en-", "-en", "en--US", "en_US", "en-US-US", "de-1996-1996",
        "x-only",
        "en-u", "en-x", "e1", "zh-Hans-CN-!", "en-a-bb-a-cc", String(repeating: "a-", count: 60), "中文",
    ])
    func whatIsNoTagIsRefused(text: String) {
        #expect(LanguageTag(text) == nil)
    }

    @Test func lookupShortensEachWishBeforeTheNext() throws {
        func tags(_ texts: String...) -> [LanguageTag] { texts.compactMap { LanguageTag($0) } }
        let known = tags("en", "zh-Hans", "pt")
        #expect(LanguageTag.lookup(tags("zh-Hans-CN", "en"), in: known)?.text == "zh-Hans")
        #expect(LanguageTag.lookup(tags("pt-BR"), in: known)?.text == "pt")
        #expect(LanguageTag.lookup(tags("fr-CA", "en-GB"), in: known)?.text == "en")
        #expect(LanguageTag.lookup(tags("zh"), in: known) == nil)
        #expect(LanguageTag.lookup(tags("pt-u-ca-buddhist"), in: known)?.text == "pt")
        let tag = try #require(LanguageTag("zh-Hans-CN"))
        #expect(tag.matches(try #require(LanguageTag("zh-Hans"))))
        #expect(!tag.matches(try #require(LanguageTag("zh-Ha"))))
    }

    @Test func wishesComeInTheOrderOfTheirWeight() {
        let wishes = LanguageTag.wishes(
            acceptLanguage: "en;q=0.5, zh-CN, *;q=0.1, de;q=0, pt-BR;q=0.9, fr; q=x")
        #expect(wishes.map(\.text) == ["zh-CN", "pt-BR", "en"])
        #expect(LanguageTag.wishes(acceptLanguage: String(repeating: "en,", count: 10_000)).count <= 20)
    }

    @Test func aTableOfTextsIsAnObjectInJSON() throws {
        let titles = [try #require(LanguageTag("pt-BR")): "Noite"]
        let text = String(decoding: try JSONEncoder().encode(titles), as: UTF8.self)
        #expect(text == #"{"pt-BR":"Noite"}"#)
        #expect(try JSONDecoder().decode([LanguageTag: String].self, from: Data(text.utf8)) == titles)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(LanguageTag.self, from: Data(#""not a tag""#.utf8))
        }
    }
}
