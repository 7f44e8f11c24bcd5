package import Media

/// Counts an encoded rendition's pictures within their parts, so that half of them can be left out and each part still
/// begins where it does in every other rendition. Pure.
package struct PartPlaces: Sendable {
    package struct Place: Hashable, Sendable {
        /// In its part, from 0.
        package var index: Int
        /// A part starts with the next picture.
        package var isLast: Bool

        /// It is shown at half the frame rate.
        package var isKeptAtHalf: Bool { index % 2 == 0 }
    }

    private let grid: PartGrid
    private var start: MediaTime?
    private var part = 0
    private var index = 0

    package init(grid: PartGrid) {
        self.grid = grid
    }

    /// The place of the next picture of the grid; a segment starts there where `isCut`.
    package mutating func take(_ time: MediaTime, isCut: Bool) -> Place {
        if isCut || start == nil { (start, part, index) = (time, 0, 0) }
        let start = start ?? time
        let half = MediaTime(ticks: grid.rate.frameDuration.ticks / 2)
        while time + half >= grid.end(ofPart: part, from: start) { (part, index) = (part + 1, 0) }
        defer { index += 1 }
        let isLast = time + grid.rate.frameDuration + half >= grid.end(ofPart: part, from: start)
        return Place(index: index, isLast: isLast)
    }
}
