import Chat
import Foundation
import Testing

/// Words that are not wanted, however they are dressed up; and words that only look like them.
@Suite struct WordListTests {
    private static let lists = WordLists([
        "any": "fuck\nass # not what is around it\nson of a gun\n?casino\n",
        "es": "puta\n", "de": "scheiße\n", "ru": "сука\n", "ar": "كلب\n",
        "zh": "傻逼\n加微信\n", "th": "ควย\n", "ja": "しね\n", "vi": "địt\n",
    ])

    @Test(arguments: [
        "fuck", "FUCK!", "so fuck this", "fuuuuuck", "f.u.c.k", "f u c k", "ｆｕｃｋ", "fúck", "fυck", "fuсk",
        "a55", "@ss", "aSSSSS", "a$$", "son of a gun", "Son  of a GUN", "s0n 0f a gun", "f\u{200B}uck",
        "puta", "PUTAAAA", "put@", "scheisse", "Scheiße", "сука", "су́ка", "كلب", "كـلـب", "كَلْب",
        "你是傻逼吗", "傻 逼", "傻傻傻逼逼", "加-微-信", "ไอควยเอ๊ย", "おまえしね", "ｼﾈ", "シネ", "ĐỊT",
    ])
    func areFound(_ text: String) {
        let clean = ChatText.message(text)
        #expect(Self.lists.verdict(on: FoldedText(clean), language: nil) == .refuse, "\(text)")
    }

    @Test(arguments: [
        "", "hello", "class", "pass the bass", "asses", "as", "455 of them, 0.55", "size 36, 1 2 3",
        "sonofagun",
        "son of gun", "computadora", "disputa", "@ada hi!", "ok!!!", "สวย", "しな",
        "傻子", "微信", "❤️❤️❤️", "b e e", "I am a DJ",
    ])
    func areNotSeenWhereTheyAreNot(_ text: String) {
        #expect(Self.lists.verdict(on: FoldedText(text), language: nil) == nil, "\(text)")
    }

    @Test func someAreOnlyLookedAt() {
        #expect(Self.lists.verdict(on: FoldedText("a casino"), language: nil) == .hold)
        #expect(Self.lists.verdict(on: FoldedText("a fucking casino, fuck"), language: nil) == .refuse)
    }

    @Test func aListIsForItsLanguage() {
        let lists = WordLists(["en": "die\n", "de": "verdammt", "any": "spam"])
        #expect(lists.verdict(on: FoldedText("die Bluse"), language: "de") == nil)
        #expect(lists.verdict(on: FoldedText("die"), language: "en") == .refuse)
        #expect(lists.verdict(on: FoldedText("die"), language: nil) == .refuse)
        #expect(lists.verdict(on: FoldedText("spam"), language: "de") == .refuse)
    }

    @Test func filesAreRead() throws {
        let folder = NSTemporaryDirectory() + "words-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("# a remark\n\nfoo\n?bar # why\n   \n".utf8).write(
            to: URL(fileURLWithPath: folder + "/any.txt"))
        try Data("nothing".utf8).write(to: URL(fileURLWithPath: folder + "/README"))
        let lists = try WordLists(folder: folder)
        #expect(lists.count == 2)
        #expect(lists.verdict(on: FoldedText("foo"), language: "en") == .refuse)
        try Data([0xFF, 0xFE, 0xFF]).write(to: URL(fileURLWithPath: folder + "/en.txt"))
        #expect(throws: WordListFault.self) { try WordLists(folder: folder) }
        #expect(throws: WordListFault.self) { try WordLists(folder: folder + "/none") }
    }

    /// Ten thousand words cost a message little.
    @Test func manyWordsAreQuick() {
        let words = (0..<10_000).map { "word\($0)x" }.joined(separator: "\n")
        let lists = WordLists(["any": words])
        let text = FoldedText(String(repeating: "the quick brown fox ", count: 25))
        for _ in 0..<200 { #expect(lists.verdict(on: text, language: nil) == nil) }
    }
}
