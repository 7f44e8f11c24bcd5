import Dispatch
import Ingest
import Media
import Shows

// Who may publish. A key is looked for in memory; only a show that is not there yet is waited for, by a queue.

extension ShowRoster: FeedAuthority {
    func check(key: String, peer: String) -> FeedCheck {
        switch opening(key, peer: peer) {
        case .failure(let refusal): return .refused(reason: refusal.reason)
        case .success(let (_, facts)):
            if let live = shows[facts.id] { return live.check }
            return facts.state.takesFeed
                ? .welcome(passphrase: facts.srtPassphrase) : .refused(reason: LiveShow.refusal(facts.state))
        }
    }

    func admit(_ request: FeedRequest, reply: @escaping @Sendable (FeedAdmission) -> Void) {
        guard request.application == "live" else {
            reply(.refused(reason: "publish to /live/STREAMKEY, not to another application"))
            return
        }
        switch opening(request.key, peer: request.peer) {
        case .failure(let refusal): reply(.refused(reason: refusal.reason))
        case .success(let (key, facts)):
            if let live = shows[facts.id] {
                reply(live.accept(request, key: key))
            } else if facts.state.takesFeed {
                loader.async {
                    let live = self.show(facts.id)
                    reply(live?.accept(request, key: key) ?? .refused(reason: ShowRoster.unknownKey))
                }
            } else {
                reply(.refused(reason: LiveShow.refusal(facts.state)))
            }
        }
    }

    private struct Refusal: Error {
        let reason: String
    }

    private static let unknownKey = "the stream key is unknown: copy it again from the show"

    /// What a key opens, for a host at `peer` (`ADDRESS:PORT`).
    private func opening(_ key: String, peer: String) -> Result<(key: KnownKey, facts: ShowFacts), Refusal> {
        let address = String(peer[..<(peer.lastIndex(of: ":") ?? peer.endIndex)])
        let now = MonotonicTime.now
        if let seconds = warden.delay(of: address, at: now) {
            return .failure(
                Refusal(reason: "too many wrong keys came from this address: try again in \(seconds) s"))
        }
        if let opening = index.opening(key) { return .success(opening) }
        warden.refused(key, from: address, at: now)
        return .failure(Refusal(reason: ShowRoster.unknownKey))
    }
}
