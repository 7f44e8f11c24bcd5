import CFFmpeg

/// What viewers see while the host is away: the last picture, dark, with "We’ll be right back" over it.
package enum SlateCard {
    /// How much of the picture's light and colour is left.
    private static let light = 0.32
    private static let colour = 0.5

    /// A card of the canvas's size; without a last picture, it is the words on black. Throws `CodecFault` where memory
    /// is missing or the picture cannot be scaled.
    package static func make(over last: Picture?, canvas: Canvas) throws(CodecFault) -> Picture {
        var under: Picture?
        if let last { under = try PictureScaler(canvas: canvas).scale(last) }
        var shape = under?.shape ?? PictureShape(AVFrame())
        (shape.width, shape.height) = (Int32(canvas.width), Int32(canvas.height))
        let card = Picture(
            adopting: try PicturePool(width: canvas.width, height: canvas.height).frame(like: shape, pts: 0))
        for index in 0..<3 {
            guard let target = card.plane(index) else { continue }
            let halving = index == 0 ? 1 : 2
            let (columns, rows) = (
                (canvas.width + halving - 1) / halving, (canvas.height + halving - 1) / halving
            )
            let dark = darkened(index == 0)
            for row in 0..<rows {
                let line = target.data + row * target.stride
                guard let source = under?.plane(index) else {
                    line.update(repeating: index == 0 ? 16 : 128, count: columns)
                    continue
                }
                for column in 0..<columns {
                    line[column] = dark[Int(source.data[row * source.stride + column])]
                }
            }
        }
        try write(StillPicture.read(SlateWords.image), over: card)
        return card
    }

    /// The table from a sample to what is left of it, in limited range.
    private static func darkened(_ isLuma: Bool) -> [UInt8] {
        (0..<256).map { value in
            let rest = isLuma ? 16 + (Double(value) - 16) * light : 128 + (Double(value) - 128) * colour
            return UInt8(min(max(rest.rounded(), 0), 255))
        }
    }

    /// Lays white over the card where the words cover it.
    private static func write(_ words: Picture, over card: Picture) {
        // Phones held upright need them larger.
        let share = card.width > card.height ? 0.42 : 0.75
        let scale = Double(card.width) * share / Double(words.width)
        let size = (width: Int(Double(words.width) * scale), height: Int(Double(words.height) * scale))
        let origin = (x: (card.width - size.width) / 2 & ~1, y: (card.height - size.height) / 2 & ~1)
        for index in 0..<3 {
            guard let plane = card.plane(index) else { continue }
            let step = index == 0 ? 1 : 2
            let white = index == 0 ? 235.0 : 128.0
            for y in stride(from: max(0, -origin.y), to: min(size.height, card.height - origin.y), by: step) {
                let line = plane.data + (origin.y + y) / step * plane.stride + origin.x / step
                for x in stride(from: 0, to: size.width, by: step) {
                    let share = coverage(
                        words, (Double(x) + 0.5) / scale - 0.5, (Double(y) + 0.5) / scale - 0.5)
                    let under = Double(line[x / step])
                    line[x / step] = UInt8(under + (white - under) * share)
                }
            }
        }
    }

    /// Between the four samples around a place, 0 to 1.
    private static func coverage(_ words: Picture, _ x: Double, _ y: Double) -> Double {
        let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
        func at(_ x: Int, _ y: Int) -> Double {
            // In limited range, as ffmpeg writes grey.
            min(max((Double(words.sample(plane: 0, x: x, y: y) ?? 16) - 16) / 219, 0), 1)
        }
        let (a, b) = (x - Double(left), y - Double(top))
        let above = at(left, top) * (1 - a) + at(left + 1, top) * a
        let below = at(left, top + 1) * (1 - a) + at(left + 1, top + 1) * a
        return above * (1 - b) + below * b
    }
}
