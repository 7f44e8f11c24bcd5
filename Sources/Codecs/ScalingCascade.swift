/// One picture in, one for each canvas out, best first: each is made from the next larger one, which costs less than
/// scaling all of them from the source, and with Lanczos loses nothing. Interlaced pictures are made whole first. Used by
/// one thread.
package final class ScalingCascade {
    private let deinterlacer = Deinterlacer()
    private let steps: [PictureScaler]

    /// Canvases from the largest to the smallest. Throws where memory is missing.
    package init(_ canvases: [Canvas]) throws(CodecFault) {
        var steps: [PictureScaler] = []
        for canvas in canvases { steps.append(try PictureScaler(canvas: canvas)) }
        self.steps = steps
    }

    /// Pictures in the order of the canvases, all with the pts of `picture`; with `count`, only the largest so many.
    package func scale(_ picture: Picture, count: Int = .max) throws(CodecFault) -> [Picture] {
        var scaled: [Picture] = []
        var last = try deinterlacer.progressive(picture)
        for step in steps.prefix(count) {
            last = try step.scale(last)
            scaled.append(last)
        }
        return scaled
    }
}
