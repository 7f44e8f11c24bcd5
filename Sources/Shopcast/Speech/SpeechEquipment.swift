import Foundation
import Hearing
import Media

/// Which engines are here.
struct SpeechEquipment {
    private let settings: Settings.Speech

    init(_ settings: Settings.Speech) { self.settings = settings }

    private static let moonshine = [
        "libmoonshine.so", "tiny-en/encoder_model.ort", "tiny-en/decoder_model_merged.ort",
        "tiny-en/tokenizer.bin",
    ]

    /// Nil where Moonshine is not there.
    var folder: String? {
        let folder = settings.folder ?? Checkout.cached("speech/moonshine-0.0.73")
        return folder.flatMap { folder in
            SpeechEquipment.moonshine.allSatisfy {
                FileManager.default.isReadableFile(atPath: "\(folder)/\($0)")
            } ? folder : nil
        }
    }

    var hasPocketSphinx: Bool {
        FileManager.default.fileExists(atPath: "/usr/share/pocketsphinx/model/en-us/en-us/mdef")
    }

    /// Nil where there is none.
    var sidecar: [String]? {
        if let own = settings.sidecar { return own }
        guard let python = settings.python ?? Checkout.cached("speech/whisper/bin/python"),
            let model = settings.model ?? Checkout.cached("speech/whisper/model"),
            let script = Checkout.file("Deploy/whisper_lines.py"),
            FileManager.default.isReadableFile(atPath: "\(model)/model.bin")
        else { return nil }
        return [python, "-E", "-s", script, model]
    }

    private var remote: HearingOrder.Engine {
        settings.remote?.shape == .listen ? .listening : .transcriptions
    }

    func engine(for language: LanguageTag) -> Result<HearingOrder.Engine, SpeechBureau.Refusal> {
        let isEnglish = language.primary == "en"
        func no(_ reason: String) -> Result<HearingOrder.Engine, SpeechBureau.Refusal> {
            .failure(.init(description: reason))
        }
        switch settings.engine {
        case .moonshine:
            guard isEnglish else { return no("Moonshine understands English only: set speech.engine") }
            return folder == nil ? no("Moonshine is not installed: run Deploy/speech") : .success(.moonshine)
        case .pocketsphinx:
            guard isEnglish else { return no("PocketSphinx understands English only: set speech.engine") }
            return hasPocketSphinx
                ? .success(.pocketsphinx)
                : no("PocketSphinx is not installed: run Deploy/speech --pocketsphinx")
        case .sidecar:
            return sidecar == nil
                ? no("there is no sidecar: run Deploy/speech --whisper, or set speech.sidecar")
                : .success(.sidecar)
        case .remote: return .success(remote)
        case .auto:
            if isEnglish, folder != nil { return .success(.moonshine) }
            if sidecar != nil { return .success(.sidecar) }
            if settings.remote != nil { return .success(remote) }
            if isEnglish, hasPocketSphinx { return .success(.pocketsphinx) }
            return no(
                isEnglish
                    ? "no speech recogniser is installed: run Deploy/speech"
                    : "no recogniser for \(language) is installed: run Deploy/speech --whisper, or set speech.remote"
            )
        }
    }
}
