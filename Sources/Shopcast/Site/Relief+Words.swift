import Media
import Preflight

extension FeedDocument.Overload {
    init(_ relief: Relief, since: String) {
        level = relief.level
        levels = relief.levels
        lessEffort = relief.spares
        halved = relief.halved.map(\.text)
        shed = relief.shed.map(\.text)
        keyPicturesOnly = relief.showsKeyPicturesOnly
        self.since = since
    }
}

extension Relief {
    /// What a host is told: it is nothing that the host did, and it passes.
    func finding(since: MonotonicTime) -> Finding {
        Finding(
            code: .machineOverloaded, severity: severity,
            words: .init(
                "This machine is overloaded: \(consequence).",
                fix:
                    "Your stream is fine, and what is missing comes back by itself. If it happens often, send "
                    + "a smaller picture, or ask your operator for a faster machine.",
                values: ["names": names.map(\.text).joined(separator: ", "), "relief": kind]),
            since: since)
    }

    private var severity: Finding.Severity {
        if showsKeyPicturesOnly { return .error }
        return shed.isEmpty && halved.isEmpty ? .info : .warning
    }

    /// What is worst, in a word, and the renditions that it is about.
    private var kind: String {
        if showsKeyPicturesOnly { return "keys" }
        return shed.isEmpty ? halved.isEmpty ? "coarse" : "halved" : "off"
    }

    private var names: [RenditionName] {
        if showsKeyPicturesOnly { return [] }
        return shed.isEmpty ? halved : shed
    }

    private var consequence: String {
        let list = Relief.list(names)
        let isOne = names.count == 1
        return switch kind {
        case "keys": "viewers of small pictures see one every few seconds, with full sound"
        case "off": "\(list) \(isOne ? "is" : "are") switched off for now"
        case "halved": "\(list) \(isOne ? "moves" : "move") less smoothly for now"
        default: "the pictures that it makes look a little coarser for now"
        }
    }

    private static func list(_ names: [RenditionName]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first?.text ?? "" }
        return names.dropLast().map(\.text).joined(separator: ", ") + " and " + last.text
    }
}
