package import Hearing
import Media

/// Makes what an order asks for.
package enum SpeechEngines {
    /// Throws where it is not there, or does not know the language.
    package static func make(_ order: HearingOrder) throws(SpeechFault) -> any SpeechEngine {
        let language = LanguageTag(order.language)?.primary ?? ""
        switch order.engine {
        case .moonshine:
            guard language == "en" else { throw unspoken(order) }
            guard let folder = order.folder else { throw SpeechFault("Moonshine has no folder") }
            return try MoonshineEngine(folder: folder)
        case .pocketsphinx:
            guard language == "en" else { throw unspoken(order) }
            return try PocketSphinxEngine()
        case .sidecar:
            guard let program = order.program, !program.isEmpty else {
                throw SpeechFault("the sidecar has no program")
            }
            let engine = SidecarEngine(program: program, language: language, hints: order.hints)
            try engine.warm()
            return engine
        case .transcriptions:
            guard let remote = order.remote else { throw SpeechFault("the service has no address") }
            return try RemoteTranscriber(remote, language: language, hints: order.hints)
        case .listening:
            guard let remote = order.remote else { throw SpeechFault("the service has no address") }
            return try StreamingTranscriber(remote, language: order.language, hints: order.hints)
        }
    }

    private static func unspoken(_ order: HearingOrder) -> SpeechFault {
        SpeechFault(
            "\(order.engine.rawValue) understands English only, not \(order.language): set another engine under 'speech'"
        )
    }
}
