/// One encoded video rendition of a run.
package struct Rung: Hashable, Sendable {
    package var name: RenditionName
    /// Pixels, both even.
    package var width: Int
    package var height: Int
    package var frameRate: FrameRate
    /// The rate that the encoder's buffer (0.5 s) keeps to, in kbit/s.
    package var maximumKilobits: Int

    package init(name: RenditionName, width: Int, height: Int, frameRate: FrameRate, maximumKilobits: Int) {
        self.name = name
        self.width = width
        self.height = height
        self.frameRate = frameRate
        self.maximumKilobits = maximumKilobits
    }
}

/// The video renditions of a run, best first: chosen once from the source and the settings, never upscaled and
/// never faster than the source.
package struct Ladder: Hashable, Sendable {
    /// A step that the settings offer: a short side in pixels and its rate in kbit/s.
    package struct Step: Hashable, Sendable {
        package var shortSide: Int
        package var kilobits: Int

        package init(shortSide: Int, kilobits: Int) {
            self.shortSide = shortSide
            self.kilobits = kilobits
        }
    }

    package static let standardSteps = [
        Step(shortSide: 1080, kilobits: 4500), Step(shortSide: 720, kilobits: 2500),
        Step(shortSide: 480, kilobits: 1200), Step(shortSide: 360, kilobits: 600),
        Step(shortSide: 240, kilobits: 250),
    ]

    /// The picture that comes in, as it is meant to be shown.
    package struct Source: Hashable, Sendable {
        package var width: Int
        package var height: Int
        package var pixelAspect: (width: Int, height: Int)
        package var frameRate: FrameRate

        package init(
            width: Int, height: Int, pixelAspect: (width: Int, height: Int) = (1, 1), frameRate: FrameRate
        ) {
            self.width = width
            self.height = height
            self.pixelAspect = pixelAspect
            self.frameRate = frameRate
        }

        package static func == (a: Source, b: Source) -> Bool {
            a.width == b.width && a.height == b.height && a.pixelAspect == b.pixelAspect
                && a.frameRate == b.frameRate
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(width)
            hasher.combine(height)
        }
    }

    /// The `source` slot exists: the host's H.264 passes through as the top rendition.
    package var passesSource: Bool
    package var rungs: [Rung]

    package init(passesSource: Bool, rungs: [Rung]) {
        self.passesSource = passesSource
        self.rungs = rungs
    }

    /// Chooses the rungs. A source that passes through stands for every step of its own height and above; one that
    /// does not is encoded at the highest step that it reaches. A source smaller than every step gets one rung of
    /// its own size, so that there is always a picture.
    package static func choose(
        source: Source, passesSource: Bool, steps: [Step] = standardSteps, maximumFrameRate: Int = 30
    ) -> Ladder {
        let shown = shownSize(source)
        let shortSide = Int(min(shown.width, shown.height))
        let rate = source.frameRate.limited(to: maximumFrameRate)
        func rung(_ step: Step) -> Rung {
            let scale = Double(step.shortSide) / min(shown.width, shown.height)
            return Rung(
                name: RenditionName(shortSide: step.shortSide), width: even(shown.width * scale),
                height: even(shown.height * scale), frameRate: rate, maximumKilobits: step.kilobits)
        }
        let ordered = steps.sorted { $0.shortSide > $1.shortSide }
        let reachable = ordered.filter { passesSource ? $0.shortSide < shortSide : $0.shortSide <= shortSide }
        if reachable.isEmpty && !passesSource {
            return Ladder(
                passesSource: false, rungs: [own(source: source, maximumFrameRate: maximumFrameRate)])
        }
        return Ladder(passesSource: passesSource, rungs: reachable.map(rung))
    }

    /// One rung of the source's own size, rounded down to even pixels, at the rate of the standard step nearest to it.
    package static func own(source: Source, maximumFrameRate: Int = 30) -> Rung {
        let shown = shownSize(source)
        let (width, height) = (max(2, Int(shown.width) & ~1), max(2, Int(shown.height) & ~1))
        let shortSide = min(width, height)
        let nearest = standardSteps.min { abs($0.shortSide - shortSide) < abs($1.shortSide - shortSide) }
        return Rung(
            name: RenditionName(shortSide: shortSide), width: width, height: height,
            frameRate: source.frameRate.limited(to: maximumFrameRate),
            maximumKilobits: nearest?.kilobits ?? 250)
    }

    /// The picture with square pixels.
    private static func shownSize(_ source: Source) -> (width: Double, height: Double) {
        (
            (Double(source.width) * Double(source.pixelAspect.width) / Double(source.pixelAspect.height))
                .rounded(),
            Double(source.height)
        )
    }

    private static func even(_ length: Double) -> Int {
        max(2, Int((length / 2).rounded()) * 2)
    }
}
