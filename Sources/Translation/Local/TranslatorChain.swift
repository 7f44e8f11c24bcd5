package import Media

/// Engines of single pairs as one: the way from a language to another is the cheapest of at most two steps, each by
/// whichever engine has it; where a step fails the next best way is tried.
package final class TranslatorChain: Translator {
    private struct Leg: Sendable {
        var step: TranslationStep
        var engine: any PairTranslator
    }

    private let engines: [any PairTranslator]
    private let ways: [LanguagePair: [[Leg]]]

    package let manner: TranslatorManner

    /// Ways that are tried for one text.
    private static let waysAtMost = 3

    package init(_ engines: [any PairTranslator], deadline: Duration = .milliseconds(1600)) {
        self.engines = engines
        manner = TranslatorManner(deadline: deadline)
        let legs = engines.flatMap { engine in engine.steps.map { Leg(step: $0, engine: engine) } }
        var ways: [LanguagePair: [(cost: Double, legs: [Leg])]] = [:]
        for first in legs {
            ways[LanguagePair(from: first.step.from, to: first.step.to), default: []]
                .append((first.step.cost, [first]))
            for second in legs where second.step.from == first.step.to && second.step.to != first.step.from {
                ways[LanguagePair(from: first.step.from, to: second.step.to), default: []]
                    .append((first.step.cost + second.step.cost, [first, second]))
            }
        }
        self.ways = ways.mapValues { found in
            found.sorted { $0.cost < $1.cost }.prefix(TranslatorChain.waysAtMost).map(\.legs)
        }
    }

    /// The only engine's, or Apertium's, which the others are joined with.
    package var name: EngineName {
        engines.count == 1 ? engines.first?.name ?? .apertium : .apertium
    }

    package func speaks(from: LanguageTag, to: LanguageTag) -> Bool {
        ways[LanguagePair(from: from.tongue, to: to.tongue)] != nil
    }

    package func reaches(_ language: LanguageTag) -> Bool { engines.contains { $0.reaches(language) } }

    /// The steps of the way that is tried first: `en → pt → es`.
    package func way(from: LanguageTag, to: LanguageTag) -> [TranslationStep] {
        ways[LanguagePair(from: from.tongue, to: to.tongue)]?.first?.map(\.step) ?? []
    }

    package func translate(
        _ texts: [String], from: LanguageTag, to: LanguageTag
    ) async throws -> [Rendering] {
        var fault = TranslationFault.unspoken
        for way in ways[LanguagePair(from: from.tongue, to: to.tongue)] ?? [] {
            do {
                return try await walk(way, texts)
            } catch let failed as TranslationFault {
                try Task.checkCancellation()
                fault = failed
            }
        }
        throw fault
    }

    package func stop() { for engine in engines { engine.stop() } }

    private func walk(_ way: [Leg], _ texts: [String]) async throws -> [Rendering] {
        var renderings = texts.map { Rendering(text: $0, engine: name, hops: 0) }
        for leg in way {
            let next = try await leg.engine.translate(
                renderings.map(\.text), from: leg.step.from, to: leg.step.to)
            guard next.count == renderings.count else {
                throw TranslationFault.refused("a rendering is missing")
            }
            renderings = zip(renderings, next).map { before, after in
                Rendering(text: after.text, engine: after.engine, hops: before.hops + after.hops)
            }
        }
        return renderings
    }
}
