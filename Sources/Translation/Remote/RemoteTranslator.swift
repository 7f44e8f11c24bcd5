// A service that translates over HTTP. In: texts, one by one. Out: renderings. What comes while a request is under way goes
// together in the next; nobody is blocked; a service that fails again and again is left alone for a while.

package import Media
import NIOCore
package import Outbound
import Synchronization

package final class RemoteTranslator: Translator {
    private struct State {
        var queue: BatchQueue
        var breaker: CircuitBreaker
    }

    private let dialect: any RemoteDialect
    private let client: OutboundClient
    private let state: Mutex<State>

    package let manner: TranslatorManner

    /// What is said goes by within seconds: a service that has failed is asked again soon, with one text at a time.
    package static let patience = CircuitBreaker.Rule(threshold: 5, pause: .seconds(2), longest: .seconds(4))

    package init(
        _ dialect: any RemoteDialect, client: OutboundClient, isPaid: Bool = true,
        deadline: Duration = .milliseconds(1200), breaker: CircuitBreaker.Rule = RemoteTranslator.patience,
        waitingAtMost: Int = 256
    ) {
        self.dialect = dialect
        self.client = client
        manner = TranslatorManner(masks: dialect.masks, isPaid: isPaid, deadline: deadline)
        state = Mutex(
            State(queue: BatchQueue(most: waitingAtMost), breaker: CircuitBreaker(rule: breaker)))
    }

    package var name: EngineName { dialect.name }

    package func speaks(from: LanguageTag, to: LanguageTag) -> Bool { dialect.speaks(from: from, to: to) }

    package func reaches(_ language: LanguageTag) -> Bool { dialect.reaches(language) }

    package func translate(
        _ texts: [String], from: LanguageTag, to: LanguageTag
    ) async throws -> [Rendering] {
        let pair = LanguagePair(from: from, to: to)
        guard let text = texts.first, texts.count == 1 else { return try await send(texts, pair) }
        return [try await share(text, pair)]
    }

    private func share(_ text: String, _ pair: LanguagePair) async throws -> Rendering {
        switch state.withLock({ $0.queue.join(text, pair) }) {
        case .turnedAway: throw TranslationFault.busy
        case .drive(let order): return try await drive(order, pair)
        case .wait(let order):
            let turn: BatchQueue.Turn
            do {
                turn = try await order.waiter.value()
            } catch {
                let next = state.withLock { $0.queue.leave(order, pair) }
                next?.waiter.resume(.success(.drive))
                throw error
            }
            switch turn {
            case .answer(let result): return try result.get()
            case .drive: return try await drive(order, pair)
            }
        }
    }

    private func drive(_ own: BatchQueue.Order, _ pair: LanguagePair) async throws -> Rendering {
        let batch = state.withLock { $0.queue.batch(with: own, pair) }
        let others = batch.dropFirst()
        do {
            let renderings = try await send(batch.map(\.text), pair)
            finish(own, pair, left: []) { queue in for order in others { queue.answered(order) } }
            for (order, rendering) in zip(others, renderings.dropFirst()) {
                order.waiter.resume(.success(.answer(.success(rendering))))
            }
            guard let first = renderings.first else { throw TranslationFault.refused("no rendering") }
            return first
        } catch  where Task.isCancelled {
            // The driver's time is up, and not that of the others.
            finish(own, pair, left: Array(others)) { _ in }
            throw CancellationError()
        } catch {
            let fault = TranslationFault(error)
            finish(own, pair, left: []) { queue in for order in others { queue.answered(order) } }
            for order in others { order.waiter.resume(.success(.answer(.failure(fault)))) }
            throw fault
        }
    }

    private func finish(
        _ own: BatchQueue.Order, _ pair: LanguagePair, left: [BatchQueue.Order],
        _ note: (inout BatchQueue) -> Void
    ) {
        let next = state.withLock { state -> BatchQueue.Order? in
            note(&state.queue)
            return state.queue.finish(own, pair, left: left)
        }
        next?.waiter.resume(.success(.drive))
    }

    private func send(_ texts: [String], _ pair: LanguagePair) async throws -> [Rendering] {
        let start = ContinuousClock.now
        guard state.withLock({ $0.breaker.admits(at: start) }) else { throw TranslationFault.resting }
        do {
            var request = try dialect.request(texts, from: pair.from, to: pair.to)
            request.deadline = manner.deadline
            let response = try await client.send(request)
            guard response.status == 200 else { throw TranslationFault.refused("status \(response.status)") }
            let answers: [String]
            do {
                answers = try dialect.texts(of: response)
            } catch {
                throw TranslationFault.refused("the answer is not as it should be")
            }
            guard answers.count == texts.count else {
                throw TranslationFault.refused("\(answers.count) answers to \(texts.count) texts")
            }
            state.withLock { $0.breaker.succeed() }
            return answers.map { Rendering(text: $0, engine: dialect.name) }
        } catch {
            // Who gave up early says nothing of the service; who waited for most of the time does.
            let isEarly = .now - start < manner.deadline * 3 / 4
            let isOver = Task.isCancelled && isEarly || error as? OutboundFault == .busy
            state.withLock { isOver ? $0.breaker.abandon(at: .now) : $0.breaker.fail(at: .now) }
            throw error
        }
    }
}
