// Reading what protects shows: `protection:` at the top, and `protect:` of each show.

extension Settings {
    mutating func readPlayback(_ reader: inout SettingsReader) throws(SettingsFault) {
        playback.secrets =
            try reader.list("protection.secrets") { (item) throws(SettingsFault) in
                let kid = try item.text("kid") ?? ""
                guard (1...64).contains(kid.utf8.count), kid.utf8.allSatisfy(Settings.isPlain) else {
                    throw SettingsFault.bad(
                        "kid", read: kid, allowed: "1 to 64 of letters, digits, '-', '_' and '.'")
                }
                // Never repeated in a message: it is a secret.
                let secret = try item.text("secret") ?? ""
                guard (32...256).contains(secret.utf8.count),
                    secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"\\".utf8.contains($0) })
                else {
                    throw SettingsFault.bad(
                        "secret", read: "\(secret.utf8.count) bytes",
                        allowed: "32 to 256 ASCII characters without spaces, quotes and \\")
                }
                return Playback.Secret(kid: kid, secret: secret)
            } ?? []
        playback.jwks = try reader.text("protection.jwks")
        if let secret = try reader.text("protection.edgeSecret") {
            guard (16...256).contains(secret.utf8.count),
                secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"\\".utf8.contains($0) })
            else {
                throw .bad(
                    "protection.edgeSecret", read: "\(secret.utf8.count) bytes",
                    allowed: "16 to 256 ASCII characters without spaces, quotes and \\")
            }
            playback.edgeSecret = secret
        }
        if let field = try reader.text("protection.countryField") {
            guard (1...64).contains(field.utf8.count), field.utf8.allSatisfy(Settings.isPlain) else {
                throw .bad("protection.countryField", read: field, allowed: "the name of a header field")
            }
            playback.countryField = field.lowercased()
        }
    }

    static func readProtect(_ item: inout SettingsReader) throws(SettingsFault) -> Protect {
        var protect = Protect()
        protect.tokens = try item.flag("protect.tokens") ?? protect.tokens
        protect.encrypt = try item.choice("protect.encrypt", Protect.Encryption.self) ?? protect.encrypt
        protect.keyMinutes = try item.whole("protect.keyMinutes", 1...1440) ?? protect.keyMinutes
        if protect.encrypt != .none, !protect.tokens {
            throw .bad(
                "protect.encrypt", read: protect.encrypt.rawValue,
                allowed: "only together with protect.tokens, or the keys would be open to everybody")
        }
        return protect
    }

    /// A show that nobody could ever be let into is a slip.
    func refuseKeyless() throws(SettingsFault) {
        guard playback.secrets.isEmpty, playback.jwks == nil,
            let show = shows.first(where: \.protect.tokens)
        else { return }
        throw SettingsFault(
            "show '\(show.id)' is protected, but there are no keys: set protection.secrets or protection.jwks"
        )
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
