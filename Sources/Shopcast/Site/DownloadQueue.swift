// In: requests for a recording as one file. Out: the same, with the recording's script, which is read once for all who
// wait for it together. Blocks: the requests' own tasks. Bound: `atMost` requests; policy: more are refused (503);
// counter: shopcast_downloads_refused_total.

package import Media
import Metrics
import Synchronization

/// Those who wait for recordings to become files: each costs a script, which of a long recording is large.
package final class DownloadQueue<Script: Sendable>: Sendable {
    private struct Reading {
        let script: Task<Script, any Error>
        let begun = ContinuousClock.now
        var askers = 0
    }

    private struct State {
        var askers = 0
        var readings: [ShowID: Reading] = [:]
    }

    /// Age of a script that newcomers still share: as long as somebody else waits for its file.
    private let freshness = Duration.seconds(30)
    private let atMost: Int
    private let state = Mutex(State())
    private let refused = Counter(label: "shopcast_downloads_refused_total")

    package init(atMost: Int = 8) {
        self.atMost = atMost
    }

    /// What `body` makes of a show's script, which is read unless somebody who is still there had it read; nil where too
    /// many wait already.
    package func wait<Answer>(
        for show: ShowID, read: @escaping @Sendable () async throws -> Script,
        _ body: (Script) async throws -> Answer
    ) async throws -> Answer? {
        guard let script = enter(show, read) else {
            refused.increment()
            return nil
        }
        defer { leave(show) }
        return try await body(script.value)
    }

    private func enter(
        _ show: ShowID, _ read: @escaping @Sendable () async throws -> Script
    ) -> Task<Script, any Error>? {
        state.withLock { state in
            guard state.askers < atMost else { return nil }
            state.askers += 1
            if state.readings[show].map({ .now - $0.begun > freshness }) ?? true {
                let askers = state.readings[show]?.askers ?? 0
                state.readings[show] = Reading(script: Task { try await read() }, askers: askers)
            }
            state.readings[show]?.askers += 1
            return state.readings[show]?.script
        }
    }

    private func leave(_ show: ShowID) {
        state.withLock { state in
            state.askers -= 1
            state.readings[show]?.askers -= 1
            if state.readings[show]?.askers == 0 { state.readings[show] = nil }
        }
    }
}
