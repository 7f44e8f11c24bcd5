// In: what one reader says, on their line's event loop, and what the room answers. Out: commands to the room, and what the
// fan-out puts before the reader. Blocks: nothing. Bounds: words in a while, words that wait, commands under way.

import Captioning
import Chat
import Delivery
import Foundation
import Media
import NIOCore
import NIOPosix
import People

/// One reader of a show's chat, from the request to the end of the line.
final class ChatGuest: LineGuest {
    /// Words that wait until it is known who says them, and commands that wait for the disk.
    static let waitingAtMost = 16

    enum Phase {
        /// Nothing has been said yet.
        case new
        /// Who this is, or the room, is looked up; what is said meanwhile waits.
        case asking
        case reading
        case over
    }

    let door: ChatDoor
    let show: ShowID
    var arrival: Arrival
    let kind: LineKind
    /// Only for who may see what is not for everybody.
    let isForStaff: Bool
    /// The show is for holders of a playback token, which was shown.
    let isProtected: Bool
    var line: (any Line)?
    var phase = Phase.new
    var waiting: [ClientWord] = []
    var budget: WordBudget
    var underWay = 0

    var visitor: ChatVisitor
    var identity = Identity.anonymous
    /// In which captions are read along.
    var captions: [LanguageTag] = []
    /// Where this reader takes turns at writing captions.
    var booth: (track: TrackName, seat: Int)?
    var pass: GuestPass?
    var knownUntil = NIODeadline.distantFuture
    /// Something has changed of who may do what while this one was looked up.
    var isDoubted = false
    /// Looks up again who hears more than everybody and says nothing.
    var lookout: Scheduled<Void>?
    var language = LanguageTag.undetermined
    var desk: ChatDesk?
    var seat: (room: RoomFanout, reader: Reader)?

    init(
        door: ChatDoor, show: ShowID, kind: LineKind, arrival: Arrival, isForStaff: Bool,
        isProtected: Bool
    ) {
        self.door = door
        self.show = show
        self.kind = kind
        self.arrival = arrival
        self.isForStaff = isForStaff
        budget = WordBudget(door.fanout.settings.words)
        self.isProtected = isProtected
        visitor = ChatVisitor(address: arrival.address)
    }

    // MARK: The line

    func begin(_ line: any Line) {
        self.line = line
        if kind == .events { enter(helloOfQuery()) }
    }

    func heard(_ text: ByteBuffer) {
        guard phase != .over else { return }
        let verdict = budget.take(at: .now())
        guard verdict != .tooMuch else { return dismiss(.policy) }
        switch ClientWord.read(text) {
        case .success(let word) where verdict == .much:
            refuse(word.id, ChatRefusal(.flood, "too much at once", retryAfter: .seconds(2)))
        case .failure(let fault):
            refuse(fault.id, ChatRefusal(.badRequest, fault.detail))
            // Who is not known yet gets no second try.
            if phase == .new { dismiss(.policy) }
        case .success(let word): take(word)
        }
    }

    private func take(_ word: ClientWord) {
        switch phase {
        case .new:
            guard case .hello(let hello) = word else {
                refuse(nil, ChatRefusal(.badRequest, "hello comes first"))
                return dismiss(.policy)
            }
            guard hello.version == 1 else {
                refuse(nil, ChatRefusal(.badRequest, "version 1 of the protocol is spoken here"))
                return dismiss(.policy)
            }
            enter(hello)
        case .asking: wait(word)
        case .reading:
            if knownUntil < .now() {
                wait(word)
                askAgain()
            } else {
                perform(word)
            }
        case .over: break
        }
    }

    private func wait(_ word: ClientWord) {
        guard waiting.count < ChatGuest.waitingAtMost else {
            return refuse(word.id, ChatRefusal(.flood, "too much at once", retryAfter: .seconds(2)))
        }
        waiting.append(word)
    }

    /// What was said while somebody was looked up.
    func takeWaiting() {
        let words = waiting
        waiting = []
        for word in words where phase != .over { take(word) }
    }

    func caughtUp() { seat?.reader.caughtUp() }

    func farewell() -> Parcel? {
        // They do not all come back in the same second.
        Parcel(RoomScript.bye(Int(LineEnd.goingAway.rawValue), retryAfterSeconds: .random(in: 1...5)))
    }

    func ended() {
        phase = .over
        waiting = []
        leaveBooth()
        door.insiders.remove(self)
        lookout?.cancel()
        lookout = nil
        if let seat, let line { seat.room.leave(seat.reader, on: line.loop) }
        seat = nil
        line = nil
        desk = nil
    }

    /// Ends the line; whoever was told not to come back sees so.
    func dismiss(_ end: LineEnd) {
        guard phase != .over, let line else { return }
        phase = .over
        let retry = end == .policy ? 0 : Int.random(in: 5...15)
        line.close(end, last: Parcel(RoomScript.bye(Int(end.rawValue), retryAfterSeconds: retry)))
    }

    // MARK: What only this reader hears

    func tell(_ frame: ByteBuffer) {
        guard let line else { return }
        if let seat { seat.reader.tell(Sheet(frame)) } else { line.write(Parcel(frame)) }
    }

    func refuse(_ id: String?, _ refusal: ChatRefusal) { tell(RoomScript.refused(id, refusal)) }
}

extension ChatGuest: Seat {
    var takesMore: Bool { line?.isWritable ?? false }

    func put(_ sheet: Sheet) {
        guard let line else { return }
        if let wrapping = sheet.wrapping as? Parcel { return line.write(wrapping) }
        let parcel = Parcel(sheet.content, id: sheet.id)
        sheet.wrapping = parcel
        line.write(parcel)
    }

    func remove() { dismiss(.later) }

    /// What is told anew takes the place of all that this reader has of the last minutes.
    func hasLostUnnumbered() { beginCaptions() }
}

/// What a reader may say in a while: a burst, then a steady trickle. Who goes on regardless is shown out.
struct WordBudget {
    enum Verdict { case fine, much, tooMuch }

    private static let patience = 100

    private let pace: ChatSettings.Pace
    private var left: Double
    private var last: NIODeadline?
    private var surplus = 0

    init(_ pace: ChatSettings.Pace) {
        self.pace = pace
        left = pace.burst
    }

    mutating func take(at now: NIODeadline) -> Verdict {
        if let last {
            left = min(pace.burst, left + Double((now - last).nanoseconds) / 1e9 * pace.perSecond)
        }
        last = now
        guard left < 1 else {
            left -= 1
            surplus = 0
            return .fine
        }
        surplus += 1
        return surplus > WordBudget.patience ? .tooMuch : .much
    }
}

extension ClientWord {
    /// The client's own name for what it wants.
    var id: String? {
        switch self {
        case .send(let id, _, _), .edit(let id, _), .delete(let id): id
        case .caption(let caption): caption.id
        default: nil
        }
    }
}
