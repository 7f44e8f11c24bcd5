package import NIOCore

/// A problem document (RFC 9457), `application/problem+json`.
package enum ProblemDocument {
    package static func body(_ status: Status, _ detail: String) -> ByteBuffer {
        body(code: status.rawValue, title: status.title, detail: detail)
    }

    package static func body(code: Int, title: String, detail: String?) -> ByteBuffer {
        var text = #"{"type":"about:blank","title":""#
        escape(title, into: &text)
        text += #"","status":\#(code)"#
        if let detail {
            text += #","detail":""#
            escape(detail, into: &text)
            text += "\""
        }
        text += "}\n"
        return ByteBuffer(string: text)
    }

    private static func escape(_ plain: String, into text: inout String) {
        for scalar in plain.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
