import Foundation
package import Media
import NIOCore
package import Outbound

/// DeepL: `POST /v2/translate` with up to 50 texts. What has to survive stands in a tag that it leaves alone.
package struct DeepL: RemoteDialect {
    private let target: WebTarget
    private let key: String

    package let name = EngineName.deepl
    package let masks = TranslatorManner.Masks.tags

    /// `address`: nil is DeepL's own, of the free service where the key is one of it.
    package init(address: String?, key: String) throws(WebTargetFault) {
        let usual = key.hasSuffix(":fx") ? "https://api-free.deepl.com" : "https://api.deepl.com"
        let base = address ?? usual
        target = try WebTarget((base.hasSuffix("/") ? String(base.dropLast()) : base) + "/v2/translate")
        self.key = key
    }

    private struct Body: Encodable {
        var text: [String]
        var source_lang: String
        var target_lang: String
        var tag_handling = "xml"
        var ignore_tags = ["m"]
        /// A chat message is one piece, however many sentences it has.
        var split_sentences = "nonewlines"
    }

    private struct Answer: Decodable {
        struct Translation: Decodable { var text: String }
        var translations: [Translation]
    }

    private static let languages: Set<String> = [
        "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hu", "id", "it", "ja", "ko",
        "lt",
        "lv", "no", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "th", "tr", "uk", "vi", "zh",
    ]

    package func speaks(from: LanguageTag, to: LanguageTag) -> Bool {
        DeepL.languages.contains(from.tongue.primary) && DeepL.languages.contains(to.tongue.primary)
    }

    package func reaches(_ language: LanguageTag) -> Bool {
        DeepL.languages.contains(language.tongue.primary)
    }

    package func request(
        _ texts: [String], from: LanguageTag, to: LanguageTag
    ) throws -> OutboundRequest {
        let body = Body(text: texts, source_lang: DeepL.source(from), target_lang: DeepL.target(to))
        return OutboundRequest(
            .post, target, purpose: "translation",
            fields: [
                OutboundField("Content-Type", "application/json"),
                OutboundField("Authorization", "DeepL-Auth-Key \(key)"),
            ], body: ByteBuffer(bytes: try JSONEncoder().encode(body)))
    }

    package func texts(of response: OutboundResponse) throws -> [String] {
        try JSONDecoder().decode(Answer.self, from: Data(response.body.readableBytesView)).translations
            .map(\.text)
    }

    private static func source(_ language: LanguageTag) -> String {
        let primary = language.tongue.primary
        return (primary == "no" ? "nb" : primary).uppercased()
    }

    private static func target(_ language: LanguageTag) -> String {
        switch language.tongue.primary {
        case "en": "EN-US"
        case "pt": "PT-BR"
        case "zh": language.tongue == .traditionalChinese ? "ZH-HANT" : "ZH-HANS"
        default: source(language)
        }
    }
}
