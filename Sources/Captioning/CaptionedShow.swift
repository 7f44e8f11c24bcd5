package import Media
package import Shows

/// What of a show decides how its captions come about.
package struct CaptionedShow: Hashable, Sendable {
    /// What is spoken; `und` where nobody has said.
    package var language: LanguageTag
    package var plans: [CaptionPlan]

    package init(language: LanguageTag, plans: [CaptionPlan]) {
        self.language = language
        self.plans = plans
    }

    package init(_ show: Show) {
        self.init(language: show.language, plans: show.captions ?? [])
    }

    package func plan(of language: LanguageTag) -> CaptionPlan? { plans.first { $0.language == language } }

    /// Of a translation: the track that it is made from. The one that the plan names; else the one in the language that is
    /// spoken; else the first that is no translation itself.
    package func source(of plan: CaptionPlan) -> CaptionPlan? {
        guard plan.source == .translation else { return nil }
        let others = plans.filter { $0.source != .translation && $0.language != plan.language }
        if let from = plan.from { return others.first { $0.language == from } }
        return others.first { $0.language == language }
            ?? others.first { language != .undetermined && $0.language.primary == language.primary }
            ?? others.first
    }

    /// The tracks that are made from this one.
    package func translations(of language: LanguageTag) -> [CaptionPlan] {
        plans.filter { source(of: $0)?.language == language }
    }
}
