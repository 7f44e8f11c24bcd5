// In: what the hall tells of captions, on the thread of whoever made them. Out: the same in the words of the protocol
// (`Samples/protocol.md`), written once for all readers of a show and language, to the room's fan-out. Blocks: nothing; who
// begins to read waits for the store where nobody has read that track of late, on a queue of its own. Bound: `mostWaiting`
// readers wait for it; policy: newer ones get what comes, and the rest by the API; counter: shopcast_caption_late_readers_total.

package import Captioning
package import Chat
import Dispatch
import Foundation
import Media
import Metrics
import NIOCore
import People
import Synchronization

/// Tells captions to the readers of shows.
package final class CaptionChannel: Sendable {
    private struct Frame: Sendable {
        var edition: Int
        var made: MonotonicTime
        var partial: CaptionPartial?
        var bytes: ByteBuffer
    }

    private static let mostFrames = 512
    /// Of what has not changed: the last two minutes are others by then.
    private static let freshness = Duration.seconds(5)
    private static let mostWaiting = 20_000

    let hall: CaptionHall
    private let fanout: Fanout
    private let frames = Mutex<[TrackName: Frame]>([:])
    private let reads = DispatchQueue(label: "shopcast.captions.readers", qos: .userInitiated)
    private let waiting = Atomic<Int>(0)
    private let turnedAway = Counter(label: "shopcast_caption_late_readers_total")

    package init(hall: CaptionHall, fanout: Fanout) {
        self.hall = hall
        self.fanout = fanout
        hall.listen { [fanout] show, language, news in
            let topic = Topic(captions: language)
            guard fanout.hasFollowers(show, topic) else { return }
            for (json, mayBeLost) in CaptionScript.events(news, language) {
                fanout.tell(show, topic, json, mayBeLost: mayBeLost)
            }
        }
    }

    /// Puts before a reader what there is in these languages, once it has asked for their topics. On its event loop.
    func begin(
        _ languages: [LanguageTag], of room: RoomFanout, _ reader: Reader, on loop: any EventLoop
    ) {
        let names = languages.map { TrackName(room.show, $0) }
        if !names.contains(where: { hall.mustRecall($0.show, $0.language, at: .now) }) {
            return tell(names, room, reader, loop)
        }
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= CaptionChannel.mostWaiting else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            return turnedAway.increment()
        }
        let bound = NIOLoopBound(reader, eventLoop: loop)
        reads.async { [self] in
            defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
            for name in names where hall.captioned(name.show)?.plan(of: name.language) != nil {
                // What could not be read is told to be unknown: readers ask the API for it.
                try? hall.recall(name.show, name.language, at: .now)
            }
            loop.execute { [self] in tell(names, room, bound.value, loop) }
        }
    }

    private func tell(_ names: [TrackName], _ room: RoomFanout, _ reader: Reader, _ loop: any EventLoop) {
        for name in names { room.tell(reader, on: loop) { [self] in frame(name) } }
    }

    /// What a reader of the track begins with: written once for all who come at the same time.
    private func frame(_ name: TrackName) -> ByteBuffer {
        let now = MonotonicTime.now
        let date = Date.now.unixMilliseconds
        let recent =
            hall.recent(name.show, name.language, at: .now)
            ?? RecentCues.Excerpt(cues: [], from: date, until: date, edition: 0)
        let partial = hall.partial(on: name.show, name.language)
        let known = frames.withLock { $0[name] }
        if let known, known.edition == recent.edition, known.partial == partial,
            now - known.made < CaptionChannel.freshness
        {
            return known.bytes
        }
        let bytes = CaptionScript.begin(recent, partial, name.language)
        frames.withLock { frames in
            if frames.count >= CaptionChannel.mostFrames { frames = [:] }
            frames[name] = Frame(edition: recent.edition, made: now, partial: partial, bytes: bytes)
        }
        return bytes
    }
}

extension Topic {
    /// The captions in this language.
    init(captions language: LanguageTag) { self.init("captions:\(language)") }
}
