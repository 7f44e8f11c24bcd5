/// Tokens whose signatures were found right, so that the next request with one costs a look-up.
///
/// Bound: `limit` tokens in two halves. A token that is asked for moves to the young half; when that is full, the old
/// half is forgotten and the young one grows old, so what is in use stays.
struct RecentPasses: Sendable {
    let limit: Int
    private var young: [String: PlaybackPass] = [:]
    private var old: [String: PlaybackPass] = [:]
    /// Tokens that were forgotten for want of room.
    private(set) var forgotten = 0

    init(limit: Int) {
        self.limit = max(2, limit)
    }

    var count: Int { young.count + old.count }

    mutating func pass(of token: String) -> PlaybackPass? {
        if let pass = young[token] { return pass }
        guard let pass = old.removeValue(forKey: token) else { return nil }
        remember(pass, of: token)
        return pass
    }

    mutating func remember(_ pass: PlaybackPass, of token: String) {
        if young.count >= limit / 2 {
            forgotten += old.count
            old = young
            young = [:]
        }
        young[token] = pass
    }

    mutating func forgetAll() {
        young = [:]
        old = [:]
    }
}
