import RTMP
import Restream

extension Settings {
    /// A show's own source is not to come back into it.
    static func readRestream(
        _ item: inout SettingsReader, of show: Show
    ) throws(SettingsFault) -> [RelayTarget] {
        let targets =
            try item.list("restream") { (entry) throws(SettingsFault) in try readTarget(&entry) } ?? []
        guard targets.count <= 8, Set(targets.map(\.name)).count == targets.count else {
            throw .bad(
                "restream", read: "\(targets.count) targets", allowed: "at most 8, each name once")
        }
        let own = [show.streamKey, show.backupKey].compactMap { $0 }
        guard !targets.contains(where: { own.contains($0.address.key) }) else {
            throw .bad("restream", read: "the show's own stream key", allowed: "keys of other services")
        }
        return targets
    }

    private static func readTarget(_ entry: inout SettingsReader) throws(SettingsFault) -> RelayTarget {
        let text = try entry.text("url") ?? ""
        guard text.utf8.count <= 1000, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let address = RTMPAddress(text)
        else {
            // Never repeated: the key in it is a secret.
            throw .bad(
                "url", read: "\(text.utf8.count) bytes",
                allowed: "rtmp://HOST[:PORT]/APP/KEY or rtmps://HOST[:PORT]/APP/KEY")
        }
        let name = try entry.text("name") ?? address.host
        guard (1...60).contains(name.count), !name.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw .bad("name", read: "\(name.count) characters", allowed: "1 to 60 characters")
        }
        let certificate = try entry.text("certificate")
        guard certificate == nil || address.isSecure else {
            throw .bad("certificate", read: "a file", allowed: "nothing: the url is not rtmps")
        }
        return RelayTarget(name: name, address: address, certificate: certificate)
    }
}
