package import NIOCore

/// Error codes of HTTP/2 (RFC 9113, 7).
package enum HTTP2Code: UInt32, Hashable, Sendable, Error {
    case noError = 0
    case protocolError = 1
    case internalError = 2
    case flowControlError = 3
    case streamClosed = 5
    case frameSizeError = 6
    case refusedStream = 7
    case cancel = 8
    case compressionError = 9
    case enhanceYourCalm = 11
}

/// Types, flags and settings of HTTP/2's frames.
package enum HTTP2Wire {
    package static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    /// Bytes of a frame's header.
    package static let header = 9
    /// The longest payload that either side may send unless told otherwise (bytes).
    package static let frame = 16_384
    package static let firstWindow = 65_535
    package static let windowAtMost = Int(Int32.max)

    package static let data: UInt8 = 0
    package static let headers: UInt8 = 1
    package static let priority: UInt8 = 2
    package static let reset: UInt8 = 3
    package static let settings: UInt8 = 4
    package static let pushPromise: UInt8 = 5
    package static let ping: UInt8 = 6
    package static let goAway: UInt8 = 7
    package static let windowUpdate: UInt8 = 8
    package static let continuation: UInt8 = 9
    /// PRIORITY_UPDATE (RFC 9218, 7.1).
    package static let priorityUpdate: UInt8 = 0x10

    package static let endStream: UInt8 = 0x1
    package static let ack: UInt8 = 0x1
    package static let endHeaders: UInt8 = 0x4
    package static let padded: UInt8 = 0x8
    package static let hasPriority: UInt8 = 0x20

    static let tableSize: UInt16 = 1
    static let enablePush: UInt16 = 2
    static let concurrentStreams: UInt16 = 3
    static let initialWindow: UInt16 = 4
    static let frameSize: UInt16 = 5
    static let headerListSize: UInt16 = 6
    /// The priorities of RFC 7540 mean nothing here (RFC 9218, 2.1).
    static let noOldPriorities: UInt16 = 9
}

extension ByteBuffer {
    package mutating func writeFrameHeader(length: Int, _ kind: UInt8, flags: UInt8 = 0, stream: UInt32) {
        writeInteger(UInt64(length) << 40 | UInt64(kind) << 32 | UInt64(flags) << 24 | UInt64(stream >> 8))
        writeInteger(UInt8(truncatingIfNeeded: stream))
    }

    mutating func writeReset(_ stream: UInt32, _ code: HTTP2Code) {
        writeFrameHeader(length: 4, HTTP2Wire.reset, stream: stream)
        writeInteger(code.rawValue)
    }

    mutating func writeWindowUpdate(_ stream: UInt32, _ increment: Int) {
        writeFrameHeader(length: 4, HTTP2Wire.windowUpdate, stream: stream)
        writeInteger(UInt32(increment))
    }

    mutating func writeGoAway(last: UInt32, _ code: HTTP2Code) {
        writeFrameHeader(length: 8, HTTP2Wire.goAway, stream: 0)
        writeInteger(last)
        writeInteger(code.rawValue)
    }

    mutating func writeSettings(_ settings: [(UInt16, UInt32)]) {
        writeFrameHeader(length: 6 * settings.count, HTTP2Wire.settings, stream: 0)
        for (name, value) in settings {
            writeInteger(name)
            writeInteger(value)
        }
    }
}
