import Foundation
package import Media

/// Whether a message asks something: by its marks, and by the words with which questions are asked in the languages that
/// viewers of live shows speak most. Pure. Taking a remark for a question costs the host a look; the other way round a
/// buyer is not answered: so in doubt it is one.
package enum QuestionSpotter {
    private struct Rules {
        /// Words with which a question begins.
        var openings: Set<String> = []
        /// What is in a question, wherever it stands; languages without spaces need it.
        var parts: [String] = []
        /// How it ends.
        var endings: [String] = []
    }

    package static func isQuestion(_ text: String, in language: LanguageTag?) -> Bool {
        let plain = text.precomposedStringWithCompatibilityMapping.lowercased()
        let words = plain.split(whereSeparator: \.isWhitespace).filter { !$0.contains("://") }
        let rest = words.joined(separator: " ")
        guard rest.contains(where: \.isLetter) || rest.contains(where: \.isNumber) else { return false }
        // NFKC has made one of ？; ؟ and ¿ and the Armenian and Greek ones stay.
        if rest.contains(where: { "?؟¿՞⁇".contains($0) }) { return true }
        guard let language, let own = rules[language.primary] else { return false }
        let bare = rest.trimmingCharacters(in: around)
        // "hi, how much is it", "ada: cuánto cuesta": after a greeting or a name too.
        let clauses = bare.split(whereSeparator: { ",.;:!，。、！".contains($0) })
        for clause in clauses {
            let first = clause.split(separator: " ").first.map(String.init) ?? ""
            if own.openings.contains(first) { return true }
        }
        let spaced = " \(bare) "
        return own.parts.contains { spaced.contains($0) } || own.endings.contains { bare.hasSuffix($0) }
    }

    /// Made once: putting such sets together takes longer than all the rest.
    private static let around = CharacterSet.punctuationCharacters.union(.symbols).union(.whitespaces)

    private static func words(_ text: String) -> Set<String> {
        Set(text.split(separator: " ").map(String.init))
    }

    private static let rules: [String: Rules] = [
        "en": Rules(
            openings: words(
                "how what when where who whose which why can could do does did is are will would should has have any"
            ),
            parts: [" how much ", " how many ", " how long ", " do you ", " can i ", " can you ", " is it "]),
        "es": Rules(
            openings: words(
                "qué cuánto cuánta cuántos cuántas cuanto cuanta cuantos cuantas cómo como cuándo cuando dónde donde quién "
                    + "cuál cuáles cual hay tienen tienes tiene hacen se puede"),
            parts: [
                " cuánto ", " cuanto cuesta", " a cómo ", " se puede ", " hay en ", " tienen ", " por qué ",
            ]
        ),
        "pt": Rules(
            openings: words(
                "quanto quanta quantos quantas como quando onde quem qual quais que tem têm vocês posso dá existe"
            ),
            parts: [" quanto custa", " quanto é ", " tem em ", " tem no ", " por que ", " dá pra "]),
        "fr": Rules(
            openings: words(
                "combien comment quand où qui que quoi quel quelle quels quelles pourquoi est-ce avez-vous peut-on y"
            ),
            parts: [
                " combien ", " est-ce que ", " c'est combien", " avez-vous ", " y a-t-il ", " vous avez ",
            ]),
        "it": Rules(
            openings: words(
                "quanto quanta quanti quante come quando dove chi cosa che quale quali perché avete c'è posso si"
            ),
            parts: [" quanto costa", " quanto viene", " avete ", " c'è in ", " si può "]),
        "de": Rules(
            openings: words(
                "wie was wann wo wer wen wem welche welcher welches warum wieso gibt gibt's habt haben kann könnt ist sind hat "
                    + "macht liefert geht"),
            parts: [" wie viel", " wieviel", " was kostet", " gibt es ", " habt ihr "]),
        "id": Rules(
            openings: words(
                "berapa apa apakah kapan dimana mana siapa bagaimana gimana kenapa bisa ada adakah"),
            parts: [" berapa", " apakah ", " di mana", " dimana", " bisa kah", " bisakah"],
            endings: [" ga", " gak", " nggak", " tidak", " kah", " berapa"]),
        "ms": Rules(
            openings: words("berapa apa apakah bila bilakah di mana siapa bagaimana kenapa boleh ada adakah"),
            parts: [" berapa", " adakah ", " di mana", " bolehkah"],
            endings: [" ke", " tak", " kah", " berapa"]),
        "vi": Rules(
            openings: words("bao sao khi ai gì có"),
            parts: [
                " bao nhiêu", " bao lâu", " khi nào", " ở đâu", " thế nào", " như thế nào", " tại sao",
                " nhiu ",
                " phải không", " có phải",
            ], endings: [" không", " ko", " k", " hông", " chưa", " gì", " à", " hả", " nhỉ", " đâu"]),
        "th": Rules(
            parts: [
                "ไหม", "มั้ย", "หรือเปล่า", "หรือยัง", "อะไร", "เท่าไร", "เท่าไหร่", "ที่ไหน", "เมื่อไร", "เมื่อไหร่", "ยังไง",
                "อย่างไร", "กี่", "ทำไม", "ใคร",
            ]),
        "ja": Rules(
            parts: ["いくら", "どこ", "いつ", "なに", "何", "どう", "どれ", "どの", "誰", "だれ", "なぜ", "ありますか", "できますか"],
            endings: ["か", "かな", "の", "かしら"]),
        "ko": Rules(
            parts: ["얼마", "어디", "언제", "무엇", "뭐", "어떻게", "어떤", "누구", "왜", "몇", "있나요", "되나요"],
            endings: ["까", "까요", "나요", "가요", "인가", "니", "죠"]),
        "zh": Rules(
            parts: [
                "什么", "什麼", "多少", "怎么", "怎麼", "哪", "几", "幾", "谁", "誰", "为什么", "為什麼", "有没有", "有沒有", "能不能",
                "可不可以", "是不是", "会不会", "要不要", "多久", "多大", "多长", "吗", "嗎", "咋",
            ], endings: ["呢", "么", "没", "不"]),
        "ar": Rules(
            openings: words("هل كم متى أين اين كيف ما ماذا لماذا من أي اي ليش شو وين ايش بكم"),
            parts: [" كم ", " بكم", " متى ", " أين ", " هل "]),
        "ru": Rules(
            openings: words(
                "сколько как когда где куда что кто почему какой какая какие какое есть можно чем"),
            parts: [" сколько ", " какой ", " какие ", " какая ", " можно ли ", " есть ли ", " ли "]),
    ]
}
