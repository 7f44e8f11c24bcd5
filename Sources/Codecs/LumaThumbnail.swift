import CFFmpeg

/// A picture's brightness on a small grid, each cell the mean of pixels spread over it; full range, 0 to 255.
package struct LumaThumbnail: Hashable, Sendable {
    package static let columns = 32
    package static let rows = 18

    /// Row by row from the top.
    package var cells: [Float]

    package init(cells: [Float]) {
        self.cells = cells
    }

    package var mean: Float { cells.isEmpty ? 0 : cells.reduce(0, +) / Float(cells.count) }

    /// How far two pictures are apart: the mean and the largest difference of their cells. Endless where their grids
    /// differ.
    package func difference(from other: LumaThumbnail) -> (mean: Float, largest: Float) {
        guard cells.count == other.cells.count, !cells.isEmpty else { return (.infinity, .infinity) }
        var (sum, largest): (Float, Float) = (0, 0)
        for (a, b) in zip(cells, other.cells) {
            let distance = abs(a - b)
            sum += distance
            largest = max(largest, distance)
        }
        return (sum / Float(cells.count), largest)
    }
}

extension Picture {
    /// The picture in small. At most 64 pixels of a cell are read, so it costs the same for every size. Nil where the
    /// picture has no plane of brightness.
    package var thumbnail: LumaThumbnail? {
        guard let plane = plane(0), width >= LumaThumbnail.columns, height >= LumaThumbnail.rows,
            let kind = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format))
        else { return nil }
        let depth = Int(kind.pointee.comp.0.depth)
        guard (8...16).contains(depth) else { return nil }
        let isWide = depth > 8
        let scale = 255 / Float((1 << depth) - 1)
        let (black, span): (Float, Float) = shape.isFullRange ? (0, 255) : (16, 219)
        var cells: [Float] = []
        cells.reserveCapacity(LumaThumbnail.columns * LumaThumbnail.rows)
        for row in 0..<LumaThumbnail.rows {
            let (top, bottom) = (height * row / LumaThumbnail.rows, height * (row + 1) / LumaThumbnail.rows)
            for column in 0..<LumaThumbnail.columns {
                let left = width * column / LumaThumbnail.columns
                let right = width * (column + 1) / LumaThumbnail.columns
                var (sum, count) = (0, 0)
                for y in stride(from: top, to: bottom, by: max(1, (bottom - top) / 8)) {
                    let line = UnsafeRawPointer(plane.data + y * plane.stride)
                    for x in stride(from: left, to: right, by: max(1, (right - left) / 8)) {
                        sum +=
                            isWide
                            ? Int(line.load(fromByteOffset: x * 2, as: UInt16.self))
                            : Int(line.load(fromByteOffset: x, as: UInt8.self))
                        count += 1
                    }
                }
                let value = (Float(sum) / Float(max(1, count)) * scale - black) * 255 / span
                cells.append(min(255, max(0, value)))
            }
        }
        return LumaThumbnail(cells: cells)
    }
}
