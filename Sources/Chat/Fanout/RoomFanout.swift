// In: a room's events, from the thread that has written them to the disk, and readers from event loops. Out: one frame for
// each language and tick to each loop with readers, written there. Blocks: nothing; frames are made on a queue of the
// room's own. One tick at a time is on its way: where a loop is behind, the next is put off, and what has gathered makes one
// longer frame. Bound: `Settings.gathered` events, as many remarks; policy: of viewers' messages a fair sample, of that the
// newest, and later remarks are lost; counters: shopcast_chat_{ticks_put_off,sampled_messages,lost_messages}_total.

import Dispatch
import Foundation
package import Media
import NIOCore
import Synchronization
import Translation

/// Brings the events of one room to all its readers.
package final class RoomFanout: Sendable {
    struct State {
        var events: [RoomEvent] = []
        /// What was left of those that were more than may gather.
        var chosen = FairSample.Choice(events: [])
        /// What has no number: whole elements, for one language or for all.
        var remarks: [Remark] = []
        /// What is told to those who asked for it, and by how many that was done.
        var notes: [Topic: [TopicNote]] = [:]
        var followers: [Topic: Int] = [:]
        var sample: FairSample
        var isScheduled = false
        var isPulsing = false
        /// Readers by language, over all loops.
        var languages: [LanguageTag: Int] = [:]
        var crowds: [ObjectIdentifier: NIOLoopBound<Crowd>] = [:]
        var readers = 0
        var told: Count?
        var pulses = 0
        var tag = ""
    }

    struct Remark: Sendable {
        var language: LanguageTag?
        var json: ByteBuffer
        var isChat = false
    }

    struct Count: Equatable, Sendable {
        var viewers: Int
        var readers: Int
    }

    package let show: ShowID
    let surroundings: Fanout.Surroundings
    let state: Mutex<State>
    let queue: DispatchQueue
    /// Loops on which somebody has not got the last tick's frames yet.
    private let delivering = Atomic<Int>(0)

    init(_ show: ShowID, _ surroundings: Fanout.Surroundings) {
        self.show = show
        self.surroundings = surroundings
        state = Mutex(State(sample: FairSample(surroundings.settings.pace)))
        queue = DispatchQueue(label: "shopcast.chat.fanout", qos: .userInitiated)
    }

    // MARK: What is to be told

    /// From the writer's thread.
    func publish(_ events: [RoomEvent]) {
        let isFirst = state.withLock { state in
            guard state.readers > 0 else { return false }
            state.events += events
            // Chosen from only where they are too many, so that each costs little.
            let most = surroundings.settings.gathered
            if state.events.count > most { state.choose(atMost: most) }
            return state.schedule()
        }
        if isFirst { tickLater() }
    }

    func translated(_ message: ChatMessage, _ rendering: Rendering, to language: LanguageTag) {
        // Meanwhile it may have been edited, or deleted.
        guard surroundings.hall.openDesk(show)?.message(message.id)?.text == message.text else { return }
        var pen = JSONPen()
        RoomScript.event("translation", &pen) { pen in
            pen.member("id", message.id.text)
            pen.member("language", language.text)
            pen.member("text", rendering.text)
            pen.member("engine", rendering.engine.rawValue)
            pen.member("hops", rendering.hops)
        }
        remark(Remark(language: language, json: pen.bytes, isChat: true))
    }

    func remark(_ remark: Remark) {
        let (isFirst, isLost) = state.withLock { state in
            guard state.readers > 0 else { return (false, false) }
            guard state.remarks.count < surroundings.settings.gathered else { return (false, true) }
            state.remarks.append(remark)
            return (state.schedule(), false)
        }
        if isLost { surroundings.metrics.lost(1) }
        if isFirst { tickLater() }
    }

    func tickLater() {
        queue.asyncAfter(deadline: .now() + surroundings.settings.tick) { [self] in tick() }
    }

    // MARK: The tick

    /// On the room's queue.
    private func tick() {
        guard delivering.load(ordering: .relaxed) == 0 else {
            surroundings.metrics.putOff()
            return tickLater()
        }
        let (choice, remarks, notes, languages, crowds, tag) = state.withLock { state in
            state.isScheduled = false
            state.choose(atMost: surroundings.settings.gathered)
            let (choice, remarks, notes) = (state.chosen, state.remarks, state.notes)
            state.chosen = FairSample.Choice(events: [])
            state.remarks = []
            state.notes = [:]
            return (
                choice, remarks, notes, Array(state.languages.keys), Array(state.crowds.values), state.tag
            )
        }
        let topics = notes.mapValues { notes in
            SheetText(notes.map { (json: $0.json, sequence: 0, isChat: $0.mayBeLost) })
        }
        let open = choice.events.filter { $0.audience == .everybody }
        var texts: [LanguageTag: SheetText] = [:]
        for language in languages {
            let elements = elements(open, remarks, choice, in: language)
            if !elements.isEmpty { texts[language] = SheetText(elements) }
        }
        let personal = personal(choice.events)
        surroundings.metrics.ticked(
            messages: choice.events.count { $0.isMessage }, frames: texts.count + topics.count,
            sampled: choice.dropped)
        guard !texts.isEmpty || !personal.isEmpty || !topics.isEmpty else { return }
        delivering.store(crowds.count, ordering: .relaxed)
        for crowd in crowds {
            crowd.eventLoop.execute { [self, texts] in
                crowd.value.deliver(texts, topics, personal, tag: tag) {
                    self.delivering.subtract(1, ordering: .relaxed)
                }
            }
        }
    }

    private func elements(
        _ events: [RoomEvent], _ remarks: [Remark], _ choice: FairSample.Choice, in language: LanguageTag
    ) -> [(json: ByteBuffer, sequence: Int, isChat: Bool)] {
        let glossary = surroundings.hall.glossary(of: show)
        var elements: [(json: ByteBuffer, sequence: Int, isChat: Bool)] = []
        elements.reserveCapacity(events.count + remarks.count + 1)
        for event in events {
            var pen = JSONPen(capacity: 512)
            RoomScript.write(event, in: language, &pen) { rendering(of: $0, in: language, glossary) }
            elements.append((pen.bytes, event.sequence, event.isMessage))
        }
        if let span = choice.span {
            var pen = JSONPen()
            RoomScript.event("sampled", &pen) { pen in
                pen.member("dropped", choice.dropped)
                pen.member("from", span.lowerBound)
                pen.member("to", span.upperBound)
            }
            elements.append((pen.bytes, 0, false))
        }
        for remark in remarks where remark.language == nil || remark.language == language {
            elements.append((remark.json, 0, remark.isChat))
        }
        return elements
    }

    /// Shadow-banned authors' own words, as they wrote them.
    private func personal(_ events: [RoomEvent]) -> [AuthorID: SheetText] {
        var own: [AuthorID: [(json: ByteBuffer, sequence: Int, isChat: Bool)]] = [:]
        for event in events {
            guard case .only(let author) = event.audience else { continue }
            var pen = JSONPen(capacity: 512)
            RoomScript.write(event, in: .undetermined, &pen) { _ in nil }
            own[author, default: []].append((pen.bytes, event.sequence, event.isMessage))
        }
        return own.mapValues { SheetText($0) }
    }

    func rendering(of message: ChatMessage, in language: LanguageTag, _ glossary: Glossary) -> Rendering? {
        surroundings.interpreting.rendering(of: message, in: language, glossary: glossary, for: self)
    }

    // MARK: Counts and reactions

    /// Twice a second while somebody reads: what readers did with one tap, and how many there are.
    func pulse() {
        let (isOver, isCountDue, readers) = state.withLock { state -> (Bool, Bool, Int) in
            state.pulses += 1
            if state.readers == 0 { state.isPulsing = false }
            return (state.readers == 0, state.pulses % 10 == 1, state.readers)
        }
        if isOver { return }
        if let reactions = surroundings.hall.openDesk(show)?.drainReactions(), !reactions.isEmpty {
            var pen = JSONPen()
            RoomScript.event("reactions", &pen) { pen in
                pen.name("counts")
                pen.beginObject()
                for (emoji, count) in reactions.sorted(by: { $0.key < $1.key }) {
                    pen.member(named: emoji, count)
                }
                pen.endObject()
            }
            remark(Remark(language: nil, json: pen.bytes))
        }
        if isCountDue { tellCount(Count(viewers: surroundings.viewers(show), readers: readers)) }
        pulseLater()
    }

    private func tellCount(_ count: Count) {
        guard
            state.withLock({ state in
                defer { state.told = count }
                return state.told != count
            })
        else { return }
        var pen = JSONPen()
        RoomScript.event("count", &pen) { pen in
            pen.member("viewers", count.viewers)
            pen.member("readers", count.readers)
        }
        remark(Remark(language: nil, json: pen.bytes))
    }

    func pulseLater() {
        queue.asyncAfter(deadline: .now() + .milliseconds(500)) { [weak self] in self?.pulse() }
    }

    package var readers: Int { state.withLock { $0.readers } }
}

extension RoomFanout.State {
    /// Whether a tick has to be asked for.
    mutating func schedule() -> Bool {
        defer { isScheduled = true }
        return !isScheduled
    }

    /// Chooses what is told of the events that have come: at most so many, but for what must be.
    mutating func choose(atMost most: Int) {
        let now = Double(MonotonicTime.now.nanoseconds) / 1e9
        var random = SystemRandomNumberGenerator()
        chosen.add(sample.choose(from: events, now: now, using: &random))
        chosen.shorten(to: most)
        events = []
    }
}

extension RoomEvent {
    fileprivate var isMessage: Bool {
        if case .message = kind { true } else { false }
    }
}
