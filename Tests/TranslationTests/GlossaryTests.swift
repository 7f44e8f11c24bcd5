import Foundation
import Media
import Testing
import Translation

@Suite struct GlossaryTests {
    @Test func termsAreReadFromJSON() throws {
        let text = """
            {"terms": [{"text": "Luna"}, {"text": "free shipping", "renderings": {"es": "envío gratis"}},
             {"text": "S", "caseSensitive": true, "keep": true}]}
            """
        let glossary = try JSONDecoder().decode(Glossary.self, from: Data(text.utf8))
        #expect(glossary.terms.map(\.keep) == [true, false, true])
        let again = try JSONDecoder().decode(Glossary.self, from: JSONEncoder().encode(glossary))
        #expect(again == glossary && again.revision == glossary.revision)
        #expect(glossary.revision != Glossary.empty.revision)
    }

    @Test func aRegionFindsItsLanguage() throws {
        let spanish = try #require(LanguageTag("es-MX"))
        let term = GlossaryTerm("sale", keep: false, renderings: [spanish: "rebajas"])
        #expect(term.rendering(of: "Sale", in: try #require(LanguageTag("es"))) == "rebajas")
        #expect(term.rendering(of: "Sale", in: try #require(LanguageTag("es-ES"))) == "rebajas")
        #expect(term.rendering(of: "Sale", in: try #require(LanguageTag("fr"))) == nil)
        #expect(GlossaryTerm("Luna").rendering(of: "LUNA", in: .english) == "LUNA")
    }

    @Test(arguments: [
        ["", " x"], ["x "], ["a\nb"], ["!!"], [String(repeating: "x", count: 81)], ["Luna", "luna"],
    ])
    func badTermsAreRefused(_ texts: [String]) {
        #expect(throws: GlossaryFault.self) { try Glossary(texts.map { GlossaryTerm($0) }) }
    }

    @Test func tooManyAreRefused() {
        #expect(throws: GlossaryFault.tooMany(501)) {
            try Glossary((0...500).map { GlossaryTerm("term \($0)") })
        }
    }
}
