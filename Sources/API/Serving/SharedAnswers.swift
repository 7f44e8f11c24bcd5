import HTTPTypes
import Media
import Synchronization

/// What everybody gets alike, kept for a second: pages ask for their show again and again.
///
/// Bound: `most` answers; policy: all are forgotten, which costs a look each.
final class SharedAnswers: Sendable {
    private static let freshness = Duration.seconds(1)
    private static let most = 512

    private let answers = Mutex<[String: (answer: APIAnswer, until: MonotonicTime)]>([:])

    func answer(to target: String, at now: MonotonicTime = .now) -> APIAnswer? {
        answers.withLock { $0[target].flatMap { $0.until > now ? $0.answer : nil } }
    }

    func keep(_ answer: APIAnswer, for target: String, at now: MonotonicTime = .now) {
        guard answer.status == .ok, target.utf8.count <= 200 else { return }
        answers.withLock { answers in
            if answers.count >= SharedAnswers.most { answers.removeAll(keepingCapacity: true) }
            answers[target] = (answer, now + SharedAnswers.freshness)
        }
    }
}
