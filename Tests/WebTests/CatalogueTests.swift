import Foundation
import Media
import Testing
import Web

struct CatalogueTests {
    private let assets: WebAssets
    private let viewers: MessageCatalogues
    private let staff: MessageCatalogues

    init() throws {
        assets = try WebAssets.bundled(playerDirectory: nil)
        viewers = try assets.catalogues(.viewers)
        staff = try assets.catalogues(.staff)
    }

    @Test func theLanguagesAreThere() {
        #expect(viewers.all.map(\.language.text) == ["en", "es", "fr", "id", "ja", "pt", "zh-Hans"])
        #expect(staff.all.map(\.language.text) == ["en", "zh-Hans"])
    }

    /// A language that lacks a message, or a place in it, would show the key, or a brace.
    @Test func everyLanguageHasEveryMessageWithTheSamePlaces() throws {
        for catalogues in [viewers, staff] {
            let english = catalogues.all[0]
            for other in catalogues.all {
                #expect(Set(other.messages.keys) == Set(english.messages.keys), "\(other.language)")
                let forms = try #require(PluralRules.forms(of: other.language.primary))
                for (key, message) in other.messages {
                    let wanted = try #require(english.messages[key])
                    let places = MessageCatalogue.places(in: wanted.texts[0])
                    for text in message.texts {
                        #expect(MessageCatalogue.places(in: text) == places, "\(key) in \(other.language)")
                        #expect(!text.isEmpty && text == text.trimmingCharacters(in: .whitespaces), "\(key)")
                    }
                    switch (wanted, message) {
                    case (.plain, .plain): break
                    case (.plural, .plural(let texts)):
                        #expect(Set(texts.keys) == Set(forms), "\(key) in \(other.language)")
                        #expect(places.contains("count"), "\(key)")
                    default: Issue.record("\(key) depends on a count in one language only")
                    }
                }
            }
        }
    }

