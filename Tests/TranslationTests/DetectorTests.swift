import Media
import Testing
import Translation

@Suite struct DetectorTests {
    let detector = LanguageDetector(phrasebook: Samples.phrasebook)

    /// What people write in chats, short as it is.
    static let messages: [(String, String)] = [
        ("en", "How much is shipping to Canada?"), ("en", "love this so much"),
        ("en", "is it still available"),
        ("en", "the zip broke after two days"), ("en", "can you show the back"),
        ("en", "that colour is gorgeous"),
        ("es", "¿cuánto cuesta?"), ("es", "me encanta ese color"), ("es", "hacen envios a Peru"),
        ("es", "quiero dos por favor"), ("es", "no me llegó el pedido"),
        ("es", "de que material es la bolsa"),
        ("pt", "quanto custa o frete"), ("pt", "adorei essa bolsa"), ("pt", "vocês entregam em Lisboa?"),
        ("pt", "meu pedido ainda não chegou"), ("pt", "tem no tamanho G?"),
        ("fr", "c'est combien ?"), ("fr", "vous livrez en Belgique ?"), ("fr", "j'adore cette robe"),
        ("fr", "la fermeture est cassée"), ("fr", "est-ce que ça taille petit"),
        ("it", "quanto costa la spedizione"), ("it", "mi piace tantissimo"), ("it", "avete la taglia media?"),
        ("it", "non mi è ancora arrivato il pacco"),
        ("de", "was kostet das Kleid"), ("de", "gibt es das auch in Größe M"), ("de", "wunderschöne Tasche"),
        ("de", "mein Paket ist noch nicht da"),
        ("id", "berapa harganya kak"), ("id", "bahannya tebal apa tipis ya"),
        ("id", "kapan dikirim barangnya"),
        ("id", "saya sudah transfer tadi pagi"),
        ("ms", "berapa kos penghantaran ke Sabah"), ("ms", "macam mana nak buat bayaran"),
        ("ms", "saya dah order semalam tapi belum sampai"),
        ("vi", "giá bao nhiêu vậy shop"), ("vi", "còn size M không ạ"),
        ("vi", "mình đặt rồi mà chưa nhận được"),
        ("vi", "ship về Hà Nội mất mấy ngày"),
        ("th", "ราคาเท่าไหร่คะ"), ("th", "ส่งฟรีไหม"), ("th", "สวยมาก"), ("th", "มีสีอื่นไหม"),
        ("ja", "いくらですか"), ("ja", "送料は無料ですか？"), ("ja", "かわいい！"), ("ja", "再入荷の予定はありますか"),
        ("ko", "얼마예요?"), ("ko", "배송은 얼마나 걸려요"), ("ko", "너무 예뻐요"), ("ko", "사이즈 뭐 있어요"),
        ("zh-Hans", "这个多少钱"), ("zh-Hans", "包邮吗"), ("zh-Hans", "好看"), ("zh-Hans", "我昨天下单了还没发货"),
        ("ar", "كم السعر"), ("ar", "هل التوصيل مجاني"), ("ar", "المنتج جميل جدا"),
        ("ar", "متى يصل الطلب إلى دبي"),
        ("ru", "сколько стоит доставка"), ("ru", "очень красиво"), ("ru", "есть размер М?"),
        ("ru", "заказ ещё не пришёл"), ("ru", "какая ткань"),
    ]

    @Test(arguments: [nil, "en", "es", "zh-Hans", "id"] as [String?])
    func chatMessages(_ prior: String?) {
        var wrong: [String] = []
        for (language, text) in Self.messages {
            let found = detector.language(of: text, prior: prior.map(tag))
            // Malay and Indonesian are one to whoever reads either.
            let isKin =
                Set([language, found?.text ?? ""]) == ["id", "ms"]
                // What is written alike in both scripts says nothing of the script.
                || language == "zh-Hans" && found?.primary == "zh"
            if found?.text != language, !isKin {
                wrong.append("\(language) taken for \(found?.text ?? "nil"): \(text)")
            }
        }
        #expect(wrong.count <= 3, "\(wrong.joined(separator: "\n"))")
    }

    @Test(arguments: [
        "", "ok", "lol", "😍😍😍", "12345", "@lisa", "https://shop.example/kleid", "XL", "SAVE20", "!!!",
    ])
    func tooLittleSaysNothing(_ text: String) {
        #expect(detector.language(of: text, prior: nil) == nil)
    }

    @Test func whatIsInNoLanguageIsLeftOut() {
        let text = "@the_best_shop_in_town me encanta https://www.this-is-english.example/and-more"
        #expect(detector.language(of: text, prior: nil)?.text == "es")
    }

    @Test func theLikelyOneIsTakenWhereWordsSayLittle() {
        #expect(detector.language(of: "super", prior: tag("de"))?.text == "de")
        #expect(detector.language(of: "無料", prior: tag("ja"))?.text == "ja")
        #expect(detector.language(of: "無料", prior: tag("zh-Hans"))?.primary == "zh")
        #expect(detector.language(of: "berapa lama", prior: tag("ms"))?.text == "ms")
    }

    @Test func anyTextMayCome() {
        for text in [
            "\u{0}\u{1}\u{2}abcd", String(repeating: "word ", count: 20_000), "\u{202E}evil text here",
            String(repeating: "\u{301}", count: 3000),
            "e" + String(repeating: "\u{301}", count: 3000) + "fgh",
            "\u{FFFF}\u{10FFFF}abcdef",
        ] {
            _ = detector.language(of: text, prior: nil)
        }
    }
}
