import Captioning
import Shows

/// How a caption track does, for those who work on the show.
struct TrackStateDocument: Encodable {
    let source: CaptionSource
    let state: TrackState

    private enum Keys: String, CodingKey {
        case source, engine, state, why, delaySeconds, cuesPerMinute, cost
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(source, forKey: .source)
        try container.encodeIfPresent(state.engine, forKey: .engine)
        try container.encode(state.phase, forKey: .state)
        try container.encodeIfPresent(state.why, forKey: .why)
        if let delay = state.delay {
            let (seconds, attoseconds) = delay.components
            let hundredths = (Double(seconds) * 100 + Double(attoseconds) / 1e16).rounded()
            try container.encode(hundredths / 100, forKey: .delaySeconds)
        }
        try container.encode(state.cuesPerMinute ?? 0, forKey: .cuesPerMinute)
        try container.encodeIfPresent(state.cost, forKey: .cost)
    }
}
