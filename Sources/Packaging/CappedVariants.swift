package import M3U8
package import Media
import NIOCore
import Synchronization

/// The multivariant playlist of one moment for those who may see renditions up to a size only: made once for each set
/// of renditions that this leaves, when it is first asked for.
package final class CappedVariants: Sendable {
    /// Pixels of each picture's shorter side.
    package let sides: [RenditionName: Int]
    private let playlist: MultivariantPlaylist?
    private let pressed = Mutex<[Int: PlaylistText]>([:])

    package init(_ playlist: MultivariantPlaylist?, sides: [RenditionName: Int]) {
        self.playlist = playlist
        self.sides = sides
    }

    /// Nil where there is nothing to choose from, or nothing within `cap`.
    package func text(upTo cap: Int) -> PlaylistText? {
        guard var playlist, let fitting = sides.values.filter({ $0 <= cap }).max() else { return nil }
        return pressed.withLock { pressed in
            if let text = pressed[fitting] { return text }
            playlist.variants.removeAll { variant in
                sides.contains { $1 > cap && variant.uri.hasPrefix("\($0)/") }
            }
            playlist.iFrameVariants.removeAll { variant in
                sides.contains { $1 > cap && variant.uri.hasPrefix("\($0)/") }
            }
            var buffer = ByteBufferAllocator().buffer(capacity: 2048)
            playlist.write(into: &buffer)
            let text = PlaylistText(whole: buffer)
            pressed[fitting] = text
            return text
        }
    }
}

extension RunPlan.Rendition {
    /// Pixels of the picture's shorter side; nil for sound.
    package var shortSide: Int? {
        if case .video(let width, let height, _) = kind { min(width, height) } else { nil }
    }
}
