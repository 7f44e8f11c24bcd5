/// The pages of those who run the shows: `/console`, `/login`, and `/welcome/SECRET`, where somebody sets a password.
/// They carry words and the addresses for encoders; what there is to see is asked of the API by who is signed in.
package struct StaffPages: Sendable {
    private let consolePage: LocalisedPage
    private let loginPage: LocalisedPage
    private let welcomePage: LocalisedPage

    /// Throws where a template is missing or has holes of its own.
    package init(_ assets: WebAssets) throws(WebError) {
        consolePage = try LocalisedPage(
            assets, "console.html", for: .staff, holes: ["ingest"],
            scripts: ["console.", "chat.", "desk.", "track."])
        loginPage = try LocalisedPage(assets, "login.html", for: .staff, scripts: ["console.", "entry."])
        welcomePage = try LocalisedPage(assets, "welcome.html", for: .staff, scripts: ["console.", "entry."])
    }

    package func console(ingest: IngestAddresses, for reader: Reader) -> PageText {
        consolePage.page(for: reader, ["ingest": .markup(scriptSafeJSON(ingest))])
    }
    package func login(for reader: Reader) -> PageText { loginPage.page(for: reader) }
    package func welcome(for reader: Reader) -> PageText { welcomePage.page(for: reader) }
}
