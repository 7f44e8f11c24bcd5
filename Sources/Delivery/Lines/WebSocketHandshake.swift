import Crypto
import Foundation
package import HTTPTypes
import NIOCore

/// The opening of a WebSocket over HTTP/1.1 (RFC 6455, 4.2).
package struct WebSocketHandshake: Sendable {
    /// What the client's key is answered with.
    package let accept: String
    /// What client and server both speak; nil where the client named nothing of ours.
    package let subprotocol: String?

    /// Throws where the request is none for a WebSocket of version 13. `protocols` are the server's, the best first.
    package init(_ headers: HTTPFields, protocols: [String]) throws(LineRefusal) {
        guard WebSocketHandshake.list(headers, .upgrade).contains("websocket"),
            WebSocketHandshake.list(headers, .connection).contains("upgrade")
        else { throw .upgrade("This address speaks WebSocket.") }
        guard headers[values: .secWebSocketVersion].map({ $0.trimming(" \t") }) == ["13"] else {
            throw .upgrade("Version 13 of WebSocket is spoken here.")
        }
        let keys = headers[values: .secWebSocketKey].map { $0.trimming(" \t") }
        guard keys.count == 1, keys[0].utf8.count == 24, Data(base64Encoded: keys[0])?.count == 16 else {
            throw .badRequest("Sec-WebSocket-Key has to be sixteen bytes in base64, once.")
        }
        let digest = Insecure.SHA1.hash(data: Data((keys[0] + WebSocketHandshake.salt).utf8))
        accept = Data(digest).base64EncodedString()
        let wanted = headers[values: .secWebSocketProtocol].flatMap { $0.split(separator: ",") }
            .map { $0.trimming(" \t") }
        subprotocol = protocols.first { wanted.contains($0) }
    }

    private static let salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// The elements of a list field, in lower case.
    private static func list(_ headers: HTTPFields, _ name: HTTPField.Name) -> [String] {
        headers[values: name].flatMap { $0.lowercased().split(separator: ",") }.map { $0.trimming(" \t") }
    }

    /// The head with which the connection changes over.
    func head() -> ByteBuffer {
        var head = ByteBuffer()
        head.writeStaticString(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        )
        head.writeString(accept)
        if let subprotocol {
            head.writeStaticString("\r\nSec-WebSocket-Protocol: ")
            head.writeString(subprotocol)
        }
        head.writeStaticString("\r\n\r\n")
        return head
    }
}

extension StringProtocol {
    fileprivate func trimming(_ characters: String) -> String {
        var rest = self[...]
        while let first = rest.first, characters.contains(first) { rest.removeFirst() }
        while let last = rest.last, characters.contains(last) { rest.removeLast() }
        return String(rest)
    }
}
