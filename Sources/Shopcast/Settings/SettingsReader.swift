import Yams

/// Reads typed values out of the settings tree (YAML, with the environment laid over it) and remembers which keys
/// were asked for, so that the ones nobody knows can be named.
struct SettingsReader {
    private let root: Node.Mapping
    private let environment: [String: String]
    private var known: Set<String> = []
    private var knownVariables: Set<String> = []

    /// Throws `SettingsFault` where the text is not YAML, or not a mapping at its top.
    init(yaml: String, environment: [String: String]) throws(SettingsFault) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: yaml)
        } catch {
            throw SettingsFault("the settings file is not valid YAML: \(error)")
        }
        switch node {
        case nil: root = Node.Mapping([])
        case .mapping(let mapping): root = mapping
        case .scalar(let scalar) where scalar.string.isEmpty: root = Node.Mapping([])
        default: throw SettingsFault("the settings file must hold keys and values at its top")
        }
        self.environment = environment
    }

    /// `SHOPCAST_HTTP_PORT` for `http.port`; `SHOPCAST_LADDER_MAXIMUM_FRAME_RATE` for `ladder.maximumFrameRate`;
    /// `SHOPCAST_HTTP_PUBLIC_URL` for `http.publicURL`.
    static func variable(for key: String) -> String {
        var name = "SHOPCAST_"
        var wasCapital = false
        for character in key {
            defer { wasCapital = character.isUppercase }
            if character == "." {
                name += "_"
            } else if character.isUppercase, !wasCapital {
                name += "_\(character)"
            } else {
                name += character.uppercased()
            }
        }
        return name
    }

    /// The node of a key: from the environment where it is set there (read as YAML, so lists work too).
    mutating func node(_ key: String) throws(SettingsFault) -> Node? {
        known.insert(key)
        let variable = SettingsReader.variable(for: key)
        knownVariables.insert(variable)
        if let text = environment[variable] {
            do {
                return try Yams.compose(yaml: text)
            } catch {
                throw .bad(variable, read: text, allowed: "a YAML value")
            }
        }
        var node = Node.mapping(root)
        for step in key.split(separator: ".") {
            guard case .mapping(let mapping) = node, let next = mapping[Node(String(step))] else {
                return nil
            }
            node = next
        }
        if case .scalar(let scalar) = node, scalar.string.isEmpty || node.null != nil { return nil }
        return node
    }

    mutating func text(_ key: String) throws(SettingsFault) -> String? {
        guard let node = try node(key) else { return nil }
        guard case .scalar(let scalar) = node else {
            throw .bad(key, read: "a list or mapping", allowed: "one text")
        }
        return scalar.string
    }

    /// A list of texts.
    mutating func texts(_ key: String) throws(SettingsFault) -> [String]? {
        guard let node = try node(key) else { return nil }
        guard case .sequence(let sequence) = node else { throw .bad(key, read: "no list", allowed: "a list") }
        var texts: [String] = []
        for item in sequence {
            guard case .scalar(let scalar) = item else {
                throw .bad(key, read: "a list or mapping", allowed: "a list of texts")
            }
            texts.append(scalar.string)
        }
        return texts
    }

    mutating func whole(_ key: String, _ range: ClosedRange<Int>) throws(SettingsFault) -> Int? {
        guard let text = try text(key) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw .bad(
                key, read: text, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    mutating func number(_ key: String, _ range: ClosedRange<Double>) throws(SettingsFault) -> Double? {
        guard let text = try text(key) else { return nil }
        guard let value = Double(text), range.contains(value) else {
            throw .bad(key, read: text, allowed: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    mutating func flag(_ key: String) throws(SettingsFault) -> Bool? {
        guard let text = try text(key) else { return nil }
        switch text {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: throw .bad(key, read: text, allowed: "true or false")
        }
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Value.Type
    ) throws(SettingsFault) -> Value? where Value.RawValue == String {
        guard let text = try text(key) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw .bad(key, read: text, allowed: Value.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return value
    }

    /// A list of mappings; each is handed on as a reader of its own whose keys must all be known.
    mutating func list<Value>(
        _ key: String, _ read: (inout SettingsReader) throws(SettingsFault) -> Value
    ) throws(SettingsFault) -> [Value]? {
        guard let node = try node(key) else { return nil }
        guard case .sequence(let sequence) = node else { throw .bad(key, read: "no list", allowed: "a list") }
        var values: [Value] = []
        for (index, item) in sequence.enumerated() {
            guard case .mapping(let mapping) = item else {
                throw .bad("\(key)[\(index)]", read: "no mapping", allowed: "keys and values")
            }
            var reader = SettingsReader(item: mapping)
            do {
                values.append(try read(&reader))
                try reader.refuseUnknown()
            } catch {
                throw SettingsFault("\(key)[\(index)]: \(error)")
            }
        }
        return values
    }

    /// Keys and texts.
    mutating func table(_ key: String) throws(SettingsFault) -> [String: String]? {
        guard let node = try node(key) else { return nil }
        guard case .mapping(let mapping) = node else {
            throw .bad(key, read: "no mapping", allowed: "keys and values")
        }
        var table: [String: String] = [:]
        for (name, value) in mapping {
            guard case .scalar(let name) = name, case .scalar(let value) = value else {
                throw .bad(key, read: "a list or mapping in it", allowed: "keys and texts")
            }
            table[name.string] = value.string
        }
        return table
    }

    private init(item: Node.Mapping) {
        root = item
        environment = [:]
    }

    /// Throws for the first key in the file that no `read` asked for.
    func refuseUnknown() throws(SettingsFault) {
        for key in SettingsReader.leaves(of: root, prefix: "") where !isKnown(key) && !isEmptySection(key) {
            let near = known.min { SettingsReader.distance($0, key) < SettingsReader.distance($1, key) }
            let hint =
                near.map { SettingsReader.distance($0, key) <= 3 ? "; did you mean '\($0)'?" : "" } ?? ""
            throw SettingsFault("unknown setting '\(key)'\(hint)")
        }
    }

    /// Variables that look like ours but belong to no key: told in the log, not refused, since container platforms
    /// invent names of this shape.
    func strangeVariables() -> [String] {
        environment.keys.filter { $0.hasPrefix("SHOPCAST_") && !knownVariables.contains($0) }.sorted()
    }

    private func isKnown(_ key: String) -> Bool {
        known.contains(key) || known.contains { key.hasPrefix($0 + ".") }
    }

    /// `web:` with every key below it commented out.
    private func isEmptySection(_ key: String) -> Bool {
        guard case .scalar(let scalar)? = root[Node(key)],
            scalar.string.isEmpty || root[Node(key)]?.null != nil
        else {
            return false
        }
        return known.contains { $0.hasPrefix(key + ".") }
    }

    private static func leaves(of mapping: Node.Mapping, prefix: String) -> [String] {
        var keys: [String] = []
        for (key, value) in mapping {
            let path = prefix + (key.string ?? "?")
            if case .mapping(let inner) = value {
                keys += inner.isEmpty ? [] : leaves(of: inner, prefix: path + ".")
            } else {
                keys.append(path)
            }
        }
        return keys
    }

    /// Edit distance, for "did you mean".
    private static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a), Array(b))
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
