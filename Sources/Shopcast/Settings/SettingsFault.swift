/// Why the settings cannot be used: one sentence with the key, what was read and what is allowed.
package struct SettingsFault: Error, CustomStringConvertible, Hashable {
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    static func bad(_ key: String, read: String, allowed: String) -> SettingsFault {
        SettingsFault("setting '\(key)': read '\(read)', allowed is \(allowed)")
    }
}
