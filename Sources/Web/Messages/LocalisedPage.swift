import Media
package import NIOCore

/// A page's template in every language that it is there in. The words stand in the template as `{{say:KEY}}`.
///
/// Filled by themselves are `assets` (the address of the files), `lang` and `dir` (for `<html>`), `messages` (what the
/// page's scripts say, for `<script type="application/json" id="messages">`) and `languages` (the menu of languages).
package struct LocalisedPage: Sendable {
    /// Each language once; English first.
    let catalogues: MessageCatalogues
    private let templates: [LanguageTag: PageTemplate]

    private static let own: Set<String> = ["assets", "lang", "dir", "messages", "languages"]

    /// `holes` are what `filled` will be given; `scripts` are beginnings of the keys that the page's scripts say.
    /// Throws where the template is missing, has other holes, or says what no catalogue has.
    init(
        _ assets: WebAssets, _ name: String, for kind: MessageCatalogues.Kind = .viewers,
        holes: Set<String> = [], scripts: [String] = []
    ) throws(WebError) {
        catalogues = try assets.catalogues(kind)
        let template = try assets.template(name)
        try template.check(holes, beyond: LocalisedPage.own)
        var templates: [LanguageTag: PageTemplate] = [:]
        for catalogue in catalogues.all {
            templates[catalogue.language] = try template.said(
                in: catalogue,
                with: [
                    "assets": .text(assets.root),
                    "lang": .text(catalogue.language.text),
                    "dir": .text(catalogue.direction),
                    "messages": .markup(scriptSafeJSON(catalogue.document(prefixes: scripts))),
                ])
        }
        self.templates = templates
    }

    /// The page in the language that `reader` wants most.
    func filled(for reader: Reader, _ values: [String: PageTemplate.Value] = [:]) -> String {
        let catalogue = catalogues.best(for: reader.preference)
        var values = values
        values["languages"] = .markup(LanguageMenu.markup(catalogues, current: catalogue, reader: reader))
        return templates[catalogue.language]?.filled(values) ?? ""
    }

    func page(for reader: Reader, _ values: [String: PageTemplate.Value] = [:]) -> PageText {
        PageText(
            html: ByteBuffer(string: filled(for: reader, values)), language: words(for: reader).language.text)
    }

    /// The words of the language that `reader` wants most.
    func words(for reader: Reader) -> MessageCatalogue { catalogues.best(for: reader.preference) }
}

/// A page as it is sent: UTF-8, and the language that it is in.
package struct PageText: Sendable {
    package let html: ByteBuffer
    /// For `Content-Language`.
    package let language: String

    package init(html: ByteBuffer, language: String) {
        self.html = html
        self.language = language
    }
}

/// Who a page is made for.
package struct Reader: Sendable, Hashable {
    package let preference: LanguagePreference
    /// What of the address's query stays when another language is chosen: `token=…`, already encoded; else empty.
    package let query: String

    package init(_ preference: LanguagePreference = LanguagePreference(), query: String = "") {
        self.preference = preference
        self.query = query
    }
}

/// The menu of languages: links, so that it works without a script.
enum LanguageMenu {
    static func markup(_ catalogues: MessageCatalogues, current: MessageCatalogue, reader: Reader) -> String {
        let kept = reader.query.isEmpty ? "" : reader.query + "&"
        let items = catalogues.all.map { catalogue in
            let isCurrent = catalogue.language == current.language
            let tag = escaped(catalogue.language.text)
            return
                "<li><a href=\"?\(escaped(kept))lang=\(tag)\" lang=\"\(tag)\" hreflang=\"\(tag)\" rel=\"nofollow\""
                + "\(isCurrent ? " aria-current=\"true\"" : "")>\(escaped(catalogue.name))</a></li>"
        }
        let label = escaped(current.say("site.language"))
        return
            "<details class=\"languages\"><summary class=\"pill pill-quiet\" aria-label=\"\(label): \(escaped(current.name))\">"
            + "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Zm0 "
            + "0c2.4 2.3 3.5 5.1 3.5 8.5s-1.1 6.2-3.5 8.5c-2.4-2.3-3.5-5.1-3.5-8.5s1.1-6.2 3.5-8.5ZM3.9 9.3h16.2M3.9 "
            + "14.7h16.2\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.6\"/></svg>"
            + "<span>\(escaped(current.name))</span></summary><ul aria-label=\"\(label)\">\(items.joined())</ul></details>"
    }
}
