import Hooks
import Outbound

// What leaves the server: where it may go, and how webhooks are told.

extension Settings {
    mutating func readOutbound(_ reader: inout SettingsReader) throws(SettingsFault) {
        outbound.agent = "Shopcast/\(shopcastVersion)"
        var entries: [AddressPolicy.Entry] = []
        for (index, text) in (try reader.texts("outbound.allow") ?? []).enumerated() {
            guard let entry = AddressPolicy.Entry(text) else {
                throw .bad(
                    "outbound.allow[\(index)]", read: text,
                    allowed: "a host name, an address, or a block such as 10.0.0.0/8")
            }
            entries.append(entry)
            outboundAllowed.append(text)
        }
        outbound.policy = AddressPolicy(allow: entries)
        outbound.trust = try reader.text("outbound.certificates")
        outbound.requests = try reader.whole("outbound.requests", 16...10_000) ?? outbound.requests
        if let seconds = try reader.whole("webhooks.deadlineSeconds", 1...60) {
            webhooks.deadline = .seconds(seconds)
        }
        webhooks.backoff.attempts =
            try reader.whole("webhooks.attempts", 1...20) ?? webhooks.backoff.attempts
        webhooks.parallel = try reader.whole("webhooks.parallel", 2...256) ?? webhooks.parallel
        webhooks.waitingLimit =
            try reader.whole("webhooks.waiting", 100...1_000_000) ?? webhooks.waitingLimit
        if let days = try reader.whole("webhooks.keepDays", 1...365) {
            webhooks.keepDead = Double(days) * 86_400
        }
    }
}
