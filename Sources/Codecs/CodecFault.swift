import CFFmpeg
import CMediaShims

/// What a codec library refused, with the failing call and its code.
package enum CodecFault: Error, Hashable, CustomStringConvertible {
    /// `avcodec_send_packet: Invalid data found (-1094995529)`.
    case call(String, code: Int32, reason: String)
    /// The library returned nothing where it should have made something.
    case unavailable(String)
    /// The media is of a kind that is not handled here; the sentence is for people.
    case unsupported(String)

    package var description: String {
        switch self {
        case .call(let name, let code, let reason): "\(name): \(reason) (\(code))"
        case .unavailable(let name): "\(name): failed"
        case .unsupported(let sentence): sentence
        }
    }
}

/// Passes a libav result on, or throws it where it is negative.
@discardableResult
func check(_ call: String, _ code: Int32) throws(CodecFault) -> Int32 {
    guard code < 0 else { return code }
    var text = [CChar](repeating: 0, count: 128)
    shim_av_error_text(code, &text, UInt(text.count))
    let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw .call(call, code: code, reason: reason)
}

/// Passes an object on, or throws where the library could not make it.
func made<T>(_ call: String, _ object: T?) throws(CodecFault) -> T {
    guard let object else { throw .unavailable(call) }
    return object
}
