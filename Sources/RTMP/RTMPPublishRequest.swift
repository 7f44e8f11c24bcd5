/// What a client said when it asked to publish.
package struct RTMPPublishRequest: Hashable, Sendable {
    /// The first path element: `live` in `rtmp://HOST/live/KEY`.
    package var application: String
    /// The stream's name without its query: the secret. Never logged.
    package var key: String
    /// The encoder's name as it calls itself in `connect`, cut to 64 printable characters; may be empty.
    package var encoder: String

    /// Sorts out the forms in which encoders send application and name: `live` and `KEY`; `live/KEY` and
    /// nothing; nothing and `live/KEY`; queries on either.
    package init(connectApplication: String, name: String, encoder: String) {
        func path(_ text: String) -> [Substring] {
            text.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: true)
        }
        var application = path(connectApplication)
        var name = path(name)
        if application.isEmpty, name.count > 1 { application.append(name.removeFirst()) }
        self.application = application.first.map(String.init) ?? ""
        if name.isEmpty { name = Array(application.dropFirst()) }
        self.key = name.joined(separator: "/")
        self.encoder = String(
            encoder.unicodeScalars.filter { $0.isASCII && $0.value >= 32 && $0.value != 127 }.prefix(64).map(
                Character.init))
    }
}

/// What the authority says to it.
package enum RTMPDecision: Hashable, Sendable {
    case accepted
    /// The sentence is shown to the host.
    case refused(reason: String)
}
