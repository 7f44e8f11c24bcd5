import Codecs
import Media

/// One encoded rendition, as the source thread sees it, and what becomes of its pictures.
struct Lane {
    enum Mode {
        case on
        /// Shows one picture up to the next segment, which costs next to nothing, and rests from there.
        case leaving(Picture?)
        case resting
        /// Goes on with the next segment.
        case awaited
    }

    let stage: RungStage
    var mode = Mode.on
    var isHalved = false

    /// Pictures of its size are made.
    var isScaled: Bool {
        switch mode {
        case .on, .awaited: true
        case .leaving, .resting: false
        }
    }

    var isShed: Bool { !isScaled }

    /// A segment starts: what was to change with one changes.
    mutating func pass() {
        switch mode {
        case .leaving: mode = .resting
        case .awaited: mode = .on
        case .on, .resting: break
        }
    }

    /// Whether it is sent a picture at `place`.
    func takes(_ place: PartPlaces.Place, isCut: Bool) -> Bool {
        switch mode {
        case .on: isCut || !isHalved || place.isKeptAtHalf
        case .leaving: place.isKeptAtHalf
        case .resting, .awaited: false
        }
    }

    /// How long a picture at `place` is shown.
    func duration(at place: PartPlaces.Place, _ frame: MediaTime) -> MediaTime {
        if case .leaving = mode { return place.isLast ? frame : frame * 2 }
        return isHalved && place.isKeptAtHalf && !place.isLast ? frame * 2 : frame
    }
}
