import Foundation
import Media
import Testing
import Translation

@Suite struct PhrasebookTests {
    static let languages = [
        "en", "es", "pt", "fr", "it", "de", "id", "ms", "vi", "th", "ja", "ko", "zh-Hans", "ar", "ru",
    ]
    let book = Samples.phrasebook

    @Test func allLanguagesAreThere() {
        #expect(Set(book.languages.map(\.text)) == Set(Self.languages))
        #expect(book.sentences(in: .english).count >= 60)
    }

    /// From English to A, from A to B: as from English to B; and back again.
    @Test(arguments: PhrasebookTests.languages)
    func everyTemplateRoundTripsOverEveryPair(_ language: String) throws {
        for (id, sentence) in book.sentences(in: .english).sorted(by: { $0.key < $1.key }) {
            let english = Samples.english(sentence)
            let here =
                language == "en"
                ? english
                : try #require(
                    book.render(english, from: .english, to: tag(language), glossary: Samples.glossary),
                    "@\(id): \(english)")
            for other in Self.languages where other != language {
                let there = book.render(here, from: tag(language), to: tag(other), glossary: Samples.glossary)
                let direct =
                    other == "en"
                    ? english
                    : book.render(english, from: .english, to: tag(other), glossary: Samples.glossary)
                #expect(there != nil && there == direct, "@\(id) \(language)→\(other): \(here)")
            }
            for value in ["$19.90", "$39", "30%", "SAVE20", "5-7", "Luna Bag", "XL"]
            where english.contains(value) {
                #expect(here.contains(value), "@\(id) in \(language) lost \(value): \(here)")
            }
        }
    }

    @Test(arguments: PhrasebookTests.languages)
    func everyNameRoundTrips(_ language: String) throws {
        let file = try SourceFile(language)
        let english = try SourceFile("en")
        for key in file.sections["countries", default: [:]].keys.sorted() {
            let text = "Do you ship to \(english.name("countries", key).plain)?"
            let there =
                language == "en" ? text : try #require(book.render(text, from: .english, to: tag(language)))
            let back = language == "en" ? text : book.render(there, from: tag(language), to: .english)
            #expect(back == text, "\(key): \(there)")
        }
        for key in file.sections["colours", default: [:]].keys.sorted() where language != "en" {
            let text = "Do you have it in \(english.name("colours", key).plain)?"
            let there = try #require(book.render(text, from: .english, to: tag(language)), "\(text)")
            #expect(book.render(there, from: tag(language), to: .english) == text, "\(key): \(there)")
        }
        for key in file.sections["currencies", default: [:]].keys.sorted() where language != "en" {
            let text = "It costs 25 \(english.name("currencies", key).plain)."
            let there = try #require(book.render(text, from: .english, to: tag(language)), "\(text)")
            #expect(book.render(there, from: tag(language), to: .english) == text, "\(key): \(there)")
        }
    }

    /// Each line of each file says what its template says, however its alternatives are taken.
    @Test(arguments: PhrasebookTests.languages)
    func everyPhrasingIsUnderstood(_ language: String) throws {
        let file = try SourceFile(language)
        let target = language == "en" ? "es" : "en"
        var chance = Chance(UInt64(language.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
        for (id, lines) in file.templates {
            for line in lines {
                for _ in 0..<(line.contains("(") || line.contains("[") ? 5 : 1) {
                    let said = file.phrasing(line, &chance)
                    let isQuestion = id.hasPrefix("ask.") && !"?？؟".contains(said.last ?? " ")
                    let text = said + (isQuestion ? "?" : "")
                    let found = book.render(
                        text, from: tag(language), to: tag(target), glossary: Samples.glossary)
                    let wanted = book.render(
                        Samples.english(book.sentences(in: .english)[id] ?? ""), from: .english,
                        to: tag("es"),
                        glossary: Samples.glossary)
                    let got =
                        target == "es"
                        ? found
                        : found.flatMap {
                            book.render($0, from: .english, to: tag("es"), glossary: Samples.glossary)
                        }
                    #expect(got == wanted, "@\(id) in \(language): \(text) → \(found ?? "nothing")")
                }
            }
        }
    }

    @Test(
        arguments: [
            ("en", "es", "how much is it", "¿Cuánto cuesta?"),
            ("en", "es", "HOW MUCH??? 😍😍", "¿Cuánto cuesta? 😍😍"),
            ("en", "es", "@lisa do u ship to mexico pls", "@lisa ¿Envían a México?"),
            ("en", "fr", "Hi! How much is it? Thanks", "Bonjour ! C'est combien ? Merci !"),
            ("en", "zh-Hans", "Do you have it in black, size XL?", "有黑色XL码的吗？"),
            ("zh-Hans", "en", "这个多少钱啊", "How much is it?"),
            ("zh-Hans", "en", "主播，有没有红色的", "Do you have it in red?"),
            ("zh-Hans", "en", "今天全场打八折", "20% off!"),
            ("zh-Hans", "en", "只剩２０件了！", "Only 20 left!"),
            ("zh-Hans", "es", "可以寄到西班牙吗", "¿Envían a España?"),
            ("es", "en", "cuanto cuesta el envio a mexico", "How much is shipping to Mexico?"),
            ("es", "zh-Hans", "Hola, ¿tienes la talla 38?", "你好！有38码吗？"),
            ("pt", "en", "tem no tamanho G?", "Do you have size L?"),
            ("pt", "en", "quanto custa o frete pra Portugal", "How much is shipping to Portugal?"),
            ("fr", "en", "Vous livrez en Italie ?", "Do you ship to Italy?"),
            ("it", "en", "ce l'avete in rosso?", "Do you have it in red?"),
            ("de", "en", "liefert ihr in die Türkei?", "Do you ship to Turkey?"),
            ("id", "en", "kak ini berapa ya?", "How much is it?"),
            ("ms", "en", "berapa harga ni?", "How much is it?"),
            ("vi", "en", "con hang khong shop", "Is it still available?"),
            ("vi", "en", "Có màu đen không ạ?", "Do you have it in black?"),
            ("th", "en", "มีไซส์ M ไหมคะ", "Do you have size M?"),
            ("ja", "en", "送料はいくらですか？", "How much is shipping?"),
            ("ja", "en", "Ｍサイズはありますか", "Do you have size M?"),
            ("ko", "en", "이거 얼마예요?", "How much is it?"),
            ("ar", "en", "كم سعره؟", "How much is it?"),
            ("ar", "en", "هل تشحنون إلى مصر؟", "Do you ship to Egypt?"),
            ("ar", "en", "خصم ٣٠٪ اليوم", "30% off!"),
            ("ru", "en", "сколько стоит доставка в Германию?", "How much is shipping to Germany?"),
            ("ru", "en", "Есть красная?", "Do you have it in red?"),
            ("en", "de", "I'll take two", "Ich nehme 2."),
            (
                "en", "pt", "It was 1,299.00 dollars, now 899 dollars.",
                "Antes custava 1,299.00 dólares, agora 899 dólares."
            ),
            ("en", "es", "R$ 20 only today", nil),
            ("en", "es", "now only R$ 20!", "Cuesta R$ 20."),
            ("en", "es", "looooove it", "¡Me encanta!"),
            ("en", "es", "only 20 left?", nil),
            ("en", "es", "free shipping?", "¿El envío es gratis?"),
            ("en", "es", "my dog ate the parcel", nil),
            ("en", "es", "https://example.com how much is it", nil),
            ("en", "es", "20", nil),
            ("zh-Hans", "en", "20", nil),
            ("en", "es", "", nil),
            ("en", "es", "😍😍😍", nil),
        ] as [(String, String, String, String?)])
    func whatPeopleWrite(_ from: String, _ to: String, _ text: String, _ wanted: String?) {
        #expect(book.render(text, from: tag(from), to: tag(to)) == wanted)
    }

    @Test func theGlossaryIsKept() throws {
        let glossary = try Glossary([
            GlossaryTerm("free shipping", keep: true), GlossaryTerm("Luna", renderings: [tag("zh"): "露娜"]),
        ])
        #expect(book.render("Free shipping!", from: .english, to: tag("es"), glossary: glossary) == nil)
        #expect(
            book.render("how much is the luna?", from: .english, to: tag("es"), glossary: glossary)
                == "¿Cuánto cuesta luna?")
        #expect(
            book.render("how much is the luna?", from: .english, to: tag("zh-CN"), glossary: glossary)
                == "露娜多少钱？")
    }

    @Test func hostileTextsEndQuickly() {
        let texts = [
            String(repeating: "how much ", count: 500), String(repeating: "?", count: 3000),
            String(repeating: "🇫🇷", count: 900), String(repeating: "1.", count: 1400),
            String(repeating: "\u{301}", count: 2000), "\u{0}\u{1}\u{202E}", "{price} {country:to}",
        ]
        for text in texts {
            for language in book.languages {
                #expect(
                    book.render(text, from: language, to: language == .english ? tag("es") : .english) == nil)
            }
        }
    }

    @Test(arguments: [
        ("joiner: space\n[templates]\n@say.yes\nYes", "language"),
        ("language: en\n[nonsense]", "line 2"),
        ("language: en\n[templates]\nYes", "line 3"),
        ("language: en\n[templates]\n@say.yes\n@say.no\nNo", "line 4"),
        ("language: en\n[templates]\n@ask.x\nHow {much}?", "no slot"),
        ("language: en\n[templates]\n@ask.x\nHow (much)?", "no alternatives"),
        ("language: en\n[templates]\n@ask.x\nHow much?\n[how", "not closed"),
        ("language: en\n[templates]\n@ask.x\nHow {price}?\nhow much", "slots"),
        ("language: en\n[templates]\n@ask.x\nHow?\n[how|much]", "empty"),
        ("language: en\n[colours]\nred: red\nred: crimson\n[templates]\n@ask.x\nHow?", "line 4"),
        ("language: en\n[colours]\nred: red\nblue: red\n[templates]\n@ask.x\nHow?", "two of its keys"),
        ("language: en\n[templates]\n@ask.x\nHow?\n@ask.x\nWhy?", "twice"),
        ("language: e n\n", "line 1"),
    ])
    func aWrongFileIsToldWhere(_ text: String, _ hint: String) {
        let fault = #expect(throws: PhraseFault.self) { try Phrasebook(files: [("en.phrases", text)]) }
        #expect(fault?.description.contains(hint) == true, "\(fault?.description ?? "")")
    }

    @Test func filesHaveToAgree() {
        let english = "language: en\n[templates]\n@ask.x\nHow {price}?\n@say.yes\nYes"
        for other in [
            "language: es\n[templates]\n@ask.x\n¿Cómo {price}?",
            "language: es\n[templates]\n@ask.x\n¿Cómo {size}?\n@say.yes\nSí",
            "language: es\n[templates]\n@ask.x\n¿Cómo {price}?\n@say.yes\nSí\n@say.no\nNo",
            "language: es\n[colours]\nred: rojo\n[templates]\n@ask.x\n¿Cómo {price}?\n@say.yes\nSí",
            english,
        ] {
            #expect(throws: PhraseFault.self) { try Phrasebook(files: [("en", english), ("es", other)]) }
        }
    }
}
