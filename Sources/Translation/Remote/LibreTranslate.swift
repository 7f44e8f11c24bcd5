import Foundation
package import Media
import NIOCore
package import Outbound

/// LibreTranslate and what speaks like it: `POST /translate {q, source, target, format, api_key}`.
package struct LibreTranslate: RemoteDialect {
    private let target: WebTarget
    private let key: String?

    package let name = EngineName.libretranslate
    package let masks = TranslatorManner.Masks.words

    /// `address`: of the service, without `/translate`.
    package init(address: String, key: String?) throws(WebTargetFault) {
        let base = address.hasSuffix("/") ? String(address.dropLast()) : address
        target = try WebTarget(base + "/translate")
        self.key = key
    }

    private struct Body: Encodable {
        var q: [String]
        var source: String
        var target: String
        var format = "text"
        var api_key: String?
    }

    private struct Answer: Decodable {
        var translatedText: Texts

        enum Texts: Decodable {
            case one(String)
            case many([String])

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    self = .one(text)
                } else {
                    self = .many(try container.decode([String].self))
                }
            }
        }
    }

    /// Those that there are models of, whichever a service has installed.
    private static let languages: Set<String> = [
        "ar", "az", "be", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "eo", "es", "et", "eu", "fa", "fi",
        "fr", "ga", "gl", "he", "hi", "hu", "id", "it", "ja", "ko", "ky", "lt", "lv", "ms", "nl", "no", "pl",
        "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "th", "tl", "tr", "uk", "ur", "vi", "zh",
    ]

    /// What it has not, it says itself.
    package func speaks(from: LanguageTag, to: LanguageTag) -> Bool { true }

    package func reaches(_ language: LanguageTag) -> Bool {
        LibreTranslate.languages.contains(language.tongue.primary)
    }

    package func request(
        _ texts: [String], from: LanguageTag, to: LanguageTag
    ) throws -> OutboundRequest {
        let body = Body(
            q: texts, source: LibreTranslate.code(from), target: LibreTranslate.code(to), api_key: key)
        return OutboundRequest(
            .post, target, purpose: "translation",
            fields: [OutboundField("Content-Type", "application/json")],
            body: ByteBuffer(bytes: try JSONEncoder().encode(body)))
    }

    package func texts(of response: OutboundResponse) throws -> [String] {
        let answer = try JSONDecoder().decode(Answer.self, from: Data(response.body.readableBytesView))
        switch answer.translatedText {
        case .one(let text): return [text]
        case .many(let texts): return texts
        }
    }

    /// Old and new versions both know these names of Chinese.
    private static func code(_ language: LanguageTag) -> String {
        switch language.tongue {
        case .simplifiedChinese: "zh"
        case .traditionalChinese: "zt"
        case let other: other.primary
        }
    }
}
