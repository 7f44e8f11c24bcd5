import Foundation

/// Whether a message leads elsewhere: addresses as they are typed, and as they are disguised. Pure.
package enum LinkSpotter {
    /// Endings that are domains more often than the beginning of a sentence after a forgotten space.
    private static let endings: Set<Substring> = [
        "com", "net", "org", "info", "biz", "shop", "store", "online", "site", "xyz", "top", "club", "vip",
        "live", "app", "dev", "link", "click", "page", "blog", "icu", "cyou", "buzz", "work", "world",
        "today",
        "io", "me", "tv", "cc", "gg", "ly", "co", "us", "uk", "de", "fr", "es", "it", "pt", "br", "mx", "ar",
        "cl", "pe", "id", "my", "sg", "th", "vn", "ph", "jp", "kr", "cn", "hk", "tw", "in", "ru", "ua", "pl",
        "nl", "be", "ch", "at", "eu", "tr", "ae", "sa", "eg", "au", "nz", "ca",
    ]

    package static func hasLink(_ text: String) -> Bool {
        var plain = text.precomposedStringWithCompatibilityMapping.lowercased()
        // Most messages end here: an address has a dot, or the word.
        guard
            plain.utf8.contains(UInt8(ascii: ".")) || plain.contains("。") || plain.contains("dot")
                || plain.contains("://")
        else { return false }
        if plain.contains("://") || plain.contains("www.") { return true }
        // example[.]com, example(dot)com, example dot com
        for (disguise, dot) in [("[.]", "."), ("(.)", "."), ("[dot]", "."), ("(dot)", "."), (" dot ", ".")] {
            plain = plain.replacing(disguise, with: dot)
        }
        plain = plain.replacing("。", with: ".")
        return plain.split(whereSeparator: { $0.isWhitespace }).contains(where: isAddress)
    }

    /// `shop.example.com`, `t.me/…`, `ada@example.com`, `93.184.216.34`.
    private static func isAddress(_ word: Substring) -> Bool {
        let host = word.prefix { !"/?#:".contains($0) }.split(separator: "@").last ?? ""
        let hasPath = word.dropFirst(host.count).contains("/")
        let trimmed = host.drop { !$0.isLetter && !$0.isNumber }
        let labels = trimmed.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2 else { return false }
        // A sentence's own signs behind it.
        let last = labels[labels.count - 1].prefix { $0.isLetter || $0.isNumber || $0 == "-" }
        let inner = labels.dropLast()
        guard inner.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } })
        else { return false }
        if labels.count == 4, labels.allSatisfy({ Int($0).map { (0...255).contains($0) } ?? false }) {
            return true
        }
        guard last.allSatisfy(\.isLetter), last.count >= 2 else { return last.hasPrefix("xn--") }
        if endings.contains(last) { return inner.contains { $0.contains(where: \.isLetter) } }
        return hasPath && last.count <= 6 && inner.contains { $0.contains(where: \.isLetter) }
    }
}
