/// What a person sees where there is no show or page; sent with status 404.
package struct NotFoundPage: Sendable {
    private let template: LocalisedPage

    /// Throws where the page's template is missing or has other holes than this.
    package init(_ assets: WebAssets) throws(WebError) {
        template = try LocalisedPage(assets, "not-found.html")
    }

    package func html(for reader: Reader) -> PageText { template.page(for: reader) }
}
