import Crypto

/// How a receiver knows that a message is ours, whole and new.
///
/// `Shopcast-Signature: t=1793040000,v1=5f8c…` where `t` is when it was sent, in Unix seconds, and each `v1` is the
/// HMAC-SHA256, in hexadecimal digits, of `t`, a dot and the body's bytes under one secret. There are two for a day after
/// the secret was rotated: one match is enough. A receiver refuses a `t` that is more than five minutes off.
package enum HookSignature {
    package static let field = "Shopcast-Signature"

    /// The field's value. `time`: Unix seconds.
    package static func value(of body: String, at time: Int64, secrets: [HookSecret]) -> String {
        let message = Array("\(time).\(body)".utf8)
        let signatures = secrets.map { secret in
            let key = SymmetricKey(data: Array(secret.text.utf8))
            return ",v1=" + hexadecimal(HMAC<SHA256>.authenticationCode(for: message, using: key))
        }
        return "t=\(time)" + signatures.joined()
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
