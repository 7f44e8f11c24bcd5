import Media
import Packaging
import Synchronization

/// Names under which a host sees a show that is not for everybody: a rehearsal, or a show that wants tokens.
///
/// The name is the pass: 128 random bits in the place of the show's name, `/live/preview-…/index.m3u8`. So a rehearsal's
/// bytes never lie under the show's own addresses, in no cache and under no token of a viewer, and every player plays
/// it. It stands for one window, for as long as that is what the show's host sees and at most for a few minutes; whoever
/// has the show's key gets it, and again.
///
/// Bound: one good pass a window; what has expired is forgotten with the next one that is made.
final class PreviewPasses: Sendable {
    static let life = Duration.seconds(600)

    private struct Pass {
        let show: ShowID
        weak var window: LiveWindow?
        var expires: MonotonicTime
    }

    private let passes = Mutex<[ShowID: Pass]>([:])

    /// The name of `window`, good for `life` from now on.
    func name(for window: LiveWindow, of show: ShowID, at now: MonotonicTime) -> ShowID {
        passes.withLock { passes in
            passes = passes.filter { $0.value.expires > now && $0.value.window != nil }
            let known = passes.first { $0.value.window === window }?.key
            var generator = SystemRandomNumberGenerator()
            let name = known ?? ShowID(previewOf: (generator.next(), generator.next()))
            passes[name] = Pass(show: show, window: window, expires: now + PreviewPasses.life)
            return name
        }
    }

    /// What a name was given out for; nil where it is none of ours, or no longer.
    func window(for name: ShowID, at now: MonotonicTime) -> (show: ShowID, window: LiveWindow)? {
        passes.withLock { passes in
            guard let pass = passes[name], pass.expires > now, let window = pass.window else { return nil }
            return (pass.show, window)
        }
    }
}
