import Glibc
package import Media

/// Whose guesses are counted together: one IPv4 address, or the 64 bits of an IPv6 address that one customer is given
/// whole, and could guess from a different address each time.
package struct GuessingPlace: Hashable, Sendable {
    private let text: String

    /// Takes an address as the system prints it; what is none stands for itself.
    package init(_ address: String) {
        let bare = String(address.prefix { $0 != "%" })
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, bare, &bytes) == 1 else {
            text = bare
            return
        }
        // IPv4 written as IPv6, which a socket for both shows.
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            text = bytes[12...].map(String.init).joined(separator: ".")
        } else {
            text = bytes[..<8].map { String($0, radix: 16) }.joined(separator: ":") + "/64"
        }
    }
}

/// Wrong keys by place: twenty are free, then one every three seconds. The same wrong key again is no guess: an encoder
/// that was left with an old key must not lock its neighbours out. Pure.
package struct KeyGuesses: Sendable {
    private struct Record {
        /// When the place would be as good as new.
        var cleanAt: MonotonicTime
        /// Hashes of the newest wrong keys.
        var keys: [Int] = []
    }

    private static let keysKept = 4

    private let free: Int
    private let pace: Duration
    private let most: Int
    private var records: [GuessingPlace: Record] = [:]

    package init(free: Int = 20, pace: Duration = .seconds(3), most: Int = 10_000) {
        self.free = free
        self.pace = pace
        self.most = max(1, most)
    }

    package var count: Int { records.count }

    /// How long this place has to wait; nil where it need not.
    package func wait(for place: GuessingPlace, at now: MonotonicTime) -> Duration? {
        guard let clean = records[place]?.cleanAt else { return nil }
        let wait = (clean - now) - pace * (free - 1)
        return wait > .zero ? wait : nil
    }

    /// `key` is a hash of the wrong key.
    package mutating func failed(_ place: GuessingPlace, key: Int, at now: MonotonicTime) {
        if records[place]?.keys.contains(key) == true { return }
        if records[place] == nil, records.count >= most {
            records = records.filter { $0.value.cleanAt > now }
            if records.count >= most,
                let first = records.min(by: { $0.value.cleanAt < $1.value.cleanAt })?.key
            {
                records[first] = nil
            }
        }
        var record = records[place] ?? Record(cleanAt: now)
        record.cleanAt = max(record.cleanAt, now) + pace
        record.keys = record.keys.suffix(Self.keysKept - 1) + [key]
        records[place] = record
    }
}
