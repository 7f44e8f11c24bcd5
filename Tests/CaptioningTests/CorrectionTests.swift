import Captioning
import Media
import Testing

@Suite struct CorrectionTests {
    private static let terms = [
        "cashmere", "Lumina", "Silk Road Scarf", "iPhone", "XS-200", "Tessuto", "rose", "Rivoli", "羊绒毛衣",
    ]

    private func corrected(_ text: String, _ language: LanguageTag = .english) -> String {
        SpokenText(language: language, terms: Self.terms).corrected(text)
    }

    @Test(arguments: [
        ("this cash mere sweater", "this cashmere sweater"),
        ("Cash mere, of course.", "Cashmere, of course."),
        ("the cashmear one", "the cashmere one"), ("a cash mear scarf", "a cashmere scarf"),
        ("pure cashmere", "pure cashmere"),
        ("the loo minna lamp", "the loo minna lamp"), ("the lumena lamp", "the Lumina lamp"),
        ("a lumina lamp", "a lumina lamp"),
        ("our silkroad scarf", "our Silk Road Scarf"), ("our silk road scarf!", "our Silk Road Scarf!"),
        ("for your iphone", "for your iPhone"), ("iphone first", "iPhone first"),
        ("the xs 200 today", "the XS-200 today"),
        ("tesuto leather", "Tessuto leather"), ("tessutto leather", "Tessuto leather"),
        // What is known, what is short, what ends a sentence, and what only looks alike stays.
        ("she rose up", "she rose up"), ("pay cash. Mere words", "pay cash. Mere words"),
        ("the cashier", "the cashier"),
        ("lumbar pillow", "lumbar pillow"), ("ravioli", "ravioli"), ("a tissue", "a tissue"), ("", ""),
    ])
    func wordsOfTheShowAreFound(heard: String, said: String) { #expect(corrected(heard) == said) }

    @Test(arguments: [
        ("it is twenty percent off", "it is 20% off"), ("thirty five per cent.", "35%."),
        ("20 percent off", "20% off"),
        ("a hundred percent cotton", "100% cotton"), ("one hundred and fifty dollars", "$150"),
        ("only forty nine dollars today", "only $49 today"), ("forty-nine dollars", "$49"),
        ("49 dollars", "$49"),
        ("nineteen dollars and ninety nine cents", "$19.99"), ("five dollars five cents", "$5.05"),
        ("twelve euros", "€12"),
        ("it costs ten pounds", "it costs £10"), ("it weighs ten pounds", "it weighs ten pounds"),
        ("two thousand yen", "¥2000"), ("size em and size ex el", "size M and size XL"),
        ("size thirty eight", "size 38"),
        ("sizes es, please", "sizes S, please"), ("one of them", "one of them"),
        ("twenty of them left", "twenty of them left"),
        ("five twenty dollars", "five twenty dollars"), ("size is fine", "size is fine"),
        ("in size eight", "in size eight"),
        ("call four seven eleven dollars", "call four seven eleven dollars"), ("a dollar", "a dollar"),
        ("ninety, percent", "ninety, percent"), ("percent", "percent"),
        ("hundred percent", "hundred percent"),
    ])
    func numbersAreWrittenAsTheyAreRead(heard: String, said: String) { #expect(corrected(heard) == said) }

    @Test func otherLanguagesHaveTheirOwnNumbers() throws {
        let spanish = try #require(LanguageTag("es"))
        #expect(corrected("twenty percent", spanish) == "twenty percent")
        #expect(corrected("cash mere", spanish) == "cashmere")
    }

    @Test func badWordsKeepTheirFirstLetter() {
        let bad: Set<String> = ["darn", "son of a gun", "blast it"]
        let text = SpokenText(language: .english) { bad.contains($0.lowercased()) }
        #expect(text.corrected("Darn, what a darned, blast it! day") == "D***, what a darned, b**** i*! day")
        #expect(SpokenText(language: .english).corrected("Darn") == "Darn")
    }

    @Test func timesGoWithTheWords() {
        let words = SpokenWord.spread("It is cash mere for twenty percent", from: 1000, to: 8000)
        #expect(words.first?.start == 1000 && words.last?.end == 8000)
        let text = SpokenText(language: .english, terms: Self.terms)
        let mended = text.corrected(words)
        #expect(mended.map(\.text) == ["It", "is", "cashmere", "for", "20%"])
        #expect(mended[2].start == words[2].start && mended[2].end == words[3].end)
        #expect(mended[4].start == words[5].start && mended[4].end == 8000)
    }

    /// Whatever comes: nothing is lost at the ends, times stay in order, and what is right is not changed again.
    @Test func itIsConservative() {
        var state: UInt64 = 42
        func chance(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        let pieces = [
            "cash", "mere", "the", "a", "hundred", "twenty", "percent", "dollars", "size", "em", "ex", "el",
            "and", "rose",
            "silk", "road", "scarf", "iphone", "xs", "200", "--", "…", "émigré", "你好", "49", "1,299", "per",
            "cent", "cents",
            "five", "thousand", "\u{202e}", "'", "it's", "well-known", ".", "$5", "0", "and,", "twenty-five",
        ]
        let text = SpokenText(language: .english, terms: Self.terms) { $0 == "rose" }
        for _ in 0..<5000 {
            let line = (0..<chance(12)).map { _ in pieces[chance(pieces.count)] }.joined(separator: " ")
            let words = SpokenWord.spread(line, from: 0, to: 10_000)
            let once = text.corrected(words)
            #expect(once.first?.start == words.first?.start && once.last?.end == words.last?.end, "\(line)")
            #expect(zip(once, once.dropFirst()).allSatisfy { $0.end <= $1.start }, "\(line)")
            #expect(once.count <= words.count)
        }
        // Without anything to find, everything stays.
        let plain = SpokenText(language: .english)
        for text in ["a b c", "It's 5 o'clock.", "Hello, world — again…", "你好 世界"] {
            #expect(plain.corrected(text) == text)
        }
    }
}
