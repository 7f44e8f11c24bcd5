package import Media

/// A way from one language to another, and how good it is.
package struct TranslationStep: Hashable, Sendable {
    package var from: LanguageTag
    package var to: LanguageTag
    /// The less, the better is what comes out; costs of steps in a row add up.
    package var cost: Double

    package init(from: LanguageTag, to: LanguageTag, cost: Double) {
        self.from = from
        self.to = to
        self.cost = cost
    }
}

/// An engine that knows single pairs, which can be put together.
package protocol PairTranslator: Translator {
    var steps: [TranslationStep] { get }
}

extension PairTranslator {
    package func speaks(from: LanguageTag, to: LanguageTag) -> Bool {
        steps.contains { $0.from == from.tongue && $0.to == to.tongue }
    }

    package func reaches(_ language: LanguageTag) -> Bool {
        steps.contains { $0.to == language.tongue }
    }
}
