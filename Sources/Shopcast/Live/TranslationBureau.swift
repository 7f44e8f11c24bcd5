import Logging
import NIOCore
import Outbound
import Translation

/// Who translates in this server, as its settings say.
struct TranslationBureau: Sendable {
    let desk: TranslationDesk
    let detector: LanguageDetector
    private let client: OutboundClient

    /// Throws `SettingsFault` where the phrasebook or the trusted certificates cannot be read.
    init(settings: Settings, group: any EventLoopGroup, logger: Logger) throws {
        let wishes = settings.translation
        do {
            client = try OutboundClient(settings: settings.outbound, group: group)
        } catch {
            throw SettingsFault("setting 'outbound.certificates': \(error)")
        }
        guard wishes.isOn else {
            desk = TranslationDesk(phrasebook: nil, engines: [], rules: wishes.rules)
            detector = LanguageDetector()
            return
        }
        let phrasebook: Phrasebook
        do {
            phrasebook = try Phrasebook.bundled()
        } catch {
            throw SettingsFault("the phrasebook cannot be read: \(error)")
        }
        var engines: [any Translator] = []
        for remote in wishes.remotes {
            engines.append(
                RemoteTranslator(
                    try remote.dialect(), client: client, isPaid: remote.isPaid,
                    deadline: wishes.remoteDeadline))
        }
        var pairs: [any PairTranslator] = []
        let python = wishes.python ?? Checkout.file(".venv/bin/python")
        if let engine = python.flatMap({ FastTranslate(python: $0) }) { pairs.append(engine) }
        if wishes.apertium, let engine = ApertiumTranslator() { pairs.append(engine) }
        if !pairs.isEmpty { engines.append(TranslatorChain(pairs)) }
        desk = TranslationDesk(phrasebook: phrasebook, engines: engines, rules: wishes.rules)
        detector = LanguageDetector(phrasebook: phrasebook)
        let names = (wishes.remotes.map(\.kind.rawValue) + pairs.map(\.name.rawValue)).joined(separator: ", ")
        logger.info(
            "translation",
            metadata: [
                "phrasebook": "\(phrasebook.languages.count) languages",
                "engines": "\(names.isEmpty ? "none" : names)",
            ])
    }

    /// Ends the engines' processes and connections.
    func shutDown() async {
        desk.stop()
        await client.shutDown()
    }
}
