/// An address with a token in it, `/live/SHOW/t/TOKEN/…`, taken apart: the token, and the address without it.
///
/// The token is a segment of the path, so that the relative addresses in playlists carry it on to every rendition,
/// part and init section, and a cache can take it out and keep one copy for all viewers.
package struct TokenPath: Hashable, Sendable {
    /// At most `longest` bytes and one: what is longer is no token of ours, and need not be kept to be refused.
    package let token: String
    /// The address without the token.
    package let rest: [UInt8]

    private static let longest = 1024

    /// Nil where there is no token in the address.
    package init?(_ target: Span<UInt8>) {
        let end = target.prefix(before: UInt8(ascii: "?"))
        guard target.starts(with: "/live/") || target.starts(with: "/replay/") else { return nil }
        // Slashes: before the house's word, before the show, before `t`, before and after the token.
        var slashes: [Int] = []
        var at = 0
        while at < end, slashes.count < 5 {
            if target[at] == UInt8(ascii: "/") { slashes.append(at) }
            at += 1
        }
        guard slashes.count == 5, slashes[3] == slashes[2] + 2, target[slashes[2] + 1] == UInt8(ascii: "t")
        else {
            return nil
        }
        let text = slashes[3] + 1..<slashes[4]
        token = target.text(text.lowerBound..<min(text.upperBound, text.lowerBound + TokenPath.longest + 1))
        var rest: [UInt8] = []
        rest.reserveCapacity(target.count - text.count)
        for place in 0..<slashes[2] { rest.append(target[place]) }
        for place in slashes[4]..<target.count { rest.append(target[place]) }
        self.rest = rest
    }

    /// The `cap` that a query gives, as a cache in front writes it; the smallest of several, nil where there is none.
    static func cap(in target: Span<UInt8>) -> Int? {
        var smallest: Int?
        var at = target.prefix(before: UInt8(ascii: "?")) + 1
        while at < target.count {
            var end = at
            while end < target.count, target[end] != UInt8(ascii: "&") { end += 1 }
            if end - at > 4, target.matches(at..<at + 4, "cap="), let cap = target.decimal(at + 4..<end),
                cap <= 100_000
            {
                smallest = min(smallest ?? .max, Int(cap))
            }
            at = end + 1
        }
        return smallest
    }
}
