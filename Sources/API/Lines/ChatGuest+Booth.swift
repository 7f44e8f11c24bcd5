import Captioning
import Chat
import Delivery
import Media
import NIOCore
import People

extension ChatGuest {
    /// Comes to the booth of a language, goes, or passes the turn on.
    func perform(_ act: ClientWord.BoothAct, in language: LanguageTag) {
        let track = TrackName(show, language)
        guard act != .enter else { return knock(track) }
        guard let booth, booth.track == track else {
            return refuse(nil, ChatRefusal(.unknown, "enter the booth first"))
        }
        switch act {
        case .enter: break
        case .take: door.booths.take(track, booth.seat)
        case .hand: door.booths.hand(track, booth.seat)
        case .leave: leaveBooth()
        }
    }

    /// Who may write there, the disk says.
    private func knock(_ track: TrackName) {
        guard let line else { return }
        guard underWay < ChatGuest.waitingAtMost else {
            return refuse(nil, ChatRefusal(.flood, "too much at once", retryAfter: .seconds(2)))
        }
        underWay += 1
        let bound = NIOLoopBound(self, eventLoop: line.loop)
        let loop = line.loop
        door.intake.admit(identity, to: track) { refusal in
            loop.execute { bound.value.admitted(refusal, to: track) }
        }
    }

    private func admitted(_ refusal: ChatRefusal?, to track: TrackName) {
        underWay -= 1
        guard phase != .over, let line else { return }
        if let refusal { return refuse(nil, refusal) }
        guard booth?.track != track else { return }
        leaveBooth()
        let bound = NIOLoopBound(self, eventLoop: line.loop)
        let loop = line.loop
        let seat = door.booths.enter(track, as: visitor.author?.name ?? "") { frame in
            loop.execute { if bound.value.phase != .over { bound.value.tell(frame) } }
        }
        guard let seat else { return refuse(nil, ChatRefusal(.busy, "the booth is full: try again later")) }
        booth = (track, seat)
    }

    func leaveBooth() {
        guard let booth else { return }
        self.booth = nil
        door.booths.leave(booth.track, booth.seat)
    }

    /// Whoever may write here no more has no turn.
    func checkBooth() {
        if !AccessRules.permits(identity, .writeCaptions, on: show) { leaveBooth() }
    }
}
