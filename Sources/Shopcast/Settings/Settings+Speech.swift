import Captioning
import Outbound

// Who hears what shows say, and what that may cost.

extension Settings {
    mutating func readSpeech(_ reader: inout SettingsReader) throws(SettingsFault) {
        speech.isOn = try reader.flag("speech.enabled") ?? speech.isOn
        speech.engine = try reader.choice("speech.engine", Speech.Engine.self) ?? speech.engine
        speech.shows = try reader.whole("speech.shows", 1...100) ?? speech.shows
        speech.program = try reader.text("speech.program")
        speech.folder = try reader.text("speech.folder")
        speech.sidecar = try reader.texts("speech.sidecar")
        if let sidecar = speech.sidecar, sidecar.isEmpty || sidecar.contains(where: \.isEmpty) {
            throw .bad("speech.sidecar", read: "nothing", allowed: "a program and its arguments")
        }
        speech.python = try reader.text("speech.python")
        speech.model = try reader.text("speech.model")
        speech.profanity =
            try reader.choice("speech.profanity", SpokenText.Profanity.self) ?? speech.profanity
        speech.remoteDeadline =
            try reader.whole("speech.remoteDeadlineSeconds", 1...60) ?? speech.remoteDeadline
        if let minutes = try reader.whole("speech.paidMinutesPerShow", 0...100_000) {
            speech.paidPerShow = minutes * 60
        }
        if let minutes = try reader.whole("speech.paidMinutesPerDay", 0...1_000_000) {
            speech.paidPerDay = minutes * 60
        }
        speech.remote = try Settings.readSpeechRemote(&reader)
        if speech.engine == .remote, speech.remote == nil {
            throw .bad("speech.remote.url", read: "nothing", allowed: "the address of a speech service")
        }
    }

    private static func readSpeechRemote(
        _ reader: inout SettingsReader
    ) throws(SettingsFault) -> Speech.Remote? {
        let url = try reader.text("speech.remote.url")
        let key = try reader.text("speech.remote.key")
        let shape = try reader.choice("speech.remote.shape", Speech.Remote.Shape.self) ?? .transcriptions
        let model =
            try reader.text("speech.remote.model") ?? (shape == .listen ? "nova-3" : "whisper-1")
        let isPaid = try reader.flag("speech.remote.paid") ?? true
        guard let url else { return nil }
        do {
            _ = try WebTarget(url)
        } catch {
            throw .bad("speech.remote.url", read: url, allowed: "an http or https address: \(error)")
        }
        // Never repeated: it is a secret.
        if let key,
            !(1...300).contains(key.utf8.count) || !key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        {
            throw .bad(
                "speech.remote.key", read: "\(key.utf8.count) bytes",
                allowed: "1 to 300 ASCII characters without spaces")
        }
        guard (1...100).contains(model.count), !model.contains(where: \.isNewline) else {
            throw .bad("speech.remote.model", read: model, allowed: "1 to 100 characters")
        }
        return Speech.Remote(shape: shape, url: url, key: key, model: model, isPaid: isPaid)
    }
}
