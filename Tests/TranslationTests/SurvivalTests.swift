import Foundation
import Media
import Testing
import Translation

/// What has to survive does, whatever an engine makes of a text: its answer holds all of it, or is not used.
@Suite struct SurvivalTests {
    static let es = tag("es")
    static let glossary = try! Glossary([
        GlossaryTerm("Luna"), GlossaryTerm("Luna Bag"),
        GlossaryTerm("pure silk", renderings: [es: "seda pura"]),
        GlossaryTerm("X-Ray", caseSensitive: true), GlossaryTerm("露娜"),
    ])
    /// As it is written, and as it stands in the answer.
    static let treasures: [(String, String)] = [
        ("Luna", "Luna"), ("luna bag", "luna bag"), ("Pure Silk", "seda pura"), ("X-Ray", "X-Ray"),
        ("$19.90", "$19.90"), ("R$ 1.299,00", "R$ 1.299,00"), ("20€", "20€"), ("RM35", "RM35"),
        ("30%", "30%"),
        ("1,299.00", "1,299.00"), ("٣٠٪", "٣٠٪"), ("20", "20"), ("5-7", "5-7"), ("😍", "😍"), ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("🇧🇷", "🇧🇷"), ("❤️", "❤️"), ("@maria.lopez", "@maria.lopez"), ("@小美", "@小美"),
        ("#luna-sale", "#luna-sale"),
        ("https://shop.example/a?b=1&c=<2>", "https://shop.example/a?b=1&c="),
        ("www.shop.example", "www.shop.example"),
        ("a@b.example", "a@b.example"), ("SAVE20", "SAVE20"), ("2XL", "2XL"), ("XL", "XL"),
        ("A-113", "A-113"),
        ("露娜", "露娜"),
    ]
    static let words = [
        "how", "much", "is", "the", "bag", "and", "when", "does", "it", "ship", "please", "really", "México",
        "Sábado", "Lámpara", "Xàtiva",
    ]

    static func message(_ chance: inout Chance) -> (text: String, kept: [String]) {
        var parts: [String] = [words.randomElement(using: &chance)!]
        var kept: [String] = []
        for _ in 0..<Int.random(in: 1...9, using: &chance) {
            if Bool.random(using: &chance) {
                let treasure = treasures.randomElement(using: &chance)!
                parts.append(treasure.0)
                kept.append(treasure.1)
            } else {
                parts.append(words.randomElement(using: &chance)!)
            }
        }
        return (parts.joined(separator: " "), kept)
    }

    /// Whether all of them stand in the text, as often as they should.
    static func holds(_ text: String, _ kept: [String]) -> Bool {
        for (treasure, wanted) in Dictionary(grouping: kept, by: { $0 }).mapValues(\.count) {
            if text.components(separatedBy: treasure).count - 1 < wanted { return false }
        }
        return true
    }

    /// Honest at times, and then again swaps, drops, doubles, alters or invents.
    static func mangle(_ text: String, _ chance: inout Chance) -> String {
        var words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<Int.random(in: 0...3, using: &chance) where !words.isEmpty {
            let place = words.indices.randomElement(using: &chance)!
            switch Int.random(in: 0..<12, using: &chance) {
            case 0: words.shuffle(using: &chance)
            case 1: words.remove(at: place)
            case 2: words.insert(words[place], at: place)
            case 3: words[place] = words[place].uppercased()
            case 4: words[place] += "s"
            case 5: words[place] = String(words[place].dropLast())
            case 6: words[place] = String(words[place].reversed())
            case 7: words[place] = words[place].replacingOccurrences(of: ".", with: ",")
            case 8: words.insert("Zqxb", at: place)
            case 9: words[place] = "<m i=\"0\">" + words[place]
            case 10: words[place] = words[place].replacingOccurrences(of: "0", with: "9")
            default: words[place] = "«" + words[place] + "»"
            }
        }
        return words.joined(separator: " ")
    }

