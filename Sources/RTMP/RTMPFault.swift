/// Why a connection cannot go on: what the other end sent breaks the protocol or a limit.
package enum RTMPFault: Error, Hashable, Sendable {
    /// The first byte is not version 3 (plain RTMP); the byte that came.
    case notRTMP(UInt8)
    /// A chunk header contradicts what came before it on its chunk stream.
    case brokenChunk(String)
    case tooManyChunkStreams(limit: Int)
    case messageTooLarge(bytes: Int, limit: Int)
    /// Too many bytes are promised by messages that are not complete.
    case tooMuchUnfinished(limit: Int)
    case badChunkSize(UInt32)
    case badControlMessage(type: UInt8)
    case badCommand(AMF0Fault)
    /// A command came before the one that it needs.
    case outOfOrder(String)
    /// The client wants something that is not offered, such as playing.
    case notOffered(String)
    /// The server answered a client's request with an error; its words.
    case refused(code: String, description: String)
}

extension RTMPFault: CustomStringConvertible {
    /// A sentence for the log; it holds nothing that the other end wrote, except a server's own status
    /// text.
    package var description: String {
        switch self {
        case .notRTMP(let byte): "this is not plain RTMP (first byte \(byte))"
        case .brokenChunk(let what): "broken chunk: \(what)"
        case .tooManyChunkStreams(let limit): "more than \(limit) chunk streams"
        case .messageTooLarge(let bytes, let limit):
            "a message of \(bytes) bytes is above the limit of \(limit)"
        case .tooMuchUnfinished(let limit): "unfinished messages above the limit of \(limit) bytes"
        case .badChunkSize(let size): "chunk size \(size) is not possible"
        case .badControlMessage(let type): "control message \(type) is too short"
        case .badCommand(let fault): "unreadable command: \(fault)"
        case .outOfOrder(let what): what
        case .notOffered(let what): what
        case .refused(let code, let description):
            description.isEmpty ? code : "\(code): \(description)"
        }
    }
}
