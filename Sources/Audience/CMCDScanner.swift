/// Takes CMCD text apart into keys and values, and refuses what is neither.
struct CMCDScanner {
    enum Value {
        /// The key stands alone: true.
        case alone
        /// Between quotation marks, escapes undone.
        case quoted(String)
        /// A number or a token.
        case bare(String)
    }

    private let bytes: [UInt8]
    private var at = 0

    private static let keyBytesAtMost = 64
    private static let valueBytesAtMost = 512

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { at == bytes.count }

    mutating func comma() throws(CMCD.Fault) {
        guard at < bytes.count, bytes[at] == UInt8(ascii: ",") else { throw .badSyntax }
        at += 1
        // Fields are written with a space behind the comma by some.
        while at < bytes.count, bytes[at] == 0x20 { at += 1 }
    }

    mutating func pair() throws(CMCD.Fault) -> (key: String, value: Value) {
        let start = at
        while at < bytes.count, isKeyByte(bytes[at]) { at += 1 }
        guard (1...CMCDScanner.keyBytesAtMost).contains(at - start) else { throw .badSyntax }
        let key = text(start..<at)
        guard at < bytes.count, bytes[at] == UInt8(ascii: "=") else { return (key, .alone) }
        at += 1
        if at < bytes.count, bytes[at] == UInt8(ascii: "\"") { return (key, .quoted(try quoted())) }
        let first = at
        while at < bytes.count, isBareByte(bytes[at]) { at += 1 }
        guard (1...CMCDScanner.valueBytesAtMost).contains(at - first) else { throw .badSyntax }
        return (key, .bare(text(first..<at)))
    }

    /// A string from its opening quotation mark on.
    private mutating func quoted() throws(CMCD.Fault) -> String {
        at += 1
        var value: [UInt8] = []
        while at < bytes.count {
            var byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "\"") {
                guard value.count <= CMCDScanner.valueBytesAtMost else { throw .badSyntax }
                return String(decoding: value, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") {
                guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "\\")
                else { throw .badSyntax }
                byte = bytes[at]
                at += 1
            }
            guard (0x20...0x7E).contains(byte) else { throw .badSyntax }
            value.append(byte)
        }
        throw .badSyntax
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func isKeyByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "_")
    }

    /// Lists and parameters of later versions are values too, as far as the end of a value is found by them.
    private func isBareByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "-._:/*+;=() ".utf8.contains(byte)
    }

    private func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension CMCDScanner.Value {
    /// A whole number from 0 to 10^10.
    func whole() throws(CMCD.Fault) -> Int {
        guard case .bare(let text) = self, (1...11).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(text), number <= 10_000_000_000
        else { throw .badValue }
        return number
    }

    /// A number from 0 to 1000.
    func decimal() throws(CMCD.Fault) -> Double {
        guard case .bare(let text) = self, text.utf8.count <= 12,
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == 0x2E }),
            let number = Double(text), (0...1000).contains(number)
        else { throw .badValue }
        return number
    }

    /// False is told by leaving the key out.
    func flag() throws(CMCD.Fault) -> Bool {
        guard case .alone = self else { throw .badValue }
        return true
    }

    func string() throws(CMCD.Fault) -> String {
        guard case .quoted(let text) = self, !text.isEmpty else { throw .badValue }
        return text
    }

    func token<Token: RawRepresentable>() throws(CMCD.Fault) -> Token where Token.RawValue == String {
        guard case .bare(let text) = self, let token = Token(rawValue: text) else { throw .badValue }
        return token
    }
}
