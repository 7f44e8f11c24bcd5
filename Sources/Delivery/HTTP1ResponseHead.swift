package import NIOCore

extension ResponsePlan {
    /// Writes the head of an HTTP/1.1 answer, the empty line included.
    package func writeHead(into buffer: inout ByteBuffer, date: String, keepsAlive: Bool) {
        buffer.writeStaticString(status.line)
        buffer.writeStaticString("Date: ")
        buffer.writeString(date)
        if let contentType {
            buffer.writeStaticString("\r\nContent-Type: ")
            buffer.writeString(contentType)
        }
        if let contentLength {
            buffer.writeStaticString("\r\nContent-Length: ")
            buffer.writeDecimal(contentLength)
        }
        if let contentRange {
            buffer.writeStaticString("\r\nContent-Range: ")
            buffer.writeString(contentRange)
        }
        buffer.writeStaticString("\r\nCache-Control: ")
        buffer.writeString(cacheControl)
        if let entityTag {
            buffer.writeStaticString("\r\nETag: ")
            buffer.writeString(entityTag)
        }
        if isGzip { buffer.writeStaticString("\r\nContent-Encoding: gzip") }
        if varies { buffer.writeStaticString("\r\nVary: Accept-Encoding") }
        if takesRanges { buffer.writeStaticString("\r\nAccept-Ranges: bytes") }
        if let precedence {
            buffer.writeStaticString("\r\nPriority: ")
            buffer.writeString(precedence.text)
        }
        buffer.writeStaticString("\r\nAccess-Control-Allow-Origin: *\r\nTiming-Allow-Origin: *")
        if isPreflight {
            buffer.writeStaticString("\r\nAccess-Control-Allow-Methods: ")
            buffer.writeString(ResponsePlan.methods)
            buffer.writeStaticString("\r\nAccess-Control-Allow-Headers: *\r\nAccess-Control-Max-Age: 86400")
        } else {
            buffer.writeStaticString("\r\nAccess-Control-Expose-Headers: ")
            buffer.writeString(ResponsePlan.exposed)
        }
        if isPreflight || status == .methodNotAllowed {
            buffer.writeStaticString("\r\nAllow: ")
            buffer.writeString(ResponsePlan.methods)
        }
        if status == .unavailable { buffer.writeStaticString("\r\nRetry-After: 1") }
        if !keepsAlive { buffer.writeStaticString("\r\nConnection: close") }
        buffer.writeStaticString("\r\n\r\n")
    }
}

extension ByteBuffer {
    /// Writes a number of zero or more in decimal digits.
    mutating func writeDecimal(_ value: Int) {
        var digits: UInt64 = 0
        var count = 0
        var rest = max(0, value)
        // Up to eight digits in one register; longer numbers take the slow way.
        guard rest < 100_000_000 else {
            writeString(String(rest))
            return
        }
        repeat {
            digits = digits << 8 | UInt64(rest % 10 + 48)
            rest /= 10
            count += 1
        } while rest > 0
        for _ in 0..<count {
            writeInteger(UInt8(truncatingIfNeeded: digits))
            digits >>= 8
        }
    }
}
