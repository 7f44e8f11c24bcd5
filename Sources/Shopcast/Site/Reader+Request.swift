import HTTPTypes
import Hummingbird
import Media
import Web

// The language of a page is the one in the address (`?lang=`, what the menu of languages leads to), else the one that was
// chosen so before (a cookie), else the best of `Accept-Language`.

extension Reader {
    static let cookie = "shopcast_language"

    /// `query` is what of the address's query stays when another language is chosen, encoded.
    init(_ request: Request, query: String = "") {
        self.init(
            LanguagePreference(
                chosen: request.uri.queryParameters["lang"].map { String($0) },
                remembered: request.cookies[Reader.cookie]?.value,
                acceptLanguage: request.headers[.acceptLanguage]),
            query: query)
    }

    /// What keeps the language that was just chosen; nil where none was. Only our own pages' menus choose: a link from
    /// elsewhere shows its language once.
    static func keeping(_ request: Request) -> String? {
        guard let chosen = request.uri.queryParameters["lang"], let tag = LanguageTag(String(chosen)) else {
            return nil
        }
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name],
            site != "same-origin"
        {
            return nil
        }
        return "\(cookie)=\(tag.text); Path=/; Max-Age=31536000; SameSite=Lax"
    }
}
