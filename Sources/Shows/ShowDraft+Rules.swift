import Foundation
import Media
package import People

extension ShowDraft {
    private static let longest = (title: 200, description: 5000, tag: 40)

    /// Every fault at once; empty where it may be stored.
    package func validate() -> [FieldFault] {
        var faults: [FieldFault] = []
        func refuse(_ field: String, _ reason: String) { faults.append(FieldFault(field, reason)) }

        if titles.isEmpty { refuse("titles", "a title in at least one language is needed") }
        if titles.count > 40 { refuse("titles", "at most 40 languages are kept") }
        for (tag, title) in titles.sorted(by: { $0.key.text < $1.key.text })
        where !(1...Self.longest.title).contains(title.count) || title.contains(where: \.isControl)
            || title.allSatisfy(\.isWhitespace)
        {
            refuse("titles.\(tag)", "1 to \(Self.longest.title) characters in one line are needed")
        }
        if descriptions.count > 40 { refuse("descriptions", "at most 40 languages are kept") }
        for (tag, text) in descriptions.sorted(by: { $0.key.text < $1.key.text })
        where text.count > Self.longest.description
            || text.contains(where: { $0.isControl && !"\n\r\r\n\t".contains($0) })
        {
            refuse("descriptions.\(tag)", "at most \(Self.longest.description) characters are kept")
        }
        if hosts.count > 10 || Set(hosts).count != hosts.count {
            refuse("hosts", "at most 10, each once")
        }
        if let lengthMinutes, !(1...1440).contains(lengthMinutes) {
            refuse("lengthMinutes", "1 to 1440 minutes are allowed")
        }
        if let start, !(946_684_800_000...4_102_444_800_000).contains(start.unixMilliseconds) {
            refuse("start", "an instant from 2000 to 2100 is needed")
        }
        if let zone, !ShowDraft.isZone(zone) {
            refuse("zone", "the IANA name of a time zone such as Europe/Berlin is needed")
        }
        validateRecurrence(refuse)
        validateStream(refuse)
        faults += CaptionPlan.faults(in: captions ?? [])
        return faults
    }

    private func validateRecurrence(_ refuse: (String, String) -> Void) {
        guard let recurrence else { return }
        if !recurrence.weekly { refuse("recurrence.weekly", "only true is known; leave recurrence out") }
        if start == nil { refuse("start", "a weekly show needs its first start") }
        if zone == nil { refuse("zone", "a weekly show needs the time zone that it keeps to") }
        if let until = recurrence.until, let start, until < start {
            refuse("recurrence.until", "it must not be before the start")
        }
    }

    private func validateStream(_ refuse: (String, String) -> Void) {
        if tags.count > 10 || Set(tags).count != tags.count { refuse("tags", "at most 10, each once") }
        for (place, tag) in tags.enumerated()
        where !(1...Self.longest.tag).contains(tag.count)
            || tag.contains(where: { $0.isControl || $0 == "," })
        {
            refuse("tags.\(place)", "1 to \(Self.longest.tag) characters without commas are needed")
        }
        if let rungs,
            !(1...8).contains(rungs.count) || Set(rungs).count != rungs.count
                || !rungs.allSatisfy({ (64...4320).contains($0) && $0 % 2 == 0 })
        {
            refuse("rungs", "1 to 8 even numbers of pixels from 64 to 4320 are needed, each once")
        }
        if embedOrigins.count > 20 { refuse("embedOrigins", "at most 20 are kept") }
        for (place, origin) in embedOrigins.enumerated()
        where origin != "*" && !ShowDraft.isOrigin(origin) {
            refuse(
                "embedOrigins.\(place)",
                "an origin such as https://shop.example is needed, or '*' for everybody's pages")
        }
        if encrypt != .none, visibility != .token {
            refuse("encrypt", "only with visibility 'token', or the keys would be open to everybody")
        }
        if let srtPassphrase, !(10...79).contains(srtPassphrase.utf8.count) {
            // Never repeated: it is a secret.
            refuse("srtPassphrase", "10 to 79 bytes are needed")
        }
    }

    private static func isZone(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && (name.contains("/") || name == "UTC")
            && !name.contains("..") && !name.hasPrefix("/") && TimeZone(identifier: name) != nil
    }

    /// Scheme, host and perhaps a port, and nothing that would mean something in a header field.
    private static func isOrigin(_ text: String) -> Bool {
        let scheme = text.hasPrefix("https://") ? "https://" : "http://"
        guard text.hasPrefix(scheme), text.utf8.count <= 200 else { return false }
        let place = text.dropFirst(scheme.count).split(separator: ":", omittingEmptySubsequences: false)
        guard let host = place.first, !host.isEmpty, place.count <= 2 else { return false }
        if place.count == 2 {
            guard let port = Int(place[1]), (1...65535).contains(port), "\(port)" == place[1] else {
                return false
            }
        }
        return host.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}
