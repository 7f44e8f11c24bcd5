// In: a text, its language and a reader's. Out: a rendering, or nil, and then the original stays. Asked in this order:
// cache, phrasebook, then the engines as they are listed. Nobody is blocked and nothing takes longer than the deadline;
// who asks for the same text meanwhile waits for the same answer; beyond the bound nobody waits.

import Foundation
package import Media
import Outbound
import Synchronization

package final class TranslationDesk: Sendable {
    package struct Rules: Sendable, Hashable {
        /// For one text, whatever is asked.
        package var deadline: Duration
        /// Who may wait at once.
        package var waitingAtMost: Int
        package var cacheEntries: Int
        /// Longer texts are not translated, in characters.
        package var longest: Int
        /// Characters to engines that are paid for, in a day (UTC).
        package var paidPerShow: Int
        package var paidPerDay: Int

        package init(
            deadline: Duration = .seconds(2), waitingAtMost: Int = 512, cacheEntries: Int = 8192,
            longest: Int = 1000, paidPerShow: Int = 500_000, paidPerDay: Int = 2_000_000
        ) {
            self.deadline = deadline
            self.waitingAtMost = waitingAtMost
            self.cacheEntries = cacheEntries
            self.longest = longest
            self.paidPerShow = paidPerShow
            self.paidPerDay = paidPerDay
        }
    }

    package let phrasebook: Phrasebook?
    private let engines: [any Translator]
    private let rules: Rules
    private let today: @Sendable () -> Int
    private let metrics = TranslationMetrics()
    private let state: Mutex<DeskState>
    private let ledger: Mutex<CostLedger>

    /// `engines`: in the order in which they are asked. `today`: days since 1970, UTC.
    package init(
        phrasebook: Phrasebook?, engines: [any Translator], rules: Rules = Rules(),
        today: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970 / 86_400) }
    ) {
        self.phrasebook = phrasebook
        self.engines = engines
        self.rules = rules
        self.today = today
        state = Mutex(DeskState(waitingAtMost: rules.waitingAtMost, cacheEntries: rules.cacheEntries))
        ledger = Mutex(CostLedger(perShow: rules.paidPerShow, perDay: rules.paidPerDay))
    }

    /// The engines that are there, without the phrasebook.
    package var names: [EngineName] { engines.map(\.name) }

    /// Whether any engine knows the way; the phrasebook knows some of every way.
    package func speaks(from: LanguageTag, to: LanguageTag) -> Bool {
        engines.contains { $0.speaks(from: from.tongue, to: to.tongue) }
    }

    /// Whether anything can be told in this language that was written in another.
    package func reaches(_ language: LanguageTag) -> Bool {
        phrasebook?.speaks(language) == true || engines.contains { $0.reaches(language) }
    }

    /// Characters that were sent today to engines that are paid for, for this show, and how many may be; nil where there
    /// are none of these engines.
    package func spending(on show: ShowID) -> (spent: Int, cap: Int)? {
        guard engines.contains(where: \.manner.isPaid) else { return nil }
        return (ledger.withLock { $0.spent(on: show, day: today()) }, rules.paidPerShow)
    }

    /// Ends the engines' processes. Nothing is asked of them afterwards.
    package func stop() { for engine in engines { engine.stop() } }

    /// What phrasebook or cache know, without waiting. Nil: ask `translate`.
    package func atOnce(
        _ text: String, from: LanguageTag, to: LanguageTag, glossary: Glossary
    ) -> Rendering? {
        guard let key = key(text, from, to, glossary) else { return nil }
        return known(key, glossary) ?? nil
    }

    /// Nil: the original stays, since nothing can translate it in time. Never takes longer than the deadline.
    package func translate(
        _ text: String, from: LanguageTag, to: LanguageTag, glossary: Glossary, show: ShowID
    ) async -> Rendering? {
        guard let key = key(text, from, to, glossary) else { return nil }
        if let known = known(key, glossary) { return known }
        guard engines.contains(where: { $0.speaks(from: key.from, to: key.to) }) else { return nil }
        do {
            return try await withDeadline(rules.deadline) { [self] in
                await fly(key, glossary, show)
            }
        } catch {
            metrics.timedOut()
            return nil
        }
    }

    /// Whether engines have answered this with what is no translation: they are not asked again.
    package func hasGivenUp(
        _ text: String, from: LanguageTag, to: LanguageTag, glossary: Glossary
    ) -> Bool {
        guard let key = key(text, from, to, glossary) else { return false }
        if case .some(.none) = state.withLock({ $0.known(key) }) { return true }
        return false
    }

    /// Nil where there is nothing to translate.
    private func key(
        _ text: String, _ from: LanguageTag, _ to: LanguageTag, _ glossary: Glossary
    ) -> TranslationKey? {
        guard from != .undetermined, !from.isReadable(by: to), text.utf8.count <= rules.longest * 8,
            text.count <= rules.longest
        else { return nil }
        return TranslationKey(text: text, from: from.tongue, to: to.tongue, revision: glossary.revision)
    }

    /// Outer nil: not known yet.
    private func known(_ key: TranslationKey, _ glossary: Glossary) -> Rendering?? {
        if let known = state.withLock({ $0.known(key) }) {
            metrics.found()
            return known
        }
        let start = ContinuousClock.now
        guard let text = phrasebook?.render(key.text, from: key.from, to: key.to, glossary: glossary) else {
            return nil
        }
        metrics.made(by: .phrasebook, after: .now - start)
        let rendering = Rendering(text: text, engine: .phrasebook)
        state.withLock { $0.keep(rendering, for: key) }
        return .some(rendering)
    }

    private func fly(_ key: TranslationKey, _ glossary: Glossary, _ show: ShowID) async -> Rendering? {
        while !Task.isCancelled {
            switch state.withLock({ $0.join(key) }) {
            case .known(let rendering): return rendering
            case .turnedAway:
                metrics.dropped()
                return nil
            case .lead:
                metrics.waits(state.withLock { $0.waiting })
                let (rendering, isFinal) = await ask(key, glossary, show)
                let landing: DeskState.Landing =
                    Task.isCancelled && rendering == nil ? .abandoned : .done(rendering)
                let waiters = state.withLock { state in
                    if isFinal || rendering != nil { state.keep(rendering, for: key) }
                    return state.land(key)
                }
                for waiter in waiters { waiter.resume(.success(landing)) }
                metrics.waits(state.withLock { $0.waiting })
                return rendering
            case .follow(let waiter):
                if case .done(let rendering)? = try? await waiter.value() { return rendering }
            }
        }
        return nil
    }

    /// The first engine's rendering that is whole. `isFinal`: the next time it would come out the same.
    private func ask(
        _ key: TranslationKey, _ glossary: Glossary, _ show: ShowID
    ) async -> (rendering: Rendering?, isFinal: Bool) {
        guard ProtectedSpan.leaveWords(key.text, glossary: glossary) else { return (nil, true) }
        var isFinal = true
        for engine in engines where engine.speaks(from: key.from, to: key.to) {
            guard !Task.isCancelled else { return (nil, false) }
            let start = ContinuousClock.now
            do {
                let rendering = try await ask(engine, key, glossary, show)
                metrics.made(by: engine.name, after: .now - start)
                return (rendering, true)
            } catch {
                let fault = TranslationFault(error)
                metrics.failed(engine.name, fault.label)
                if fault != .mangled { isFinal = false }
            }
        }
        return (nil, isFinal)
    }

    /// Throws where nothing whole comes back. Numbers are left to the engine first, since sentences come out better
    /// around them; where it loses one they are masked too.
    private func ask(
        _ engine: any Translator, _ key: TranslationKey, _ glossary: Glossary, _ show: ShowID
    ) async throws -> Rendering {
        let tries = engine.manner.isPaid ? [true] : [false, true]
        for areNumbersMasked in tries {
            let masked = MaskedText(
                key.text, glossary: glossary, to: key.to, masks: engine.manner.masks,
                areNumbersMasked: areNumbersMasked)
            guard let masked else { throw TranslationFault.mangled }
            let answer = try await paid(engine, masked.body.count, show) {
                try await withDeadline(engine.manner.deadline * 5 / 4) {
                    try await engine.translate([masked.body], from: key.from, to: key.to)
                }
            }
            guard let first = answer.first, answer.count == 1 else {
                throw TranslationFault.refused("\(answer.count) renderings for one text")
            }
            if let text = masked.restored(from: first.text) {
                return Rendering(text: text, engine: first.engine, hops: first.hops)
            }
            guard masked.hasNumbers else { break }
        }
        throw TranslationFault.mangled
    }

    private func paid<Value>(
        _ engine: any Translator, _ characters: Int, _ show: ShowID, _ call: () async throws -> Value
    ) async throws -> Value {
        guard engine.manner.isPaid else { return try await call() }
        let day = today()
        guard ledger.withLock({ $0.admit(characters, of: show, day: day) }) else {
            throw TranslationFault.overBudget
        }
        do {
            let value = try await call()
            metrics.spent(characters)
            return value
        } catch {
            let fault = error as? TranslationFault
            if fault == .resting || fault == .busy || fault == .unspoken {
                ledger.withLock { $0.refund(characters, of: show, day: day) }
            } else {
                metrics.spent(characters)
            }
            throw error
        }
    }
}
