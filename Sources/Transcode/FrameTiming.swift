package import Media

/// How a feed's pictures lie in time.
package enum FrameTiming: Hashable, Sendable {
    /// On a grid, up to a millisecond's rounding.
    case constant(FrameRate)
    /// On no grid; `nominal` is the rate to encode at.
    case variable(nominal: FrameRate)

    package var rate: FrameRate {
        switch self {
        case .constant(let rate), .variable(let rate): rate
        }
    }

    package var isConstant: Bool {
        if case .constant = self { true } else { false }
    }

    /// How far the residuals of a rounded grid may lie apart: rounding to milliseconds gives 1 ms.
    private static let spreadLimit = 1.45

    /// Finds the grid of presentation times in any order. `hints` are rates that the feed claims; they break ties
    /// and add grids that are not among the usual ones, and they stand where there are too few pictures to tell.
    package static func detect(_ times: [MediaTime], hints: [FrameRate]) -> FrameTiming {
        let sorted = times.sorted()
        let hints = hints.filter { (5.0...120.5).contains($0.framesPerSecond) }
        guard let first = sorted.first, let last = sorted.last, sorted.count >= 3, last > first else {
            return .constant(hints.first ?? FrameRate(30))
        }
        var best: (rate: FrameRate, spread: Double)?
        for rate in hints + FrameRate.standard {
            guard let spread = spread(of: sorted, on: rate), spread <= spreadLimit else { continue }
            // A claimed rate comes first and wins against all but a clearly better fit.
            if let found = best, spread > found.spread - 0.25 { continue }
            best = (rate, spread)
        }
        if let best { return .constant(best.rate) }
        return .variable(nominal: nominal(sorted, hints))
    }

    /// Milliseconds between the largest and smallest distance to the grid; nil where it is not this grid.
    private static func spread(of sorted: [MediaTime], on rate: FrameRate) -> Double? {
        let first = sorted[0]
        var (low, high) = (0.0, 0.0)
        var lastIndex: Int64 = -1
        for time in sorted {
            let index = rate.frame(nearest: time - first)
            guard index > lastIndex else { return nil }
            lastIndex = index
            let residual = (time - first - rate.time(ofFrame: index)).seconds * 1000
            low = min(low, residual)
            high = max(high, residual)
        }
        // A grid twice as fine fits as well, half empty: then it is not the feed's.
        guard Double(sorted.count) >= 0.75 * Double(lastIndex + 1) else { return nil }
        return high - low
    }

    private static func nominal(_ sorted: [MediaTime], _ hints: [FrameRate]) -> FrameRate {
        let average = Double(sorted.count - 1) / (sorted[sorted.count - 1] - sorted[0]).seconds
        if let hint = hints.first(where: { (0.85...1.25).contains($0.framesPerSecond / average) }) {
            return hint
        }
        let whole = FrameRate.standard.filter { $0.denominator == 1 }
        return whole.first { $0.framesPerSecond >= average * 0.97 } ?? FrameRate(60)
    }
}