    @Test(arguments: [TranslatorManner.Masks.words, .tags], [1, 2, 3, 4])
    func nothingIsEverLost(_ masks: TranslatorManner.Masks, _ seed: Int) async {
        var chance = Chance(UInt64(seed))
        var used = 0
        for round in 0..<500 {
            let (text, kept) = Self.message(&chance)
            let state = chance.next()
            let engine = ToldEngine(masks: masks) { said in
                var chance = Chance(state)
                return Self.mangle(said, &chance) + (round % 5 == 0 ? "" : " dicho")
            }
            let desk = TranslationDesk(
                phrasebook: nil, engines: [engine], rules: .init(deadline: .seconds(60)))
            let answer = await desk.translate(
                text, from: .english, to: Self.es, glossary: Self.glossary, show: Samples.show)
            guard let answer else { continue }
            used += 1
            #expect(Self.holds(answer.text, kept), "\(text) → \(answer.text), by \(engine.texts)")
            // With tags, what looks like a masked word is a word of the engine's own.
            if masks == .words { #expect(!answer.text.lowercased().contains("zqx"), "\(answer.text)") }
        }
        // Otherwise it proves nothing.
        #expect(used > 100)
    }

    @Test(arguments: [TranslatorManner.Masks.words, .tags])
    func anHonestEngineLosesNothing(_ masks: TranslatorManner.Masks) async {
        var chance = Chance(9)
        let engine = ToldEngine(masks: masks) { "dicho " + $0 }
        let desk = TranslationDesk(phrasebook: nil, engines: [engine], rules: .init(deadline: .seconds(60)))
        for _ in 0..<500 {
            let (text, kept) = Self.message(&chance)
            let answer = await desk.translate(
                text, from: .english, to: Self.es, glossary: Self.glossary, show: Samples.show)
            #expect(
                answer.map { Self.holds($0.text, kept) } == true, "\(text) → \(answer?.text ?? "nothing")")
        }
    }

    @Test func whatStandsAroundIsNotShown() async {
        let engine = ToldEngine { _ in "hola a todos" }
        let desk = TranslationDesk(phrasebook: nil, engines: [engine], rules: .init(deadline: .seconds(60)))
        let answer = await desk.translate(
            "@maria 😍 hello to all! 🎉🎉 #sale", from: .english, to: Self.es, glossary: .empty,
            show: Samples.show)
        #expect(answer?.text == "@maria 😍 hola a todos 🎉🎉 #sale" && engine.texts == ["hello to all!"])
    }

    @Test func numbersAreMaskedWhereTheyWereLost() async {
        let engine = ToldEngine { text in text.replacingOccurrences(of: "20", with: "veinte") + " sólo" }
        let desk = TranslationDesk(phrasebook: nil, engines: [engine], rules: .init(deadline: .seconds(60)))
        let answer = await desk.translate(
            "only 20 left here", from: .english, to: Self.es, glossary: .empty, show: Samples.show)
        #expect(answer?.text == "only 20 left here sólo" && engine.texts.count == 2)
    }

    @Test func aTextThatLooksLikeAMaskIsLeftAlone() async {
        let engine = ToldEngine { $0 + " dicho" }
        let desk = TranslationDesk(phrasebook: nil, engines: [engine], rules: .init(deadline: .seconds(60)))
        let answer = await desk.translate(
            "zqxa loves 😍 Luna so", from: .english, to: Self.es, glossary: Self.glossary, show: Samples.show)
        #expect(answer == nil)
    }

    @Test func tagsInATextMeanNothing() async {
        let engine = ToldEngine(.deepl, masks: .tags) { "dicho " + $0 }
        let desk = TranslationDesk(phrasebook: nil, engines: [engine], rules: .init(deadline: .seconds(60)))
        let text = "I <b>love</b> <m i=\"0\">x</m> & Luna &amp; you"
        let answer = await desk.translate(
            text, from: .english, to: Self.es, glossary: Self.glossary, show: Samples.show)
        #expect(answer?.text == "dicho " + text)
    }
}
