import Foundation
package import Media
package import NIOCore
import People
package import Translation

/// Puts what happens in a room into the words of the wire protocol (`Samples/protocol.md`).
package enum RoomScript {
    /// A message as its reader gets it: rendered where there is a rendering, else as it was written.
    package static func write(
        _ message: ChatMessage, _ rendering: Rendering?, in language: LanguageTag, _ pen: inout JSONPen
    ) {
        pen.member("seq", message.sequence)
        pen.member("id", message.id.text)
        pen.member("at", message.at.rfc3339)
        pen.member("showTime", message.showTime?.rfc3339)
        pen.name("author")
        pen.beginObject()
        write(message.author, &pen)
        pen.endObject()
        if let rendering {
            pen.member("text", rendering.text)
            pen.member("language", language.text)
            pen.name("original")
            pen.beginObject()
            pen.member("text", message.text)
            pen.member("language", message.language?.text)
            pen.endObject()
            pen.member("engine", rendering.engine.rawValue)
            pen.member("hops", rendering.hops)
        } else {
            pen.member("text", message.text)
            pen.member("language", message.language?.text)
        }
        pen.member("replyTo", message.replyTo?.text)
        if message.isQuestion { pen.member("question", true) }
        if message.isAnswered { pen.member("answered", true) }
        pen.member("answeredBy", message.answeredBy?.text)
        pen.member("editedAt", message.editedAt?.rfc3339)
    }

    private static func write(_ author: ChatAuthor, _ pen: inout JSONPen) {
        pen.member("id", author.id.text)
        pen.member("name", author.name)
        pen.member("badge", author.badge?.rawValue)
    }

    /// An event, whole, as an element of a frame's array.
    package static func write(
        _ event: RoomEvent, in language: LanguageTag, _ pen: inout JSONPen,
        rendering: (ChatMessage) -> Rendering?
    ) {
        pen.beginObject()
        switch event.kind {
        case .message(let message):
            pen.member("type", "message")
            write(message, rendering(message), in: language, &pen)
        case .edited(let message):
            pen.member("type", "edited")
            // The message's own number is that of the event with which it appeared.
            var message = message
            message.sequence = event.sequence
            write(message, rendering(message), in: language, &pen)
        case .deleted(let id):
            begin("deleted", event, &pen)
            pen.member("id", id.text)
        case .pinned(let message):
            begin("pinned", event, &pen)
            pen.name("message")
            pen.beginObject()
            write(message, rendering(message), in: language, &pen)
            pen.endObject()
        case .unpinned: begin("unpinned", event, &pen)
        case .cleared(let last):
            begin("cleared", event, &pen)
            pen.member("upTo", last)
        case .mode(let mode):
            begin("mode", event, &pen)
            pen.name("mode")
            write(mode, &pen)
        case .question(let id, let answer):
            begin("question", event, &pen)
            pen.member("id", id.text)
            pen.member("answered", true)
            pen.member("by", answer?.text)
        }
        pen.endObject()
    }

    private static func begin(_ type: String, _ event: RoomEvent, _ pen: inout JSONPen) {
        pen.member("type", type)
        pen.member("seq", event.sequence)
    }

    static func write(_ mode: ChatMode, _ pen: inout JSONPen) {
        pen.beginObject()
        pen.member("slowSeconds", mode.slowSeconds)
        pen.member("writing", mode.writing.rawValue)
        pen.member("links", mode.links.rawValue)
        pen.member("hold", mode.hold)
        pen.endObject()
    }

    // MARK: What only one reader hears, each a whole frame

    /// An array of one event, of which `body` writes the members after its type.
    package static func frame(_ type: String, _ body: (inout JSONPen) -> Void = { _ in }) -> ByteBuffer {
        var pen = JSONPen()
        pen.beginArray()
        event(type, &pen, body)
        pen.endArray()
        return pen.bytes
    }

    package static func event(
        _ type: String, _ pen: inout JSONPen, _ body: (inout JSONPen) -> Void = { _ in }
    ) {
        pen.beginObject()
        pen.member("type", type)
        body(&pen)
        pen.endObject()
    }

    /// For those who run the room: an element of a frame's array.
    static func element(_ news: HeldNews) -> ByteBuffer {
        var pen = JSONPen()
        switch news {
        case .held(let message):
            event("held", &pen) { pen in
                write(message, nil, in: message.language ?? .undetermined, &pen)
                pen.member("heldFor", message.heldFor)
            }
        case .released(let id): event("released", &pen) { pen in pen.member("id", id.text) }
        }
        return pen.bytes
    }

    /// A message was taken. Its author reads their own words.
    package static func ack(_ clientID: String, _ message: ChatMessage) -> ByteBuffer {
        frame("ack") { pen in
            pen.member("id", clientID)
            pen.name("message")
            pen.beginObject()
            write(message, nil, in: message.language ?? .undetermined, &pen)
            pen.endObject()
        }
    }

    /// Something was not done; `clientID` names it where it had a name.
    package static func refused(_ clientID: String?, _ refusal: ChatRefusal) -> ByteBuffer {
        frame("refused") { pen in
            pen.member("id", clientID)
            pen.member("code", refusal.code.rawValue)
            pen.member("detail", refusal.detail)
            if let seconds = refusal.retryAfterSeconds { pen.member("retryAfterSeconds", seconds) }
        }
    }

    package static func bye(_ code: Int, retryAfterSeconds: Int) -> ByteBuffer {
        frame("bye") { pen in
            pen.member("code", code)
            pen.member("retryAfterSeconds", retryAfterSeconds)
        }
    }

    /// What this reader lost because it was too slow.
    static func gap(_ lost: ClosedRange<Int>) -> ByteBuffer {
        frame("gap") { pen in
            pen.member("from", lost.lowerBound)
            pen.member("to", lost.upperBound)
        }
    }
}

/// Who a reader is, as they are told it themselves.
package struct ReaderStanding: Sendable, Hashable {
    package var author: ChatAuthor?
    /// Why they cannot write; nil where they can.
    package var obstacle: ChatRefusal?
    /// What makes a guest the same one again.
    package var guestSecret: String?

    package init(author: ChatAuthor? = nil, obstacle: ChatRefusal? = nil, guestSecret: String? = nil) {
        self.author = author
        self.obstacle = obstacle
        self.guestSecret = guestSecret
    }

    package func write(_ pen: inout JSONPen) {
        pen.member("id", author?.id.text)
        pen.member("name", author?.name)
        pen.member("badge", author?.badge?.rawValue)
        pen.member("canWrite", obstacle == nil)
        pen.member("why", obstacle?.code.rawValue)
        pen.member("guest", guestSecret)
    }
}
