import Yams

/// Which settings differ between two texts of the settings file: names only, since some values are secrets.
package struct SettingsDifference: Hashable, Sendable {
    /// Taken up while the server runs.
    package let live: [String]
    /// Wait for a restart.
    package let resting: [String]

    package var isEmpty: Bool { live.isEmpty && resting.isEmpty }

    /// What can change while the server runs: a key, or all keys below it.
    package static let changeable = [
        "log.level", "limits.connections", "limits.feeds", "limits.feedsPerAddress", "metrics.public",
        "http.publicURL", "http.trustedProxies", "http.forwardedField",
        "audience.beatsPerAddress", "protection.secrets",
    ]

    /// `environment` is what goes over both: a key that it sets does not differ.
    package init(from old: String, to new: String, environment: [String: String]) {
        let (old, new) = (SettingsDifference.values(old), SettingsDifference.values(new))
        let keys = Set(old.keys).union(new.keys).filter { key in
            old[key] != new[key] && environment[SettingsReader.variable(for: key)] == nil
        }
        let isLive: (String) -> Bool = { key in
            SettingsDifference.changeable.contains { key == $0 || key.hasPrefix($0 + ".") }
        }
        live = keys.filter(isLive).sorted()
        resting = keys.filter { !isLive($0) }.sorted()
    }

    /// Every value by its key; shows by their id, other lists whole.
    private static func values(_ yaml: String) -> [String: String] {
        guard case .mapping(let root)? = (try? Yams.compose(yaml: yaml)) ?? nil else { return [:] }
        var values: [String: String] = [:]
        collect(root, prefix: "", into: &values)
        return values
    }

    private static func collect(_ mapping: Node.Mapping, prefix: String, into values: inout [String: String])
    {
        for (key, value) in mapping {
            let name = prefix + (key.string ?? "?")
            switch value {
            case .mapping(let inner): collect(inner, prefix: name + ".", into: &values)
            case .sequence(let items) where name == "shows":
                for case .mapping(let show) in items {
                    let id = show[Node("id")]?.string ?? "?"
                    collect(show, prefix: "shows[\(id)].", into: &values)
                }
            default: values[name] = text(value)
            }
        }
    }

    private static func text(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): "=" + scalar.string
        case .sequence(let items): "[" + items.map(text).joined(separator: "\u{0}") + "]"
        case .mapping(let mapping):
            "{" + mapping.map { text($0.key) + "\u{0}" + text($0.value) }.sorted().joined(separator: "\u{0}")
                + "}"
        case .alias: "*"
        }
    }
}
