/// What was translated of late. Bound: `most` entries, of texts that are bounded themselves; policy: what was not asked
/// for while half as many came is forgotten. A lookup costs two hashes at most.
struct RenderingCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let most: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    init(most: Int) {
        self.most = most
    }

    var count: Int { young.count + old.count }

    mutating func value(of key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    mutating func insert(_ value: Value, for key: Key) {
        old[key] = nil
        if young.count >= max(1, most / 2), young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
    }
}
