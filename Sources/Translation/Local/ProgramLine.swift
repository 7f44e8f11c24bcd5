// Programs that answer one request after another, for as long as they live. In: a request. Out: its answer. They are kept
// on a thread of their own, which alone waits for them: nobody of the cooperative pool does. Started when they are first
// asked; killed when one answer takes longer than `patience`, or nothing was asked for `idle`; started again when they
// died, each time later.

import Dispatch
import Foundation
import Metrics
import Outbound
import Programs
import Synchronization

final class ProgramLine: Sendable {
    struct Order: Sendable {
        /// Each a program and its arguments, reading what the one before wrote.
        var programs: [[String]]
        /// What ends an answer.
        var terminator: UInt8
        /// Longer than any answer takes, also the first, for which models are loaded.
        var patience = Duration.seconds(5)
        /// They are ended where nothing is asked for so long.
        var idle = Duration.seconds(900)
        var backoff = Backoff(
            first: .milliseconds(500), factor: 2, longest: .seconds(60), jitter: 0.1, attempts: .max)
    }

    private struct Job: Sendable {
        var request: [UInt8]
        var answer: Waiter<[UInt8]>
        /// Nobody waits for it any more then.
        var end: ContinuousClock.Instant
    }

    private struct State {
        var jobs: [Job] = []
        var isRunning = false
        var isStopped = false
        /// Failures in a row, and until when nothing is started.
        var failures = 0
        var restsUntil: ContinuousClock.Instant?
    }

    private let order: Order
    private let deadline: Duration
    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)
    private let starts: Counter
    private let kills: Counter
    private let dropped: Counter

    /// Requests that may wait; more are refused and counted.
    private static let waitingAtMost = 64

    /// `deadline`: how long a request may wait and take.
    init(_ order: Order, engine: EngineName, deadline: Duration) {
        self.order = order
        self.deadline = deadline
        let labels = [("engine", engine.rawValue)]
        starts = Counter(label: "shopcast_translation_program_starts_total", dimensions: labels)
        kills = Counter(label: "shopcast_translation_program_kills_total", dimensions: labels)
        dropped = Counter(label: "shopcast_translation_program_dropped_total", dimensions: labels)
    }

    /// Throws `TranslationFault`, or `CancellationError`.
    func exchange(_ request: [UInt8]) async throws -> [UInt8] {
        let answer = Waiter<[UInt8]>()
        let job = Job(request: request, answer: answer, end: .now + deadline)
        try state.withLock { state throws(TranslationFault) in
            guard !state.isStopped else { throw .resting }
            if let rest = state.restsUntil, rest > .now { throw .resting }
            guard state.jobs.count < ProgramLine.waitingAtMost else {
                dropped.increment()
                throw .busy
            }
            state.jobs.append(job)
            if !state.isRunning {
                state.isRunning = true
                let thread = Thread { [self] in run() }
                thread.name = "translate"
                thread.stackSize = 512 << 10
                thread.start()
            }
        }
        bell.signal()
        return try await answer.value()
    }

    /// Ends the programs; who waits is told.
    func stop() {
        let jobs = state.withLock { state -> [Job] in
            defer { state.jobs = [] }
            state.isStopped = true
            return state.jobs
        }
        bell.signal()
        for job in jobs { job.answer.resume(.failure(TranslationFault.resting)) }
    }

    // MARK: On the thread

    private func run() {
        var programs: ChildPrograms?
        while true {
            let isAsked = bell.wait(timeout: .now() + order.idle.seconds) == .success
            let (job, isOver) = state.withLock { state -> (Job?, Bool) in
                if state.isStopped || (!isAsked && state.jobs.isEmpty) {
                    state.isRunning = false
                    return (nil, true)
                }
                return (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), false)
            }
            if isOver { return }
            guard let job else { continue }
            guard job.end > .now else {
                job.answer.resume(.failure(TranslationFault.timedOut))
                continue
            }
            do {
                let answer = try answer(job, &programs)
                state.withLock { $0.failures = 0 }
                job.answer.resume(.success(answer))
            } catch {
                let fault = self.fault(of: error)
                programs = nil
                fail(fault, job)
            }
        }
    }

    /// Where the programs have died since the last request, they are started anew and asked once more.
    private func answer(
        _ job: Job, _ programs: inout ChildPrograms?
    ) throws(ChildPrograms.Fault) -> [UInt8] {
        if var running = programs.take() {
            do {
                let answer = try running.exchange(
                    job.request, terminator: order.terminator, until: .now + order.patience)
                programs = consume running
                return answer
            } catch .ended {
                // The next attempt tells whether it was their end or the request's doing.
            } catch {
                throw error
            }
        }
        starts.increment()
        var fresh = try ChildPrograms.start(order.programs)
        let answer = try fresh.exchange(
            job.request, terminator: order.terminator, until: .now + order.patience)
        programs = consume fresh
        return answer
    }

    private func fault(of error: ChildPrograms.Fault) -> TranslationFault {
        switch error {
        case .start(let reason): return .died(reason)
        case .ended: return .died("the programs ended")
        case .tooMuch: return .refused("the answer has no end")
        case .timedOut:
            kills.increment()
            return .timedOut
        }
    }

    private func fail(_ fault: TranslationFault, _ job: Job) {
        let waiting = state.withLock { state -> [Job] in
            state.failures += 1
            let wait = order.backoff.delay(after: state.failures, chance: .random(in: 0...1)) ?? .seconds(60)
            state.restsUntil = .now + wait
            defer { state.jobs = [] }
            return state.jobs
        }
        job.answer.resume(.failure(fault))
        for other in waiting { other.answer.resume(.failure(TranslationFault.resting)) }
    }
}

extension Duration {
    fileprivate var seconds: Double {
        let (whole, attoseconds) = components
        return Double(whole) + Double(attoseconds) / 1e18
    }
}
