import Media

/// Lets hosts in over HTTP by the stream key of their show.
struct HostDesk: Sendable {
    enum Verdict: Hashable, Sendable {
        case welcome
        /// No key, or a wrong one.
        case unknown
        /// Too many wrong keys from this address: not looked at for so long.
        case later(seconds: Int)
    }

    let warden: KeyWarden

    /// `field` is the Authorization field as it came; `admits` compares in constant time.
    func verdict(
        on field: String?, from address: String, at now: MonotonicTime, admits: (String) -> Bool
    ) -> Verdict {
        if let seconds = warden.delay(of: address, at: now) { return .later(seconds: seconds) }
        let key = HostDesk.bearer(field)
        if let key, admits(key) { return .welcome }
        warden.refused(key, from: address, at: now)
        return .unknown
    }

    /// `KEY` of `Bearer KEY`; nil where it is anything else, or longer than any key.
    static func bearer(_ field: String?) -> String? {
        guard let field, field.utf8.count <= 300 else { return nil }
        let words = field.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }
}
