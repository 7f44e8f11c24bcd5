/// Common Media Client Data, version 1 (CTA-5004): what a player says of itself beside a media request.
///
/// Read strictly: what breaks the syntax, names a key twice, or has a value that the key cannot have is refused whole.
/// Keys of others (with a hyphen) and keys that version 1 does not know are passed over.
package struct CMCD: Hashable, Sendable {
    package enum ObjectType: String, Hashable, Sendable {
        case manifest = "m"
        case audio = "a"
        case video = "v"
        case muxed = "av"
        case initSection = "i"
        case caption = "c"
        case timedText = "tt"
        case key = "k"
        case other = "o"
    }

    package enum Format: String, Hashable, Sendable {
        case dash = "d"
        case hls = "h"
        case smooth = "s"
        case other = "o"
    }

    package enum StreamType: String, Hashable, Sendable {
        case onDemand = "v"
        case live = "l"
    }

    /// Why a text is not CMCD.
    package enum Fault: String, Error, Hashable, CaseIterable {
        case empty, tooLong, badEscape, badSyntax, badValue, twice, tooMany
        case otherVersion
    }

    /// kbit/s.
    package var encodedBitrate: Int?
    /// Milliseconds.
    package var bufferLength: Int?
    package var isStarved = false
    package var contentID: String?
    /// Milliseconds.
    package var objectDuration: Int?
    /// Milliseconds.
    package var deadline: Int?
    /// kbit/s.
    package var measuredThroughput: Int?
    package var objectType: ObjectType?
    package var playbackRate: Double?
    /// kbit/s.
    package var requestedThroughput: Int?
    package var format: Format?
    package var sessionID: String?
    package var streamType: StreamType?
    package var isStarting = false
    /// kbit/s.
    package var topBitrate: Int?

    /// Bytes of the data once decoded, and of a text that is percent-encoded.
    package static let bytesAtMost = 1024
    package static let encodedBytesAtMost = 3 * bytesAtMost
    private static let keysAtMost = 32

    /// What stands behind `CMCD=` in a query.
    package init(query: String) throws(Fault) {
        guard query.utf8.count <= CMCD.encodedBytesAtMost else { throw .tooLong }
        try self.init(bytes: CMCD.decoded(query))
    }

    /// The values of the four header fields, in any order, joined by commas.
    package init(fields: String) throws(Fault) {
        try self.init(bytes: Array(fields.utf8))
    }

    private init(bytes: [UInt8]) throws(Fault) {
        guard bytes.count <= CMCD.bytesAtMost else { throw .tooLong }
        var scanner = CMCDScanner(bytes)
        guard !scanner.isAtEnd else { throw .empty }
        var keys: Set<String> = []
        while true {
            let (key, value) = try scanner.pair()
            guard keys.insert(key).inserted else { throw .twice }
            guard keys.count <= CMCD.keysAtMost else { throw .tooMany }
            try take(key, value)
            if scanner.isAtEnd { return }
            try scanner.comma()
        }
    }

    private mutating func take(_ key: String, _ value: CMCDScanner.Value) throws(Fault) {
        switch key {
        case "br": encodedBitrate = try value.whole()
        case "bl": bufferLength = try value.whole()
        case "bs": isStarved = try value.flag()
        case "cid": contentID = try value.string()
        case "d": objectDuration = try value.whole()
        case "dl": deadline = try value.whole()
        case "mtp": measuredThroughput = try value.whole()
        case "nor", "nrr": _ = try value.string()
        case "ot": objectType = try value.token()
        case "pr": playbackRate = try value.decimal()
        case "rtp": requestedThroughput = try value.whole()
        case "sf": format = try value.token()
        case "sid": sessionID = try value.string()
        case "st": streamType = try value.token()
        case "su": isStarting = try value.flag()
        case "tb": topBitrate = try value.whole()
        case "v": if try value.whole() != 1 { throw .otherVersion }
        default: break
        }
    }

    /// Percent-encoding undone; a plus stays a plus.
    private static func decoded(_ text: String) throws(Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                throw .badEscape
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
