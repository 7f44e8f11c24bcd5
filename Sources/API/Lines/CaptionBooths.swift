// In: interpreters who come to a language of a show, hand over and go, on the event loops of their lines. Out: to each of
// them who is there and who is on, at each change, in its order. Blocks: nothing. Bound: `CaptionBooth.mostSeats` in a
// language; policy: nobody more is let in, and is told so; counter: shopcast_caption_booth_full_total.

import Captioning
import Chat
import Media
import Metrics
import NIOCore
import Synchronization

/// Whose turn it is to type captions, in every language of every show.
final class CaptionBooths: Sendable {
    private struct Room {
        var booth = CaptionBooth()
        var lines: [Int: @Sendable (ByteBuffer) -> Void] = [:]
    }

    private struct State {
        var rooms: [TrackName: Room] = [:]
        var last = 0
    }

    private let state = Mutex(State())
    private let full = Counter(label: "shopcast_caption_booth_full_total")

    /// A place in the booth; nil where there is none. `tell` gets frames while the lock is held: it must not wait.
    func enter(
        _ track: TrackName, as name: String, tell: @escaping @Sendable (ByteBuffer) -> Void
    ) -> Int? {
        let seat: Int? = state.withLock { state in
            state.last += 1
            let id = state.last
            var room = state.rooms[track, default: Room()]
            guard room.booth.enter(.init(id: id, name: name)) else { return nil }
            room.lines[id] = tell
            state.rooms[track] = room
            CaptionBooths.tell(room, track)
            return id
        }
        if seat == nil { full.increment() }
        return seat
    }

    func leave(_ track: TrackName, _ seat: Int) {
        change(track) { room in
            room.booth.leave(seat)
            room.lines[seat] = nil
        }
    }

    func take(_ track: TrackName, _ seat: Int) { change(track) { $0.booth.take(seat) } }

    func hand(_ track: TrackName, _ seat: Int) { change(track) { $0.booth.hand(seat) } }

    private func change(_ track: TrackName, _ body: (inout Room) -> Void) {
        state.withLock { state in
            guard var room = state.rooms[track] else { return }
            let before = room.booth
            body(&room)
            state.rooms[track] = room.lines.isEmpty ? nil : room
            if room.booth != before { CaptionBooths.tell(room, track) }
        }
    }

    /// Under the lock, so that everybody hears of every change in the same order.
    private static func tell(_ room: Room, _ track: TrackName) {
        for (seat, line) in room.lines {
            line(
                RoomScript.frame("booth") { pen in
                    pen.member("language", track.language.text)
                    if let on = room.booth.on { pen.member("on", on) }
                    pen.member("you", seat)
                    pen.name("seats")
                    pen.beginArray()
                    for seat in room.booth.seats {
                        pen.beginObject()
                        pen.member("id", seat.id)
                        pen.member("name", seat.name)
                        pen.endObject()
                    }
                    pen.endArray()
                })
        }
    }
}