    /// Two languages that say the same words at length are one that was not translated.
    @Test func nothingIsLeftInEnglish() throws {
        for catalogues in [viewers, staff] {
            let english = catalogues.all[0]
            for other in catalogues.all.dropFirst() {
                for (key, message) in other.messages {
                    let words = message.texts.joined().replacing(#/\{\w+\}/#, with: "")
                    let latin = words.filter { $0.isLetter && $0.isASCII }.count
                    guard latin > 8, words.contains(" ") else { continue }
                    #expect(message != english.messages[key], "\(key) in \(other.language)")
                }
            }
        }
    }

    /// What a template says itself, outside of its holes, is the product's name only.
    @Test func noTemplateHasWordsOfItsOwn() throws {
        for (name, text) in assets.templates {
            let markup = text.replacing(#/\{\{[^}]*\}\}/#, with: "").replacing(
                #/<svg.*?</svg>/#.dotMatchesNewlines(), with: "")
            var words = markup.replacing(#/<[^>]*>/#, with: " ").components(
                separatedBy: .whitespacesAndNewlines)
            for match in markup.matches(of: #/ (?:aria-label|title|alt|placeholder)="([^"]*)"/#) {
                words += match.output.1.components(separatedBy: " ")
            }
            for match in markup.matches(of: #/name="description" content="([^"]*)"/#) {
                words += match.output.1.components(separatedBy: " ")
            }
            let own = words.filter { $0.contains(where: \.isLetter) && $0 != "Shopcast" }
            #expect(own.isEmpty, "\(name) says \(own.joined(separator: " "))")
        }
    }

    /// Everything that a page's scripts say is in the catalogue.
    @Test func everyMessageOfTheScriptsIsThere() throws {
        let known = staff.all[0].messages
        for (path, script) in assets.scripts {
            for match in script.matches(of: #/\bsay\("([A-Za-z0-9.-]+)"/#) {
                #expect(known[String(match.output.1)] != nil, "\(path) says \(match.output.1)")
            }
        }
    }

    @Test func aMessageIsFilled() throws {
        let english = viewers.all[0]
        #expect(english.say("player.watching", ["count": 1]) == "1 watching")
        #expect(english.say("player.watching", ["count": 12_345]) == "12,345 watching")
        #expect(english.say("player.quality", ["name": "{name} $1 \\1"]) == "Quality: {name} $1 \\1")
        #expect(english.say("player.quality") == "Quality: {name}")
        #expect(english.say("no.such.message") == "no.such.message")
        let spanish = try #require(viewers.all.first { $0.language.text == "es" })
        #expect(spanish.say("player.watching", ["count": 1]) == "1 persona viendo")
        #expect(spanish.say("player.watching", ["count": 12_345]) == "12.345 personas viendo")
        let french = try #require(viewers.all.first { $0.language.text == "fr" })
        #expect(french.say("player.watching", ["count": 0]) == "0 spectateur")
    }

    @Test(arguments: [
        ("en", 0, "other"), ("en", 1, "one"), ("en", 2, "other"), ("fr", 0, "one"), ("fr", 1, "one"),
        ("fr", 2, "other"), ("pt", 0, "one"), ("pt", 2, "other"), ("es", 0, "other"), ("es", 1, "one"),
        ("zh", 1, "other"), ("ja", 1, "other"), ("id", 1, "other"), ("xx", 1, "other"),
    ])
    func countsHaveTheirForms(language: String, count: Int, form: String) {
        #expect(PluralRules.form(of: count, in: language) == form)
    }

    @Test(
        arguments: [
            (nil, nil, "", "en"), (nil, nil, "de-CH, ja;q=0.8, en;q=0.9", "en"), (nil, nil, "ja", "ja"),
            (nil, nil, "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"), (nil, nil, "zh-Hant-TW", "zh-Hans"),
            (nil, nil, "pt-BR", "pt"), (nil, nil, "es-419, en", "es"), (nil, nil, "de, *", "en"),
            (nil, nil, "fr;q=0, id", "id"), (nil, nil, "en;q=0.1, fr;q=0.11", "fr"),
            ("ja", "fr", "id", "ja"), (nil, "fr", "id", "fr"), ("xx", nil, "id", "id"),
            ("<script>", "\u{0}\r\n", ",,;q=;=,en-,-", "en"), ("", "", "id;q=x, fr;q=2;q=", "fr"),
        ] as [(String?, String?, String, String)])
    func theWantedLanguageIsFound(chosen: String?, remembered: String?, accepted: String, found: String) {
        let preference = LanguagePreference(
            chosen: chosen, remembered: remembered, acceptLanguage: accepted)
        #expect(viewers.best(for: preference).language.text == found)
    }

    @Test func aFieldWithoutEndCostsNothing() {
        let preference = LanguagePreference(acceptLanguage: String(repeating: "aa-bb;q=0.5,", count: 100_000))
        #expect(preference.wishes.count <= 20)
    }

    @Test func aCatalogueThatIsNoneStopsTheStart() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "catalogues-\(UUID())")
        for path in ["pages", "messages"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: path), withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("a { }".utf8).write(to: folder.appending(path: "a.css"))
        try Data("{{say:a}}".utf8).write(to: folder.appending(path: "pages/a.html"))
        let english = folder.appending(path: "messages/en.json")
        for (text, isRight) in [("{\"a\": \"A\"}", true), ("{\"a\": [1]}", false), ("", false)] {
            try Data(text.utf8).write(to: english)
            let assets = try WebAssets(directory: folder.path, playerDirectory: nil)
            #expect(((try? assets.catalogues(.viewers)) != nil) == isRight)
        }
        try FileManager.default.removeItem(at: english)
        let empty = try WebAssets(directory: folder.path, playerDirectory: nil)
        #expect(throws: WebError.unreadable("messages/en.json")) { _ = try empty.catalogues(.viewers) }
    }
}
