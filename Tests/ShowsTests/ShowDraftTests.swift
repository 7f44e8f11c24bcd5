import Foundation
import Media
import People
import Shows
import Testing

@Suite struct ShowDraftTests {
    private static func draft(_ change: (inout ShowDraft) -> Void = { _ in }) -> ShowDraft {
        var draft = ShowDraft(titles: [.english: "Evening"])
        change(&draft)
        return draft
    }

    private static let start = Date(rfc3339: "2026-09-05T18:00:00Z")

    private static let table: [(String, ShowDraft, [String])] = [
        ("plain", draft(), []),
        ("nothing", ShowDraft(titles: [:]), ["titles"]),
        ("blank title", ShowDraft(titles: [.english: "  "]), ["titles.en"]),
        ("two lines", ShowDraft(titles: [.english: "a\nb"]), ["titles.en"]),
        ("long title", ShowDraft(titles: [.english: String(repeating: "x", count: 201)]), ["titles.en"]),
        ("lines in a description", draft { $0.descriptions = [.english: "a\nb\tc"] }, []),
        ("bell in a description", draft { $0.descriptions = [.english: "a\u{7}"] }, ["descriptions.en"]),
        (
            "long description", draft { $0.descriptions = [.english: String(repeating: "x", count: 5001)] },
            ["descriptions.en"]
        ),
        ("zone", draft { $0.zone = "Europe/Berlin" }, []),
        ("no zone", draft { $0.zone = "Mars/Base" }, ["zone"]),
        ("path for a zone", draft { $0.zone = "../etc/passwd" }, ["zone"]),
        ("length", draft { $0.lengthMinutes = 0 }, ["lengthMinutes"]),
        ("far start", draft { $0.start = .distantFuture }, ["start"]),
        ("weekly without anything", draft { $0.recurrence = Recurrence() }, ["start", "zone"]),
        (
            "weekly until before",
            draft {
                $0.start = start
                $0.zone = "UTC"
                $0.recurrence = Recurrence(until: start?.addingTimeInterval(-1))
            }, ["recurrence.until"]
        ),
        ("tags", draft { $0.tags = (0..<11).map { "t\($0)" } }, ["tags"]),
        ("twin tags", draft { $0.tags = ["a", "a"] }, ["tags"]),
        ("empty tag", draft { $0.tags = ["ok", ""] }, ["tags.1"]),
        ("rungs", draft { $0.rungs = [720, 360] }, []),
        ("odd rung", draft { $0.rungs = [721] }, ["rungs"]),
        ("no rung", draft { $0.rungs = [] }, ["rungs"]),
        ("origins", draft { $0.embedOrigins = ["*", "https://shop.example", "http://localhost:3000"] }, []),
        (
            "bad origins",
            draft {
                $0.embedOrigins = [
                    "**", "https://", "https://a.example/path", "https://a.example:0", "https://a b",
                    "https://a.example; script-src *", "ftp://a.example", "https://u@a.example",
                ]
            }, (0..<8).map { "embedOrigins.\($0)" }
        ),
        ("open keys", draft { $0.encrypt = .aes128 }, ["encrypt"]),
        (
            "closed keys",
            draft {
                $0.encrypt = .aes128
                $0.visibility = .token
            }, []
        ),
        ("passphrase", draft { $0.srtPassphrase = "short" }, ["srtPassphrase"]),
        (
            "hosts",
            draft { $0.hosts = [PersonID(known: "p000000000000"), PersonID(known: "p000000000000")] },
            ["hosts"]
        ),
        (
            "all at once",
            draft {
                $0.titles = [:]
                $0.lengthMinutes = 5000
                $0.zone = ""
                $0.rungs = [1]
            }, ["titles", "lengthMinutes", "zone", "rungs"]
        ),
    ]

    @Test func everyFaultIsToldAtOnce() {
        for (name, draft, fields) in Self.table {
            #expect(draft.validate().map(\.field).sorted() == fields.sorted(), "\(name)")
        }
    }

    @Test func missingMembersHaveTheirDefaults() throws {
        let text = #"{"titles":{"de":"Abend"},"start":"2026-09-05T20:00:00+02:00","hosts":[]}"#
        let draft = try WireJSON.decoder().decode(ShowDraft.self, from: Data(text.utf8))
        #expect(draft.titles == [try #require(LanguageTag("de")): "Abend"])
        #expect(draft.start == Self.start && draft.profile == .balanced && draft.rehearsal)
        let again = try WireJSON.decoder().decode(ShowDraft.self, from: WireJSON.encoder().encode(draft))
        #expect(again == draft)
        #expect(ShowDraft.fields.contains("embedOrigins") && !ShowDraft.fields.contains("slate"))
    }

    @Test func aShowsJSONHasNoSecrets() throws {
        let id = try #require(ShowID("evening"))
        var show = Show(id: id, draft: Self.draft { $0.srtPassphrase = "0123456789" }, at: .now)
        show.slate = "/etc/slate.png"
        let text = String(decoding: try WireJSON.encoder().encode(show), as: UTF8.self)
        #expect(!text.contains("0123456789") && !text.contains("slate"))
        #expect(text.contains(#""hasSrtPassphrase":true"#))
        #expect(show.entityTag == "\"r1\"" && Show.revision(inEntityTag: "\"r17\"") == 17)
        for wrong in ["", "r1", "\"1\"", "\"r\"", "*", "\"rx\""] {
            #expect(Show.revision(inEntityTag: wrong) == nil)
        }
    }

    @Test func textsFallBack() throws {
        let (german, chinese) = (try #require(LanguageTag("de")), try #require(LanguageTag("zh-Hans")))
        let show = Show(
            id: try #require(ShowID("evening")),
            draft: ShowDraft(titles: [german: "Abend", chinese: "晚"], language: german), at: .now)
        #expect(show.title(for: [try #require(LanguageTag("zh-Hans-CN"))]) == "晚")
        #expect(show.title(for: [.english]) == "Abend")
        #expect(show.title() == "Abend" && show.description() == nil)
    }

    @Test func namesComeOfTitles() throws {
        func name(_ title: String) throws -> String {
            ShowNaming.id(for: ShowDraft(titles: [.english: title])) { _ in false }.text
        }
        #expect(try name("Évening  Sale, 50 % off!") == "evening-sale-50-off")
        #expect(try name(String(repeating: "long ", count: 40)).count <= 40)
        #expect(try name("晚间特卖").hasPrefix("show-"))
        let taken = ShowNaming.id(for: ShowDraft(titles: [.english: "Evening"])) { $0.text == "evening" }
        #expect(taken.text.hasPrefix("evening-") && taken.text.count == 13)
    }
}
