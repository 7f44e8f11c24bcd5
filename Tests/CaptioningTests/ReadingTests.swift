import Captioning
import Media
import Testing

/// Nobody is shown more than can be read, and nothing is cut where it hurts.
@Suite struct ReadingTests {
    private static func rules(_ language: String) -> ReadingRules {
        ReadingRules(for: LanguageTag(language)!)
    }

    private static let talk: [(language: String, text: String)] = [
        (
            "en",
            "This cashmere sweater costs $1,299.00 today, and only for the next ten minutes you get 30% off; shipping to Brazil is free. Ask me anything about the size, the colour or the fabric!"
        ),
        (
            "de",
            "Dieser Pullover kostet heute nur 1.299,00 Euro, und wer in den nächsten zehn Minuten bestellt, bekommt dreißig Prozent Rabatt auf die gesamte Winterkollektion aus Kaschmirwolle."
        ),
        ("zh-Hans", "这款羊绒毛衣今天只要1,299元，接下来十分钟内下单还可以再打七折，全国包邮，巴西也包邮。大家有什么问题可以直接在评论区里问我！"),
        ("ja", "このカシミヤのセーターは本日限定で12,980円です。これから10分以内にご注文いただいた方には、さらに30%オフのクーポンをプレゼントします。"),
        ("th", "เสื้อกันหนาวแคชเมียร์ตัวนี้วันนี้ราคาเพียง 1,299 บาท และเฉพาะสิบนาทีข้างหน้านี้ลดอีก 30% ส่งฟรีทั่วประเทศ"),
        ("ko", "이 캐시미어 스웨터는 오늘 하루만 129,000원이고 앞으로 10분 동안 주문하시면 30% 추가 할인을 받으실 수 있습니다."),
    ]

    @Test(arguments: talk)
    func longTalkBecomesPages(_ said: (language: String, text: String)) {
        let rules = Self.rules(said.language)
        let pages = ClauseCutter(rules: rules).pages(CueText(said.text))
        #expect(pages.count > 1)
        func letters(_ text: some StringProtocol) -> String { String(text.filter { !$0.isWhitespace }) }
        #expect(letters(pages.map(\.text).joined()) == letters(said.text), "nothing is lost, nothing twice")
        for page in pages {
            #expect(rules.width(page.text) <= rules.pageWidth, "\(page)")
            let wrapped = rules.wrapped(page)
            #expect(letters(wrapped.text) == letters(page.text))
            #expect(wrapped.lines.count <= rules.lines + 1, "\(wrapped)")
            #expect(wrapped.lines.allSatisfy { rules.width($0) <= rules.lineWidth }, "\(wrapped)")
        }
        let cut =
            pages.dropLast().map(\.text)
            + pages.map { rules.wrapped($0) }.flatMap { $0.lines.dropLast().map(String.init) }
        for end in cut {
            #expect(!["$", "（", "「"].contains(end.last), "\(end)")
        }
        for number in ["1,299", "1.299,00", "12,980", "129,000", "30%"] where said.text.contains(number) {
            #expect(
                pages.contains { rules.wrapped($0).lines.contains { $0.contains(number) } },
                "\(number) is whole")
        }
    }

    @Test func sentencesAreKeptTogether() {
        let text = CueText(
            "First sentence is rather short and plain. The second one is a good deal longer than the first one was, is it not?"
        )
        let pages = ClauseCutter(rules: Self.rules("en")).pages(text)
        #expect(pages.first?.text == "First sentence is rather short and plain.")
    }

    @Test func shortTextIsLeftAlone() {
        let rules = Self.rules("en")
        let two = CueText("Two lines\nas somebody set them")
        #expect(rules.wrapped(two) == two)
        #expect(ClauseCutter(rules: rules).pages(two) == [two])
    }

    @Test func oneEndlessWordIsCutAllTheSame() {
        let rules = Self.rules("en")
        let word = CueText(String(repeating: "x", count: 500))
        let pages = ClauseCutter(rules: rules).pages(word)
        #expect(pages.map(\.text.count).reduce(0, +) == 500)
        #expect(pages.allSatisfy { rules.width($0.text) <= rules.pageWidth })
    }

    @Test func pagesShareTheTime() {
        let cutter = ClauseCutter(rules: Self.rules("en"))
        let pages = cutter.pages(CueText(Self.talk[0].text), from: 1000, to: 11_000)
        #expect(pages.first?.start == 1000 && pages.last?.end == 11_000)
        #expect(zip(pages, pages.dropFirst()).allSatisfy { $0.end == $1.start && $0.start < $0.end })
    }

    @Test func readingTakesItsTime() {
        let english = Self.rules("en")
        #expect(english.readingTime("Hi") == english.shortest)
        #expect(english.readingTime(String(repeating: "a", count: 60)) == MediaTime(milliseconds: 3000))
        #expect(english.readingTime(String(repeating: "a", count: 1000)) == english.longest)
        #expect(Self.rules("zh").width("羊绒abc") == 3.5)
        #expect(Self.rules("en").width("羊绒abc") == 5)
    }

    /// Any text is cut without loss, and without end.
    @Test func anyTextIsCut() {
        let signs = [
            "a", "bc", "7", ",", ".", " ", "，", "中", "文", "「", "」", "$", "%", "-", "ก", "า", "é", "👩‍👩‍👧",
        ]
        var random = SystemRandomNumberGenerator()
        for language in ["en", "zh", "ja", "th", "ar", "ko"] {
            let rules = Self.rules(language)
            for _ in 0..<150 {
                let said = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                    signs.randomElement(using: &random)!
                }.joined()
                let text = CueText(said)
                let pages = ClauseCutter(rules: rules).pages(text)
                func letters(_ text: String) -> String { text.filter { !$0.isWhitespace } }
                #expect(letters(pages.map(\.text).joined()) == letters(text.text), "\(said)")
                for page in pages where pages.count > 1 { #expect(rules.width(page.text) <= rules.pageWidth) }
                #expect(pages.allSatisfy { letters(rules.wrapped($0).text) == letters($0.text) }, "\(said)")
            }
        }
    }
}
