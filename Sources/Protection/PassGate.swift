// In: a token, the show that is asked for and where from, for every request to a protected show (event loops).
// Out: what the viewer may see, or why not. Blocks nobody: a look-up under a lock; the first time a signature is
// checked (tens of microseconds), outside of it. Bound: `limit` tokens are remembered; policy: the longest unused are
// forgotten; counter: shopcast_tokens_forgotten_total.

package import Media
import Metrics
import Synchronization

/// Decides who may watch protected shows. Its keys can be changed at any time.
package final class PassGate: Sendable {
    private struct State {
        var keys: PassKeys
        /// Rises with each change of keys: what was read with older ones is not remembered.
        var generation = 0
        var recent: RecentPasses
        var forgotten = 0
    }

    private let state: Mutex<State>
    private let known = Counter(
        label: "shopcast_tokens_checked_total", dimensions: [("result", "remembered")])
    private let verified = Counter(
        label: "shopcast_tokens_checked_total", dimensions: [("result", "verified")])
    private let refused = Counter(label: "shopcast_tokens_checked_total", dimensions: [("result", "refused")])
    private let forgotten = Counter(label: "shopcast_tokens_forgotten_total")

    package init(keys: PassKeys, limit: Int = 20_000) {
        state = Mutex(State(keys: keys, recent: RecentPasses(limit: limit)))
    }

    /// From here on only these keys count, for tokens already seen too.
    package func change(to keys: PassKeys) {
        state.withLock { state in
            state.keys = keys
            state.generation += 1
            state.recent.forgetAll()
        }
    }

    /// Looks at a token at `second` (Unix time). `country` is what a proxy in front says of the viewer; a token that is
    /// bound to a country is refused where nobody says.
    package func admit(
        _ token: String?, to show: ShowID, from country: String?, at second: Int64
    ) throws(PassRefusal) -> PlaybackPass {
        do throws(PassRefusal) {
            guard let token else { throw PassRefusal.missing }
            let pass = try read(token)
            guard pass.expires > second else { throw PassRefusal.expired }
            guard pass.show == show else { throw PassRefusal.otherShow }
            if let bound = pass.country {
                guard let country, CountryCode.normal(country) == bound else { throw PassRefusal.elsewhere }
            }
            return pass
        } catch {
            refused.increment()
            throw error
        }
    }

    /// How many tokens are remembered.
    package var remembered: Int { state.withLock { $0.recent.count } }

    private func read(_ token: String) throws(PassRefusal) -> PlaybackPass {
        let (known, keys, generation) = state.withLock { state in
            (state.recent.pass(of: token), state.keys, state.generation)
        }
        if let known {
            self.known.increment()
            return known
        }
        let pass = try keys.read(token)
        verified.increment()
        let lost = state.withLock { state in
            guard state.generation == generation else { return 0 }
            state.recent.remember(pass, of: token)
            defer { state.forgotten = state.recent.forgotten }
            return state.recent.forgotten - state.forgotten
        }
        if lost > 0 { forgotten.increment(by: lost) }
        return pass
    }
}
