import NIOCore

/// What an enhanced message says beside its tag.
package struct FLVExtras: Hashable, Sendable {
    /// The number of the tag's track; 0 where the message has no numbers.
    package var track: UInt8 = 0
    /// Tracks in the message that were passed over.
    package var others = 0
    /// To be added to the message's time: less than a millisecond.
    package var nanoseconds: UInt32 = 0

    package init(track: UInt8 = 0, others: Int = 0) {
        self.track = track
        self.others = others
    }
}

/// The head of an enhanced FLV tag (Enhanced RTMP 2, "ExVideoTagHeader" and "ExAudioTagHeader") and the body of one of its
/// tracks.
struct FLVExHeader {
    enum Kind {
        case audio
        /// A command frame has no codec and no body.
        case video(isCommand: Bool)

        var multitrack: UInt8 {
            if case .audio = self { 5 } else { 6 }
        }
    }

    enum Outcome {
        case body(FLVExHeader, FLVExtras)
        /// Whole, and not for us.
        case nothing(FLVExtras)
        case broken
    }

    private static let modifier: UInt8 = 7
    private static let metadata: UInt8 = 4

    var packet: UInt8
    var code: FourCC
    var body: ByteBuffer

    /// Reads what follows a tag's first byte, whose low half is `packet`. Of several tracks it takes the one with that
    /// number, or the first for nil.
    static func read(packet: UInt8, of kind: Kind, _ body: inout ByteBuffer, track: UInt8?) -> Outcome {
        var packet = packet
        var extras = FLVExtras()
        while packet == modifier {
            guard let next = readModifier(&body, &extras) else { return .broken }
            packet = next
        }
        if case .video(isCommand: true) = kind, packet != metadata { return .nothing(extras) }
        if packet == kind.multitrack { return readTracks(&body, kind, track, extras) }
        guard let code = body.readFourCC() else { return .broken }
        if let track, track != 0 {
            extras.others = 1
            return .nothing(extras)
        }
        return .body(FLVExHeader(packet: packet, code: code, body: body), extras)
    }

    /// One modifier; the packet type behind it.
    private static func readModifier(_ body: inout ByteBuffer, _ extras: inout FLVExtras) -> UInt8? {
        guard let short: UInt8 = body.readInteger() else { return nil }
        var size = Int(short) + 1
        if size == 256 {
            guard let long: UInt16 = body.readInteger() else { return nil }
            size = Int(long) + 1
        }
        guard let data = body.readSlice(length: size), let kinds: UInt8 = body.readInteger() else {
            return nil
        }
        // Only one kind is defined: nanoseconds beyond the message's time. Others are passed over.
        if kinds >> 4 == 0, size >= 3 {
            let value = data.readableBytesView.prefix(3).reduce(0) { $0 << 8 | UInt32($1) }
            extras.nanoseconds = min(value, 999_999)
        }
        return kinds & 0x0F
    }

    private static func readTracks(
        _ body: inout ByteBuffer, _ kind: Kind, _ wanted: UInt8?, _ extras: FLVExtras
    ) -> Outcome {
        guard let kinds: UInt8 = body.readInteger(), kinds >> 4 <= 2, kinds & 0x0F != kind.multitrack,
            kinds & 0x0F != modifier
        else { return .broken }
        let (isOne, hasOwnCodes) = (kinds >> 4 == 0, kinds >> 4 == 2)
        var extras = extras
        var common: FourCC?
        if !hasOwnCodes {
            guard let code = body.readFourCC() else { return .broken }
            common = code
        }
        var found: FLVExHeader?
        repeat {
            guard let code = hasOwnCodes ? body.readFourCC() : common, let track: UInt8 = body.readInteger()
            else {
                return .broken
            }
            var size = body.readableBytes
            if !isOne {
                guard let high: UInt8 = body.readInteger(), let low: UInt16 = body.readInteger() else {
                    return .broken
                }
                size = Int(high) << 16 | Int(low)
            }
            guard let content = body.readSlice(length: size) else { return .broken }
            if found == nil, track == wanted ?? track {
                found = FLVExHeader(packet: kinds & 0x0F, code: code, body: content)
                extras.track = track
            } else {
                extras.others += 1
            }
        } while !isOne && body.readableBytes > 0
        return found.map { .body($0, extras) } ?? .nothing(extras)
    }
}

/// Four characters that name a codec.
struct FourCC: Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    let value: UInt32

    init(_ value: UInt32) {
        self.value = value
    }

    init(stringLiteral text: String) {
        value = text.utf8.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// As it is, where it can be read.
    var description: String {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
        return bytes.allSatisfy { (0x21...0x7E).contains($0) }
            ? String(decoding: bytes, as: UTF8.self) : "of another kind"
    }
}

extension ByteBuffer {
    fileprivate mutating func readFourCC() -> FourCC? {
        readInteger(as: UInt32.self).map { FourCC($0) }
    }
}
