import Outbound
import Translation

// Who translates, how long that may take, and what it may cost.

extension Settings {
    mutating func readTranslation(_ reader: inout SettingsReader) throws(SettingsFault) {
        translation.isOn = try reader.flag("translation.enabled") ?? translation.isOn
        if let milliseconds = try reader.whole("translation.deadlineMilliseconds", 200...10_000) {
            translation.rules.deadline = .milliseconds(milliseconds)
        }
        translation.rules.cacheEntries =
            try reader.whole("translation.cacheEntries", 0...1_000_000) ?? translation.rules.cacheEntries
        translation.rules.waitingAtMost =
            try reader.whole("translation.waiting", 1...100_000) ?? translation.rules.waitingAtMost
        translation.rules.paidPerShow =
            try reader.whole("translation.paidCharactersPerShow", 0...1_000_000_000)
            ?? translation.rules.paidPerShow
        translation.rules.paidPerDay =
            try reader.whole("translation.paidCharactersPerDay", 0...1_000_000_000)
            ?? translation.rules.paidPerDay
        if let milliseconds = try reader.whole("translation.remoteDeadlineMilliseconds", 100...9_000) {
            translation.remoteDeadline = .milliseconds(milliseconds)
        }
        translation.apertium = try reader.flag("translation.apertium") ?? translation.apertium
        translation.python = try reader.text("translation.python")
        let remotes = try reader.list("translation.remotes") { (item) throws(SettingsFault) in
            try Settings.readRemote(&item)
        }
        translation.remotes = remotes ?? []
        guard translation.remotes.count <= 4 else {
            throw .bad(
                "translation.remotes", read: "\(translation.remotes.count) engines", allowed: "at most 4")
        }
    }

    private static func readRemote(_ item: inout SettingsReader) throws(SettingsFault) -> Translation.Remote {
        guard let kind = try item.choice("kind", Translation.Remote.Kind.self) else {
            throw .bad("kind", read: "nothing", allowed: "deepl or libretranslate")
        }
        let remote = Translation.Remote(
            kind: kind, url: try item.text("url"), key: try item.text("key"),
            isPaid: try item.flag("paid") ?? true)
        guard kind != .deepl || remote.key != nil else {
            throw .bad("key", read: "nothing", allowed: "DeepL's key")
        }
        guard kind != .libretranslate || remote.url != nil else {
            throw .bad("url", read: "nothing", allowed: "the address of a LibreTranslate server")
        }
        // Never repeated: it is a secret.
        if let key = remote.key,
            !(1...200).contains(key.utf8.count) || !key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        {
            throw .bad(
                "key", read: "\(key.utf8.count) bytes", allowed: "1 to 200 ASCII characters without spaces")
        }
        do {
            _ = try remote.dialect()
        } catch {
            throw .bad("url", read: remote.url ?? "nothing", allowed: "an http or https address: \(error)")
        }
        return remote
    }
}

extension Settings.Translation.Remote {
    /// Throws in words for the operator.
    func dialect() throws(SettingsFault) -> any RemoteDialect {
        do {
            switch kind {
            case .deepl:
                guard let key else { throw SettingsFault("DeepL needs a key") }
                return try DeepL(address: url, key: key)
            case .libretranslate:
                guard let url else { throw SettingsFault("LibreTranslate needs its url") }
                return try LibreTranslate(address: url, key: key)
            }
        } catch let fault as SettingsFault {
            throw fault
        } catch {
            throw SettingsFault("\(error)")
        }
    }
}
