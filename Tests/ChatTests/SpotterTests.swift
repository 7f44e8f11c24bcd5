import Chat
import Media
import Testing

/// Questions and links, in the languages of those who buy.
@Suite struct SpotterTests {
    @Test(arguments: [
        ("en", "how much is the blue one"), ("en", "Is it cotton?"), ("en", "hi! do you ship to Spain"),
        ("en", "price?"), ("es", "cuánto cuesta"), ("es", "hola, tienen en talla M"),
        ("es", "¿envían a México"),
        ("pt", "quanto custa o vestido"), ("fr", "combien ça coûte"),
        ("fr", "bonjour, est-ce que c'est du cuir"),
        ("it", "quanto costa"), ("de", "was kostet das"), ("de", "gibt es das in rot"),
        ("id", "harganya berapa kak"),
        ("ms", "berapa harga"), ("vi", "còn màu đỏ không"), ("vi", "giá bao nhiêu"), ("th", "ราคาเท่าไหร่คะ"),
        ("th", "มีสีแดงไหม"), ("ja", "いくらですか"), ("ja", "赤はありますか"), ("ko", "얼마예요"), ("ko", "빨간색 있나요"),
        ("zh", "多少钱"), ("zh", "有没有红色的"), ("zh", "包邮吗"), ("ar", "كم السعر"), ("ar", "متى الشحن؟"),
        ("ru", "сколько стоит"), ("ru", "есть ли красный"), ("und", "cos'è questo?"), ("und", "？多少"),
    ])
    func questionsAreFound(_ language: String, _ text: String) {
        #expect(QuestionSpotter.isQuestion(text, in: LanguageTag(language)), "\(text)")
    }

    @Test(arguments: [
        ("en", "I love it"), ("en", "thank you so much"), ("en", "see https://x.example/?a=1"),
        ("es", "me encanta"),
        ("pt", "amei esse vestido"), ("fr", "magnifique"), ("it", "bellissimo"), ("de", "sehr schön"),
        ("id", "bagus sekali"), ("vi", "đẹp quá"), ("th", "สวยมาก"), ("ja", "かわいい"), ("ko", "예뻐요"),
        ("zh", "太漂亮了"), ("ar", "جميل جدا"), ("ru", "очень красиво"), ("en", "???"), ("en", ""), ("und", "ok"),
    ])
    func remarksAreNone(_ language: String, _ text: String) {
        #expect(!QuestionSpotter.isQuestion(text, in: LanguageTag(language)), "\(text)")
    }

    @Test(arguments: [
        "https://evil.example", "see http://x", "www.shop.example", "buy at cheap-bags.com", "t.me/joinus",
        "CHEAP-BAGS.COM!", "(bags.shop)", "bags[.]com", "bags dot com", "bags。com", "bags．com",
        "mail ada@bags.org",
        "93.184.216.34", "wa.me/123", "go bags.xn--p1ai now", "sub.domain.co.uk/path?q",
    ])
    func linksAreFound(_ text: String) { #expect(LinkSpotter.hasLink(text), "\(text)") }

    @Test(arguments: [
        "hello", "3.50 euros", "size 36.5", "so nice.I want it", "v1.2.3", "wow...great", "10.99$",
        "e.g. this", "a.b",
        "1/2 price", "24/7", "Ms. Lee", "ok.", "@ada", "#sale", "好的。谢谢", "node.js",
    ])
    func otherDotsAreNone(_ text: String) { #expect(!LinkSpotter.hasLink(text), "\(text)") }
}
