import Foundation
import Media
package import NIOCore
import People
import Synchronization

/// Readers come, begin, change and go: all on their event loops.
extension RoomFanout {
    /// What a reader begins with besides what the room says.
    package struct Greeting: Sendable {
        package var standing: ReaderStanding
        /// The newest event that the reader has, and of which row of them.
        package var after: Int?
        package var tag: String?

        package init(standing: ReaderStanding, after: Int? = nil, tag: String? = nil) {
            self.standing = standing
            self.after = after
            self.tag = tag
        }
    }

    /// A place that is taken.
    struct Entry: Sendable {
        var crowd: NIOLoopBound<Crowd>
        var language: LanguageTag
        var isFirst: Bool
    }

    /// The bound of languages is for those that differ: where nothing is translated into one, its readers share what is told
    /// as it was written.
    func admit(_ wanted: LanguageTag, on loop: any EventLoop) -> Entry {
        let reached = surroundings.interpreting.reaches(wanted) ? wanted : .undetermined
        return state.withLock { state in
            let language = state.taken(reached, atMost: surroundings.settings.languages)
            if language != wanted { surroundings.metrics.languageRefused() }
            state.languages[language, default: 0] += 1
            state.readers += 1
            defer { state.isPulsing = true }
            return Entry(crowd: state.crowd(on: loop), language: language, isFirst: !state.isPulsing)
        }
    }

    func enter(_ seat: any Seat, _ entry: Entry, author: AuthorID?, on loop: any EventLoop) -> Reader {
        let reader = Reader(
            seat: seat, language: entry.language, author: author, limit: surroundings.settings.backlog,
            metrics: surroundings.metrics)
        entry.crowd.value.enter(reader)
        if entry.isFirst { pulseLater() }
        return reader
    }

    /// Puts before the reader what they begin with: the room as it stands, or what they missed.
    package func begin(_ reader: Reader, at desk: ChatDesk, _ greeting: Greeting, on loop: any EventLoop) {
        let bound = NIOLoopBound(reader, eventLoop: loop)
        let (author, language) = (reader.author, reader.language)
        // On the room's queue: when thousands come back at once, no loop is kept from the others.
        queue.async { [self] in
            let snapshot = desk.snapshot(for: author, after: greeting.after, tag: greeting.tag)
            state.withLock { $0.tag = snapshot.tag }
            let hello = hello(snapshot, greeting.standing, in: language)
            let missed = missed(snapshot, in: language)
            loop.execute {
                let id = "\(snapshot.tag)-\(snapshot.sequence)"
                var sheets = [Sheet(hello, id: missed == nil ? id : nil)]
                if let missed { sheets.append(Sheet(missed, id: id)) }
                bound.value.begin(sheets, upTo: snapshot.sequence)
            }
        }
    }

    /// The reader writes as somebody else from now on.
    package func rename(_ reader: Reader, to author: AuthorID?, on loop: any EventLoop) {
        state.withLock { $0.crowd(on: loop) }.value.rename(reader, to: author)
    }

    package func leave(_ reader: Reader, on loop: any EventLoop) {
        guard reader.place != nil else { return }
        let crowd = state.withLock { state in
            state.forget(reader.language)
            for topic in reader.topics.keys { state.unfollow(topic) }
            state.readers -= 1
            return state.crowd(on: loop)
        }
        crowd.value.leave(reader)
        reader.leave()
        surroundings.left(self)
    }

    // MARK: What a reader begins with

    private func hello(_ snapshot: RoomSnapshot, _ standing: ReaderStanding, in language: LanguageTag)
        -> ByteBuffer
    {
        let glossary = surroundings.hall.glossary(of: show)
        func write(_ message: ChatMessage, _ pen: inout JSONPen) {
            pen.beginObject()
            RoomScript.write(message, rendering(of: message, in: language, glossary), in: language, &pen)
            pen.endObject()
        }
        var pen = JSONPen(capacity: 1024 + snapshot.messages.count * 300)
        pen.beginArray()
        RoomScript.event("hello", &pen) { pen in
            pen.member("v", 1)
            pen.member("room", snapshot.tag)
            pen.member("sequence", snapshot.sequence)
            pen.member("serverTime", Date.now.rfc3339)
            pen.member("language", language.text)
            pen.name("you")
            pen.beginObject()
            standing.write(&pen)
            pen.endObject()
            pen.name("mode")
            RoomScript.write(snapshot.mode, &pen)
            if let pinned = snapshot.pinned {
                pen.name("pinned")
                write(pinned, &pen)
            }
            pen.name("messages")
            pen.beginArray()
            for message in snapshot.messages { write(message, &pen) }
            pen.endArray()
            pen.name("count")
            pen.beginObject()
            pen.member("viewers", surroundings.viewers(show))
            pen.member("readers", readers)
            pen.endObject()
            pen.member("resumed", snapshot.missed != nil)
        }
        pen.endArray()
        return pen.bytes
    }

    private func missed(_ snapshot: RoomSnapshot, in language: LanguageTag) -> ByteBuffer? {
        guard let missed = snapshot.missed, !missed.isEmpty else { return nil }
        let glossary = surroundings.hall.glossary(of: show)
        var pen = JSONPen(capacity: missed.count * 300)
        pen.beginArray()
        for event in missed {
            RoomScript.write(event, in: language, &pen) { rendering(of: $0, in: language, glossary) }
        }
        pen.endArray()
        return pen.bytes
    }
}

extension RoomFanout.State {
    /// The language that a reader gets: beyond the bound, messages as they were written.
    fileprivate func taken(_ language: LanguageTag, atMost: Int) -> LanguageTag {
        languages[language] != nil || languages.count < atMost ? language : .undetermined
    }

    fileprivate mutating func forget(_ language: LanguageTag) {
        guard let count = languages[language] else { return }
        languages[language] = count > 1 ? count - 1 : nil
    }

    /// On its loop.
    mutating func crowd(on loop: any EventLoop) -> NIOLoopBound<Crowd> {
        if let crowd = crowds[ObjectIdentifier(loop)] { return crowd }
        let crowd = NIOLoopBound(Crowd(loop: loop), eventLoop: loop)
        crowds[ObjectIdentifier(loop)] = crowd
        return crowd
    }
}
