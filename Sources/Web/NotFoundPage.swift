package import NIOCore

/// What a person sees where there is no show or page; sent with status 404.
package struct NotFoundPage: Sendable {
    /// The page as UTF-8.
    package let html: ByteBuffer

    /// Throws where the page's template is missing or has other holes than this.
    package init(_ assets: WebAssets) throws(WebError) {
        let template = try assets.template("not-found.html")
        try template.check(["assets"])
        html = ByteBuffer(string: template.filled(["assets": .text(assets.root)]))
    }
}
