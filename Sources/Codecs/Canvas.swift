/// The fixed size of a rendition for a run; pictures of another shape are letterboxed into it.
package struct Canvas: Hashable, Sendable {
    /// Pixels, both even.
    package var width: Int
    package var height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// A part of a canvas, in even pixels.
    package struct Region: Hashable, Sendable {
        package var x: Int
        package var y: Int
        package var width: Int
        package var height: Int

        package init(x: Int, y: Int, width: Int, height: Int) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    package var whole: Region { Region(x: 0, y: 0, width: width, height: height) }

    /// Where a picture of `width`×`height` pixels of the given aspect goes: the largest centred region of its shape.
    /// A shape that differs by no more than rounding to even sizes explains fills the canvas.
    package func region(forWidth width: Int, height: Int, pixelAspect: (width: Int, height: Int)) -> Region {
        let shown = Double(width) * Double(pixelAspect.width) / Double(pixelAspect.height)
        let scale = min(Double(self.width) / shown, Double(self.height) / Double(height))
        let fitted = (
            width: min(self.width, max(2, Int((shown * scale / 2).rounded()) * 2)),
            height: min(self.height, max(2, Int((Double(height) * scale / 2).rounded()) * 2))
        )
        if self.width - fitted.width <= 4 && self.height - fitted.height <= 4 { return whole }
        return Region(
            x: (self.width - fitted.width) / 4 * 2, y: (self.height - fitted.height) / 4 * 2,
            width: fitted.width, height: fitted.height)
    }
}
