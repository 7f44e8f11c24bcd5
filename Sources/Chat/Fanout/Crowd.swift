// In: what one tick brings, on the loop. Out: each frame to its readers, in pieces between which the loop turns to others.
// Blocks: nothing. Dropped when late: nothing here; a slow reader's `Backlog` does that, and the room puts its ticks off.

import DequeModule
import Media
import NIOCore

/// The readers of one room on one event loop, by their languages. On that loop only.
final class Crowd {
    let loop: any EventLoop
    private var byLanguage: [LanguageTag: [Reader]] = [:]
    private var byAuthor: [AuthorID: [ObjectIdentifier: Reader]] = [:]
    private var byTopic: [Topic: [Reader]] = [:]
    private(set) var count = 0
    /// Bound: the frames of one tick; policy: the next is put off; counter: shopcast_chat_ticks_put_off_total.
    private var rounds: Deque<Round> = []
    private var done: (() -> Void)?

    /// A frame on its way to those who were here when it was made.
    private struct Round {
        var sheet: Sheet
        var readers: [Reader]
        var next = 0
    }

    /// Readers who are written to before the loop turns to something else: a few milliseconds.
    private static let atOnce = 512

    init(loop: any EventLoop) {
        self.loop = loop
    }

    func enter(_ reader: Reader) {
        reader.place = byLanguage[reader.language]?.count ?? 0
        byLanguage[reader.language, default: []].append(reader)
        if let author = reader.author { byAuthor[author, default: [:]][ObjectIdentifier(reader)] = reader }
        count += 1
    }

    func leave(_ reader: Reader) {
        guard let place = reader.place else { return }
        reader.place = nil
        count -= 1
        if let last = byLanguage[reader.language]?.popLast(), last !== reader {
            byLanguage[reader.language]?[place] = last
            last.place = place
        }
        if byLanguage[reader.language]?.isEmpty == true { byLanguage[reader.language] = nil }
        rename(reader, to: nil)
        for topic in reader.topics.keys { forget(topic, reader) }
    }

    /// The reader hears of these from now on, and of no others.
    func follow(_ reader: Reader, _ topics: Set<Topic>) {
        for topic in reader.topics.keys where !topics.contains(topic) { forget(topic, reader) }
        for topic in topics where reader.topics[topic] == nil {
            reader.topics[topic] = byTopic[topic]?.count ?? 0
            byTopic[topic, default: []].append(reader)
        }
    }

    private func forget(_ topic: Topic, _ reader: Reader) {
        guard let place = reader.topics.removeValue(forKey: topic) else { return }
        if let last = byTopic[topic]?.popLast(), last !== reader {
            byTopic[topic]?[place] = last
            last.topics[topic] = place
        }
        if byTopic[topic]?.isEmpty == true { byTopic[topic] = nil }
    }

    /// The reader writes as somebody else from now on.
    func rename(_ reader: Reader, to author: AuthorID?) {
        if let old = reader.author {
            byAuthor[old]?[ObjectIdentifier(reader)] = nil
            if byAuthor[old]?.isEmpty == true { byAuthor[old] = nil }
        }
        reader.author = author
        if let author, reader.place != nil {
            byAuthor[author, default: [:]][ObjectIdentifier(reader)] = reader
        }
    }

    /// What everybody gets who reads in these languages, or has asked for these topics, and what only its author hears.
    /// `done` is called when they all have it: nothing more may be delivered before.
    func deliver(
        _ texts: [LanguageTag: SheetText], _ topics: [Topic: SheetText], _ personal: [AuthorID: SheetText],
        tag: String, done: @escaping () -> Void
    ) {
        // First, and with all that is numbered for everybody, so that an author has it in order. Of what everybody gets is left
        // for them what has no number.
        for (author, own) in personal {
            guard let readers = byAuthor[author]?.values else { continue }
            for (language, readers) in Dictionary(grouping: readers, by: \.language) {
                let text = own.merged(with: texts[language])
                rounds.append(Round(sheet: Sheet(text, id: "\(tag)-\(text.last)"), readers: readers))
            }
        }
        for (language, text) in texts {
            guard let readers = byLanguage[language] else { continue }
            // Bytes of this loop's own: what many loops count the references of would be passed to and fro between cores.
            let sheet = Sheet(text.copied(), id: text.last > 0 ? "\(tag)-\(text.last)" : nil)
            rounds.append(Round(sheet: sheet, readers: readers))
        }
        for (topic, text) in topics {
            guard let readers = byTopic[topic] else { continue }
            rounds.append(Round(sheet: Sheet(text.copied(), id: nil), readers: readers))
        }
        self.done = done
        goOn()
    }

    /// In pieces: between them the loop turns to whoever else it serves. Who has come since a round began has what is in it
    /// already, by what they began with.
    private func goOn() {
        var left = Crowd.atOnce
        while var round = rounds.popFirst() {
            let piece = round.readers[round.next...].prefix(left)
            for reader in piece { reader.take(round.sheet) }
            round.next += piece.count
            left -= piece.count
            if round.next < round.readers.count { rounds.prepend(round) }
            guard left > 0 else { break }
        }
        guard !rounds.isEmpty else {
            let done = done
            self.done = nil
            done?()
            return
        }
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.execute { bound.value.goOn() }
    }
}
