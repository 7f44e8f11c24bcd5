package import HTTPTypes
package import NIOCore

/// Writes header blocks of HTTP/2 (HPACK, RFC 7541), one encoder for each connection.
///
/// Fields that come again (a handful of constants) go into the peer's table at their first use and are one byte
/// from then on. What changes with each answer is written out, so nothing ever leaves the table.
package struct FieldEncoder {
    /// In the peer's table, oldest first.
    private var table: [(name: UInt8, value: String)] = []
    private var tableBytes = 0
    private var tableLimit = 4096
    private var mustTellSize = false

    package init() {}

    /// The peer allows a table of so many bytes.
    package mutating func limitTable(to bytes: Int) {
        guard bytes < 4096, tableLimit == 4096 else { return }
        // A smaller table is not worth its bookkeeping: it is given up, which the next block says.
        tableLimit = 0
        table = []
        mustTellSize = true
    }

    /// The block of an answer, in the order of HTTP/1.1's head.
    package mutating func write(_ plan: ResponsePlan, date: String, into block: inout ByteBuffer) {
        begin(&block, status: plan.status.rawValue, text: plan.status.code)
        literal(33, date, &block)
        if let type = plan.contentType { constant(31, type, &block) }
        if let length = plan.contentLength { literal(28, String(length), &block) }
        if let range = plan.contentRange { literal(30, range, &block) }
        constant(24, plan.cacheControl, &block)
        if let tag = plan.entityTag { literal(34, tag, &block) }
        if plan.isGzip { constant(26, "gzip", &block) }
        if plan.varies { constant(59, "Accept-Encoding", &block) }
        if plan.takesRanges { constant(18, "bytes", &block) }
        if let precedence = plan.precedence { constant(FieldEncoder.priority, precedence.text, &block) }
        constant(20, "*", &block)
        constant(FieldEncoder.timing, "*", &block)
        if plan.isPreflight {
            named("access-control-allow-methods", ResponsePlan.methods, &block)
            named("access-control-allow-headers", "*", &block)
            named("access-control-max-age", "86400", &block)
        } else {
            constant(FieldEncoder.exposed, ResponsePlan.exposed, &block)
        }
        if plan.isPreflight || plan.status == .methodNotAllowed { literal(22, ResponsePlan.methods, &block) }
        if plan.status == .unavailable { literal(53, "1", &block) }
    }

    /// The block of any response.
    package mutating func write(_ response: HTTPResponse, into block: inout ByteBuffer) {
        begin(&block, status: response.status.code, text: String(response.status.code))
        for field in response.headerFields {
            let name = field.name.canonicalName
            switch name {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": continue
            default: named(name, field.value, &block)
            }
        }
    }

    private mutating func begin(_ block: inout ByteBuffer, status: Int, text: String) {
        if mustTellSize {
            mustTellSize = false
            block.writeInteger(UInt8(0x20))
        }
        switch status {
        case 200: block.writeInteger(UInt8(0x88))
        case 204: block.writeInteger(UInt8(0x89))
        case 206: block.writeInteger(UInt8(0x8a))
        case 304: block.writeInteger(UInt8(0x8b))
        case 400: block.writeInteger(UInt8(0x8c))
        case 404: block.writeInteger(UInt8(0x8d))
        case 500: block.writeInteger(UInt8(0x8e))
        default: literal(8, text, &block)
        }
    }

    // Constants without a place in the static table have numbers beyond it.
    private static let exposed: UInt8 = 200
    private static let timing: UInt8 = 201
    private static let priority: UInt8 = 202

    /// The name of such a constant; nil for a place in the static table.
    private static func writtenName(_ name: UInt8) -> String? {
        switch name {
        case exposed: "access-control-expose-headers"
        case timing: "timing-allow-origin"
        case priority: "priority"
        default: nil
        }
    }

    private mutating func constant(_ name: UInt8, _ value: String, _ block: inout ByteBuffer) {
        for (place, entry) in table.enumerated() where entry.name == name && entry.value == value {
            // The newest entry of the table has index 62.
            block.writeInteger(0x80 | UInt8(62 + table.count - 1 - place))
            return
        }
        let size = 32 + 30 + value.utf8.count
        let fits = tableBytes + size <= tableLimit && table.count < 32
        if let written = FieldEncoder.writtenName(name) {
            block.writeInteger(UInt8(fits ? 0x40 : 0x00))
            block.writeText(written)
        } else if fits {
            block.writeInteger(0x40 | name)
        } else {
            block.writeLiteralName(name)
        }
        block.writeText(value)
        if fits {
            table.append((name, value))
            tableBytes += size
        }
    }

    /// A field written out, under a name of the static table.
    private func literal(_ name: UInt8, _ value: String, _ block: inout ByteBuffer) {
        block.writeLiteralName(name)
        block.writeText(value)
    }

    private func named(_ name: String, _ value: String, _ block: inout ByteBuffer) {
        block.writeInteger(UInt8(0))
        block.writeText(name)
        block.writeText(value)
    }
}

extension ByteBuffer {
    /// A literal that stays out of the table, with a name of the static one (RFC 7541, 6.2.2).
    fileprivate mutating func writeLiteralName(_ name: UInt8) {
        if name < 15 {
            writeInteger(name)
        } else {
            writeInteger(UInt8(0x0f))
            writeInteger(name - 15)
        }
    }

    /// A string without Huffman's code (RFC 7541, 5.2).
    fileprivate mutating func writeText(_ text: String) {
        var length = text.utf8.count
        if length < 127 {
            writeInteger(UInt8(length))
        } else {
            writeInteger(UInt8(127))
            length -= 127
            while length >= 128 {
                writeInteger(UInt8(length & 0x7f | 0x80))
                length >>= 7
            }
            writeInteger(UInt8(length))
        }
        writeString(text)
    }
}
