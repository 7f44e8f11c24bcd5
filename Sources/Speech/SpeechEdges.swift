package import Hearing

/// Where in a stretch of time it was loud, so that a caption begins with the words and not with the pause before them. Pure.
/// Bound: the last minute.
package struct SpeechEdges: Sendable {
    private static let hop = 320
    private static let milliseconds: Int64 = 20
    private static let most = 3000
    /// Of the loudest moment: what is quieter is no speech (-26 dB).
    private static let share = 0.05

    /// The instant of the first level (Unix milliseconds).
    private var first: Int64 = 0
    private var levels: [Double] = []
    private var rest: [Int16] = []

    package init() {}

    private var end: Int64 { first + Int64(levels.count) * SpeechEdges.milliseconds }

    package mutating func note(_ frame: SoundFrame) {
        let next = end + Int64(rest.count) / 16
        if levels.isEmpty || abs(frame.date - next) > SpeechEdges.milliseconds * 2 {
            (first, levels, rest) = (frame.date, [], [])
        }
        rest += frame.samples
        var place = 0
        while rest.count - place >= SpeechEdges.hop {
            let power = rest[place..<place + SpeechEdges.hop].reduce(0.0) { $0 + Double($1) * Double($1) }
            levels.append((power / Double(SpeechEdges.hop)).squareRoot())
            place += SpeechEdges.hop
        }
        rest.removeFirst(place)
        if levels.count > SpeechEdges.most {
            let surplus = levels.count - SpeechEdges.most
            levels.removeFirst(surplus)
            first += Int64(surplus) * SpeechEdges.milliseconds
        }
    }

    /// The part of it that begins and ends with something loud; as it is where nothing is known of it.
    package func trimmed(start: Int64, end: Int64) -> (start: Int64, end: Int64) {
        let from = max(0, Int((start - first) / SpeechEdges.milliseconds))
        let to = min(levels.count, Int((end - first) / SpeechEdges.milliseconds) + 1)
        guard start >= first, from < to, let peak = levels[from..<to].max(), peak > 0 else {
            return (start, end)
        }
        let limit = peak * SpeechEdges.share
        guard let loud = levels[from..<to].firstIndex(where: { $0 > limit }),
            let last = levels[from..<to].lastIndex(where: { $0 > limit })
        else { return (start, end) }
        let begin = max(start, first + Int64(loud) * SpeechEdges.milliseconds)
        return (begin, max(begin + 1, min(end, first + Int64(last + 1) * SpeechEdges.milliseconds)))
    }
}
