import Logging
import Media
import Packaging
import People
import Shows
import Synchronization

// A rehearsal runs into a window of its own, which only its host is told the name of; the show's own window waits behind
// the curtain, as empty as before. Going live is a new run into that: nothing of the rehearsal is in it, nor on the disk.

extension LiveShow {
    /// From here on the feed is seen by its host only.
    func rehearse(by actor: Actor) -> ControlReply {
        let (reply, record) = state.withLock { state -> (ControlReply, ShowRecord?) in
            guard state.run == nil || state.record.state != .scheduled else {
                return (.error("show '\(id)' is going live just now: it is too late to rehearse"), nil)
            }
            guard move(&state, .rehearse, by: actor) else {
                return (.error("show '\(id)' is \(state.record.state.rawValue), not scheduled"), nil)
            }
            return (.ok("show '\(id)' rehearses: only its host sees it"), state.record)
        }
        if let record { store(record) }
        return reply
    }

    /// The show goes on air with the next key frame of its feed, or when its feed arrives.
    func goLive(by actor: Actor) -> ControlReply {
        let (reply, record, rehearsal) = state.withLock {
            state -> (ControlReply, ShowRecord?, LiveWindow?) in
            guard move(&state, .goLive, by: actor) else {
                return (.error("show '\(id)' is \(state.record.state.rawValue), not rehearsing"), nil, nil)
            }
            // Before the feed is there, its host is awaited.
            state.isPaused = state.feeds.all.isEmpty
            let reply = ControlReply.ok("show '\(id)' goes live")
            guard let own = state.curtain else { return (reply, state.record, nil) }
            let rehearsal = state.window
            state.window = own
            state.curtain = nil
            // Its last pictures are for nobody, so nobody waits for them.
            state.run?.pipeline?.finish()
            state.run = nil
            state.slateSince = nil
            state.finishing = nil
            return (reply, state.record, rehearsal)
        }
        if let record {
            store(record)
            logger.notice("going live")
        }
        rehearsal?.end()
        return reply
    }

    /// A run is about to begin: where it is a rehearsal, it gets a window of its own.
    func drawCurtain(_ state: inout State) {
        let settings = settings
        let isRehearsal =
            state.record.state == .rehearsal || (state.record.state == .scheduled && settings.rehearsal)
        guard isRehearsal, state.curtain == nil else { return }
        state.curtain = state.window
        state.window = makeRehearsal(settings)
    }
}
