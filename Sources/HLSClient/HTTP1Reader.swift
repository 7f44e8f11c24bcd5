package import NIOCore

/// Reads answers of HTTP/1.1 to GET requests (RFC 9112) off a connection's bytes, without I/O.
package struct HTTP1Reader {
    package enum Event {
        case head(HTTPHead)
        case content(ByteBuffer)
        /// The answer is whole. `isReusable`: the connection may carry another request.
        case end(isReusable: Bool)
    }

    private enum Phase {
        case head
        case content(left: Int)
        /// Until the connection closes.
        case untilClose
        case chunkSize
        case chunk(left: Int)
        case chunkEnd
        case trailers(bytes: Int)
        case end
    }

    /// The longest head, and the longest line that tells a chunk's size (bytes).
    private static let longestHead = 32 * 1024
    private static let longestLine = 1024

    private var phase = Phase.head
    private var isReusable = true
    /// Bytes of an unfinished head that hold no end of it.
    private var searched = 0

    package init() {}

    /// Whether an answer has begun that is not whole.
    package var isInside: Bool { if case .head = phase { false } else { true } }

    /// What the next bytes say; nil where more are needed. Throws `malformed` and `tooLong`.
    package mutating func next(_ input: inout ByteBuffer) throws(HTTPFailure) -> Event? {
        while true {
            switch phase {
            case .head:
                guard let end = endOfHead(input) else {
                    guard input.readableBytes <= HTTP1Reader.longestHead else { throw .tooLong }
                    return nil
                }
                searched = 0
                guard let bytes = input.readSlice(length: end) else { return nil }
                let head = try HTTPHead(parsing: Array(bytes.readableBytesView))
                // 100 and 103 come before the answer itself.
                if (100..<200).contains(head.status) {
                    guard head.status != 101 else { throw .malformed }
                    continue
                }
                isReusable = !head.isLast
                if head.status == 204 || head.status == 304 {
                    phase = .end
                } else if head.isChunked {
                    phase = .chunkSize
                } else if let length = head.contentLength {
                    phase = length == 0 ? .end : .content(left: length)
                } else {
                    isReusable = false
                    phase = .untilClose
                }
                return .head(head)
            case .content(let left):
                guard let bytes = take(&input, atMost: left) else { return nil }
                phase = bytes.readableBytes == left ? .end : .content(left: left - bytes.readableBytes)
                return .content(bytes)
            case .untilClose:
                guard let bytes = take(&input, atMost: .max) else { return nil }
                return .content(bytes)
            case .chunkSize:
                guard let line = try line(&input) else { return nil }
                let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 }
                let isHexadecimal = digits.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
                guard isHexadecimal, let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
                else { throw .malformed }
                phase = size == 0 ? .trailers(bytes: 0) : .chunk(left: size)
            case .chunk(let left):
                guard let bytes = take(&input, atMost: left) else { return nil }
                phase = bytes.readableBytes == left ? .chunkEnd : .chunk(left: left - bytes.readableBytes)
                return .content(bytes)
            case .chunkEnd:
                guard let line = try line(&input) else { return nil }
                guard line.isEmpty else { throw .malformed }
                phase = .chunkSize
            case .trailers(let bytes):
                guard let line = try line(&input) else { return nil }
                guard bytes + line.count <= HTTP1Reader.longestHead else { throw .tooLong }
                phase = line.isEmpty ? .end : .trailers(bytes: bytes + line.count + 2)
            case .end:
                phase = .head
                return .end(isReusable: isReusable)
            }
        }
    }

    /// The connection has ended; the failure of the answer that was not whole, nil where it is whole by that.
    package func failureAtEnd() -> HTTPFailure? {
        switch phase {
        case .untilClose: nil
        case .head: .closed
        default: .cutShort
        }
    }

    private func take(_ input: inout ByteBuffer, atMost count: Int) -> ByteBuffer? {
        guard input.readableBytes > 0 else { return nil }
        return input.readSlice(length: min(count, input.readableBytes))
    }

    /// A line without its end.
    private func line(_ input: inout ByteBuffer) throws(HTTPFailure) -> ArraySlice<UInt8>? {
        let view = input.readableBytesView
        guard let feed = view.firstIndex(of: 0x0A) else {
            guard view.count <= HTTP1Reader.longestLine else { throw .tooLong }
            return nil
        }
        let length = feed - view.startIndex
        guard length <= HTTP1Reader.longestLine else { throw .tooLong }
        var line = Array(view[..<feed])[...]
        if line.last == 0x0D { line.removeLast() }
        input.moveReaderIndex(forwardBy: length + 1)
        return line
    }

    /// Bytes of the head with the empty line that ends it; nil where that has not come.
    private mutating func endOfHead(_ input: ByteBuffer) -> Int? {
        let from = max(0, searched - 3)
        searched = input.readableBytes
        return input.withUnsafeReadableBytes { bytes -> Int? in
            var at = from
            while at + 1 < bytes.count {
                if bytes[at] == 0x0A {
                    if bytes[at + 1] == 0x0A { return at + 2 }
                    if at + 2 < bytes.count, bytes[at + 1] == 0x0D, bytes[at + 2] == 0x0A { return at + 3 }
                }
                at += 1
            }
            return nil
        }
    }
}

extension HTTPHead {
    /// Reads a status line and fields.
    fileprivate init(parsing bytes: [UInt8]) throws(HTTPFailure) {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: true).makeIterator()
        guard let first = lines.next(), first.starts(with: "HTTP/1.".utf8), first.count >= 12,
            first[first.startIndex + 8] == 0x20,
            let status = Int(String(decoding: first.dropFirst(9).prefix(3), as: UTF8.self)),
            (100..<600).contains(status)
        else { throw .malformed }
        self.init(status: status)
        isLast = first[first.startIndex + 7] == UInt8(ascii: "0")
        while let line = lines.next() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
                guard line.allSatisfy({ $0 == 0x0D }) else { throw .malformed }
                continue
            }
            // Only fields of these lengths are of interest: no string is made of the others.
            let length = colon - line.startIndex
            guard [8, 10, 14, 16, 17].contains(length) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let value = line[(colon + 1)...].trimmed
            switch name {
            case "content-length": try note(length: value)
            case "transfer-encoding":
                guard String(decoding: value, as: UTF8.self).lowercased() == "chunked" else {
                    throw .malformed
                }
                isChunked = true
            case "connection":
                if String(decoding: value, as: UTF8.self).lowercased().contains("close") { isLast = true }
            case "location": location = String(decoding: value, as: UTF8.self)
            case "content-encoding":
                isGzip = String(decoding: value, as: UTF8.self).lowercased() == "gzip"
            default: break
            }
        }
    }

    /// Notes a Content-Length; throws where it is no number, or another than before.
    mutating func note(length value: some Collection<UInt8>) throws(HTTPFailure) {
        guard !value.isEmpty, value.count <= 15, value.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .malformed
        }
        let number = value.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard contentLength == nil || contentLength == number else { throw .malformed }
        contentLength = number
    }
}

extension ArraySlice<UInt8> {
    fileprivate var trimmed: ArraySlice<UInt8> {
        var rest = self
        while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 || last == 0x0D { rest.removeLast() }
        return rest
    }
}
