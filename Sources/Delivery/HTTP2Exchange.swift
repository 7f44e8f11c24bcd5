// In: one request of HTTP/2 that is not for media. Out: Hummingbird's response to it, piece by piece onto the stream.
// Blocks: its own task, while the stream has no room. Bound: one piece of the response, and the stream's receive
// window of the request. Ends: with the response, or cancelled where the stream goes before.

import HTTPTypes
import HummingbirdCore
import NIOCore

/// A stream of HTTP/2 as a task sees it: every call hops to the connection's loop.
final class HTTP2Line: Sendable {
    let channel: any Channel
    private let connection: NIOLoopBound<HTTP2Connection>
    private let id: UInt32

    /// On the connection's loop.
    init(_ connection: HTTP2Connection, _ id: UInt32, _ channel: any Channel) {
        self.connection = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        self.id = id
        self.channel = channel
    }

    func send(head: HTTPResponse) async throws {
        try await channel.eventLoop.submit { try self.connection.value.send(self.id, head: head) }.get()
    }

    func send(_ content: ByteBuffer) async throws {
        try await channel.eventLoop.flatSubmit { self.connection.value.send(self.id, content: content) }.get()
    }

    func finish() {
        channel.eventLoop.execute { self.connection.value.finish(self.id) }
    }

    func breakOff() {
        channel.eventLoop.execute { self.connection.value.breakOff(self.id) }
    }

    func took(bytes: Int) {
        channel.eventLoop.execute {
            self.connection.value.took(self.id, bytes: bytes)
            self.connection.value.pump()
        }
    }
}

/// A request's content; the peer may send more as it is read.
struct HTTP2RequestBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let content: AsyncThrowingStream<ByteBuffer, any Error>
    let line: HTTP2Line

    struct AsyncIterator: AsyncIteratorProtocol {
        var content: AsyncThrowingStream<ByteBuffer, any Error>.Iterator
        let line: HTTP2Line

        mutating func next() async throws -> ByteBuffer? {
            let bytes = try await content.next()
            if let bytes { line.took(bytes: bytes.readableBytes) }
            return bytes
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(content: content.makeAsyncIterator(), line: line)
    }
}

/// Writes Hummingbird's response onto a stream.
struct HTTP2ResponseWriter: ResponseBodyWriter {
    let line: HTTP2Line

    mutating func write(_ buffer: ByteBuffer) async throws { try await line.send(buffer) }

    /// Trailers are dropped: nobody of ours sends any.
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { line.finish() }
}

/// One request and its response.
struct HTTP2Exchange: Sendable {
    let head: HTTPRequest
    let body: AsyncThrowingStream<ByteBuffer, any Error>
    /// Ends where the stream goes.
    let interest: AsyncStream<Never>
    let line: HTTP2Line

    func hold(_ respond: RestResponder) async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.answer(respond) }
            tasks.addTask { for await _ in interest {} }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    private func answer(_ respond: RestResponder) async {
        let request = Request(
            head: head, body: RequestBody(asyncSequence: HTTP2RequestBody(content: body, line: line)))
        let response = await respond(request, line.channel)
        do {
            try await line.send(head: response.head)
            if head.method == .head {
                line.finish()
            } else {
                try await response.body.write(HTTP2ResponseWriter(line: line))
            }
        } catch {
            // The stream is gone, or the body failed.
            line.breakOff()
        }
    }
}
