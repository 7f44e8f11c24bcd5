import Media
import NIOCore

/// Measures the first whole GOP of a feed that has come back: whether its own picture may be passed through again
/// is known only then. Pure.
struct ReturnWatch {
    private var facts: FeedFacts
    private var opened: AccessUnit?
    private var bytes = 0

    init(facts: FeedFacts) {
        self.facts = facts
    }

    /// The feed's next unit. At an IDR picture after a whole GOP: the facts, with that measured.
    mutating func take(_ unit: AccessUnit) -> FeedFacts? {
        defer { bytes += unit.payload.readableBytes }
        guard unit.isSync else { return nil }
        defer {
            opened = unit
            bytes = 0
        }
        guard let opened, unit.pts > opened.pts else { return nil }
        let interval = unit.pts - opened.pts
        facts.keyFrameInterval = interval
        facts.span = interval
        facts.videoKilobits = Int(Double(bytes) * 8 / 1000 / interval.seconds)
        return facts
    }

    /// Why the feed may not take the place that `plan` gave to the source, beside what makes any feed unfit.
    static func misfits(_ facts: FeedFacts, _ plan: RunPlan) -> [String] {
        guard let source = plan.renditions.first(where: { $0.name == .source }),
            case .video(let width, let height, let rate) = source.kind
        else { return ["the show's run has no source rendition"] }
        var reasons: [String] = []
        let picture = facts.format.parameters
        if picture.width != width || picture.height != height {
            reasons.append(
                "its picture is \(picture.width)×\(picture.height), and the show began with \(width)×\(height)"
            )
        }
        if facts.timing.rate.framesPerSecond > rate.framesPerSecond * 1.01 {
            reasons.append("it has \(facts.timing.rate) frames a second, and the show began with \(rate)")
        }
        // What is measured over a GOP differs by as much from one to the next.
        if facts.videoKilobits * 1000 > source.peakBitsPerSecond * 3 / 2 {
            reasons.append("its \(facts.videoKilobits) kbit/s are more than players were promised")
        }
        return reasons
    }
}
