import Captioning
import Chat
import Foundation
import Media
import NIOCore
import People

/// Puts what happens to captions into the words of the protocol (`Samples/protocol.md`).
enum CaptionScript {
    private struct CueEvent: Encodable {
        let language: LanguageTag
        let cue: Cue

        private enum Keys: CodingKey { case type, language }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode("cue", forKey: .type)
            try container.encode(language, forKey: .language)
            try CueDocument(cue: cue, isWhole: false).encode(to: encoder)
        }
    }

    private struct PartialEvent: Encodable {
        let language: LanguageTag
        let partial: CaptionPartial

        private enum Keys: CodingKey { case type, language }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode("cue", forKey: .type)
            try container.encode(language, forKey: .language)
            try PartialDocument(partial: partial).encode(to: encoder)
        }
    }

    /// An entry of the list that a reader begins with.
    private enum Entry: Encodable {
        case cue(Cue)
        case partial(CaptionPartial)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .cue(let cue): try CueDocument(cue: cue, isWhole: false).encode(to: encoder)
            case .partial(let partial): try PartialDocument(partial: partial).encode(to: encoder)
            }
        }
    }

    private struct Beginning: Encodable {
        let type = "captions"
        let language: LanguageTag
        let from: Date
        let until: Date
        let cues: [Entry]
    }

    private struct Taken: Encodable {
        let type = "ack"
        let id: String
        let cues: [Entry]
        var practice: Bool?
    }

    private static func json(_ value: some Encodable) -> ByteBuffer {
        // What is written here has strings, numbers and lists of them only.
        (try? WireJSON.encoder().encode(value)).map { ByteBuffer(bytes: $0) } ?? ByteBuffer(string: "{}")
    }

    private static func frame(_ element: ByteBuffer) -> ByteBuffer {
        var pen = JSONPen(capacity: element.readableBytes + 2)
        pen.beginArray()
        pen.raw(element)
        pen.endArray()
        return pen.bytes
    }

    /// The elements that tell it, each with whether a reader who is too slow may lose it.
    static func events(_ news: CaptionHall.News, _ language: LanguageTag) -> [(ByteBuffer, Bool)] {
        switch news {
        case .put(let cues):
            // What is to come is nobody's business yet.
            let shown = cues.filter { !$0.isScript }
            if shown.count > 50 { return [(replaced(language), false)] }
            return shown.map { (json(CueEvent(language: language, cue: $0)), true) }
        case .removed(let ids):
            if ids.count > 50 { return [(replaced(language), false)] }
            return ids.map { id in
                (element("cueRemoved", language) { pen in pen.member("id", id) }, false)
            }
        case .replaced, .anchored: return [(replaced(language), false)]
        case .partial(let partial?): return [(json(PartialEvent(language: language, partial: partial)), true)]
        case .partial(nil):
            return [(element("cueRemoved", language) { $0.member("id", PartialDocument.id) }, false)]
        case .state, .wanted, .opened: return []
        }
    }

    private static func replaced(_ language: LanguageTag) -> ByteBuffer {
        element("cuesReplaced", language) { _ in }
    }

    private static func element(
        _ type: String, _ language: LanguageTag, _ body: (inout JSONPen) -> Void
    ) -> ByteBuffer {
        var pen = JSONPen()
        RoomScript.event(type, &pen) { pen in
            pen.member("language", language.text)
            body(&pen)
        }
        return pen.bytes
    }

    /// What a reader of the track begins with: a whole frame.
    static func begin(_ recent: RecentCues.Excerpt, _ partial: CaptionPartial?, _ language: LanguageTag)
        -> ByteBuffer
    {
        let entries = recent.cues.map(Entry.cue) + (partial.map { [Entry.partial($0)] } ?? [])
        return frame(
            json(
                Beginning(
                    language: language, from: Date(unixMilliseconds: recent.from),
                    until: Date(unixMilliseconds: recent.until), cues: entries)))
    }

    /// To whoever has written captions: a whole frame.
    static func ack(_ id: String, _ cues: [Cue]) -> ByteBuffer {
        frame(json(Taken(id: id, cues: cues.map(Entry.cue))))
    }

    /// The same where it was practice: nothing is kept of it.
    static func practice(_ id: String) -> ByteBuffer { frame(json(Taken(id: id, cues: [], practice: true))) }
}
