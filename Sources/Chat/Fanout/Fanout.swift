package import Dispatch
package import Media
package import NIOCore
import Synchronization
package import Translation

/// Brings what happens in rooms to who reads them.
package final class Fanout: Sendable {
    package struct Settings: Sendable {
        /// Events gather for so long before they are put into one frame.
        package var tick = DispatchTimeInterval.milliseconds(50)
        /// Events of one room that wait for a tick, and as many remarks.
        package var gathered = 4096
        /// Viewers' messages that a reader is given; beyond it a fair sample.
        package var pace = ChatSettings.Pace(burst: 150, perSecond: 120)
        /// What waits for a reader who is too slow (bytes); then the oldest messages are lost.
        package var backlog = 256 * 1024
        /// What one reader may say over a line.
        package var words = ChatSettings.Pace(burst: 20, perSecond: 10)
        /// Languages in one room, of those that something is translated into; further readers get messages as they were
        /// written. Counter: shopcast_chat_languages_refused_total.
        package var languages = 40

        package init() {}
    }

    /// What every room works with.
    struct Surroundings: Sendable {
        let hall: ChatHall
        let settings: Settings
        let metrics: FanoutMetrics
        let interpreting: Interpreting
        let viewers: @Sendable (ShowID) -> Int
        /// A reader has left that room.
        let left: @Sendable (RoomFanout) -> Void
    }

    private final class Rooms: Sendable {
        let all = Mutex<[ShowID: RoomFanout]>([:])
    }

    package let hall: ChatHall
    package var settings: Settings { surroundings.settings }
    /// Nil where nothing translates.
    package let late: LateRenderings?
    private let rooms = Rooms()
    private let surroundings: Surroundings

    /// `viewers` is asked often, and answers at once.
    package init(
        hall: ChatHall, settings: Settings = Settings(), translation: TranslationDesk? = nil,
        viewers: @escaping @Sendable (ShowID) -> Int = { _ in 0 }
    ) {
        self.hall = hall
        let metrics = FanoutMetrics()
        let late = translation.map { LateRenderings(desk: $0, metrics: metrics) }
        self.late = late
        let rooms = rooms
        surroundings = Surroundings(
            hall: hall, settings: settings, metrics: metrics,
            interpreting: Interpreting(desk: translation, late: late), viewers: viewers,
            left: { room in
                guard room.readers == 0 else { return }
                rooms.all.withLock { all in
                    // Somebody may have come meanwhile: they entered under this lock.
                    if all[room.show] === room, room.readers == 0 { all[room.show] = nil }
                }
            })
        hall.onEvents { [rooms] show, events in rooms.all.withLock { $0[show] }?.publish(events) }
        hall.onHeld { [rooms] show, news in
            guard let room = rooms.all.withLock({ $0[show] }), room.hasFollowers(.held) else { return }
            for one in news { room.tell(.held, RoomScript.element(one), mayBeLost: false) }
        }
        hall.setReaders { [rooms] show in rooms.all.withLock { $0[show] }?.readers ?? 0 }
    }

    /// Takes a place in a room; `RoomFanout.begin` has to follow, and `leave`. On the reader's event loop.
    package func enter(
        _ show: ShowID, _ seat: any Seat, language: LanguageTag, author: AuthorID?, on loop: any EventLoop
    ) -> (room: RoomFanout, reader: Reader) {
        // Within the lock: a room without readers is given up there.
        let (room, entry) = rooms.all.withLock { all in
            let room = all[show] ?? RoomFanout(show, surroundings)
            all[show] = room
            return (room, room.admit(language, on: loop))
        }
        return (room, room.enter(seat, entry, author: author, on: loop))
    }

    /// A room that somebody reads.
    package func room(_ show: ShowID) -> RoomFanout? { rooms.all.withLock { $0[show] } }

    /// Readers of all rooms.
    package var readers: Int { rooms.all.withLock { $0.values.reduce(0) { $0 + $1.readers } } }

    /// Now and then: what could not be translated may be tried again, and the readers are counted.
    package func refresh() {
        surroundings.interpreting.forget()
        surroundings.metrics.record(readers: readers)
    }
}
