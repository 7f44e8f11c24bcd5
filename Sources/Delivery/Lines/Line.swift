package import HTTPTypes
package import NIOCore

/// A reader's connection that stays open and is written to for as long as they are here: a WebSocket, or a stream of
/// server-sent events. Lives on `loop` and is touched there only.
package protocol Line: AnyObject {
    var loop: any EventLoop { get }

    /// Whether the reader takes more just now. Where not, `LineGuest.caughtUp` tells when they do again.
    var isWritable: Bool { get }

    /// Sends what all readers get alike, at once. What is written while `isWritable` is false stays in memory.
    func write(_ parcel: Parcel)

    /// The guest knows who this is: from here on the line may be silent.
    func settle()

    /// Ends the line, after `last` where there is one. The guest hears `ended`.
    func close(_ reason: LineEnd, last: Parcel?)
}

/// Why the server ends a line; the numbers are those of WebSocket's close frames.
package enum LineEnd: UInt16, Sendable {
    case done = 1000
    /// The server stops: come again.
    case goingAway = 1001
    case protocolError = 1002
    case notUnderstood = 1003
    case notText = 1007
    /// Not allowed here: do not come again.
    case policy = 1008
    case tooBig = 1009
    /// Too slow, or too many: come again later.
    case later = 1013
}

/// Who is served over a line. Lives on the line's loop, which calls it.
package protocol LineGuest: AnyObject {
    /// The line stands; the first call.
    func begin(_ line: any Line)
    /// A message of the reader's: UTF-8, checked. Never of server-sent events.
    func heard(_ text: ByteBuffer)
    /// `isWritable` was false and is true again.
    func caughtUp()
    /// The server stops, and the line ends after this is written.
    func farewell() -> Parcel?
    /// The line is gone; the last call.
    func ended()
}

/// What kind of line an address gives.
package enum LineKind: Int, Sendable, CaseIterable {
    case socket, events

    var label: String { self == .socket ? "websocket" : "events" }
}

/// A request for a line, before it stands.
package struct LineRequest: Sendable {
    package var kind: LineKind
    /// With its query.
    package var target: String
    package var authority: String?
    package var headers: HTTPFields
    /// Who asks, behind the proxies that are trusted.
    package var origin: ClientOrigin
    /// As the viewer's own connection is, as far as it is known.
    package var isSecure: Bool

    package init(
        kind: LineKind, target: String, authority: String?, headers: HTTPFields, origin: ClientOrigin,
        isSecure: Bool
    ) {
        self.kind = kind
        self.target = target
        self.authority = authority
        self.headers = headers
        self.origin = origin
        self.isSecure = isSecure
    }
}

package enum LineAnswer {
    case guest(any LineGuest)
    case refused(LineRefusal)
}

/// What stands behind the addresses of lines. Asked on event loops, so it answers at once.
package protocol LineHost: Sendable {
    /// The subprotocols of WebSocket that are spoken, the best first.
    var protocols: [String] { get }
    /// Nil where the address, query included, is of no line.
    func kind(of target: String) -> LineKind?
    /// Whether who asks gets a line; whose page they come from is looked at here too.
    func answer(_ request: LineRequest) -> LineAnswer
}

/// Why there is no line, in words of HTTP.
package struct LineRefusal: Error, Sendable, Hashable {
    package var code: Int
    package var title: String
    package var detail: String
    /// Fields that go with it.
    package var fields: [String: String] = [:]

    package init(_ code: Int, _ title: String, _ detail: String, fields: [String: String] = [:]) {
        self.code = code
        self.title = title
        self.detail = detail
        self.fields = fields
    }

    package static func badRequest(_ detail: String) -> LineRefusal {
        LineRefusal(400, "Bad Request", detail)
    }
    package static func forbidden(_ detail: String) -> LineRefusal { LineRefusal(403, "Forbidden", detail) }
    package static func notFound(_ detail: String) -> LineRefusal { LineRefusal(404, "Not Found", detail) }

    package static func tooMany(_ detail: String) -> LineRefusal {
        LineRefusal(429, "Too Many Requests", detail, fields: ["retry-after": "10"])
    }

    package static func unavailable(_ detail: String) -> LineRefusal {
        LineRefusal(503, "Service Unavailable", detail, fields: ["retry-after": "2"])
    }

    static func upgrade(_ detail: String) -> LineRefusal {
        LineRefusal(
            426, "Upgrade Required", detail,
            fields: ["upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13"])
    }

    var document: ByteBuffer { ProblemDocument.body(code: code, title: title, detail: detail) }
}

/// What is sent to many readers alike: put into the form of each kind of line once. Belongs to one event loop.
package final class Parcel {
    /// UTF-8 without line ends.
    package let content: ByteBuffer
    /// What a reader of server-sent events shows to go on from here.
    package let id: String?

    package init(_ content: ByteBuffer, id: String? = nil) {
        self.content = content
        self.id = id
    }

    /// A frame of WebSocket.
    private(set) lazy var frame: ByteBuffer = {
        var frame = ByteBufferAllocator().buffer(capacity: content.readableBytes + 10)
        frame.writeWebSocketHead(.text, length: content.readableBytes)
        frame.writeImmutableBuffer(content)
        return frame
    }()

    /// An event of server-sent events.
    private(set) lazy var event: ByteBuffer = {
        var event = ByteBufferAllocator().buffer(capacity: content.readableBytes + 64)
        if let id {
            event.writeStaticString("id: ")
            event.writeString(id)
            event.writeStaticString("\n")
        }
        event.writeStaticString("data: ")
        event.writeImmutableBuffer(content)
        event.writeStaticString("\n\n")
        return event
    }()
}
