package import Media
package import Outbound

/// What one remote service wants to hear, and how it answers. No I/O.
package protocol RemoteDialect: Sendable {
    var name: EngineName { get }
    var masks: TranslatorManner.Masks { get }
    func speaks(from: LanguageTag, to: LanguageTag) -> Bool
    func reaches(_ language: LanguageTag) -> Bool
    func request(_ texts: [String], from: LanguageTag, to: LanguageTag) throws -> OutboundRequest
    /// The texts of an answer with status 200.
    func texts(of response: OutboundResponse) throws -> [String]
}
