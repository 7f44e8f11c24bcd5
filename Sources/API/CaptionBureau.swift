package import Captioning
import Foundation
package import Media
package import Packaging
import People
import Shows

/// What the API needs for captions.
package struct CaptionBureau: Sendable {
    package let hall: CaptionHall
    /// The places of a show's recording, in their order; nil where there is none. Blocks for the disk.
    package let recording: @Sendable (ShowID) -> [RecordedPlace]?

    package init(hall: CaptionHall, recording: @escaping @Sendable (ShowID) -> [RecordedPlace]?) {
        self.hall = hall
        self.recording = recording
    }

    /// What the store calls something by its sender's own name for it: that of others may be the same.
    static func name(_ own: String, of actor: Actor) -> String { "\(actor.text)/\(own)" }

    /// Keeps and tells them. Those that were made before where their sender has named them so before. Blocks for the store.
    func add(
        _ drafts: [CueDraft], to show: ShowID, _ language: LanguageTag, by actor: Actor, at now: Date
    ) throws -> [Cue] {
        do {
            return try hall.add(drafts, to: show, language, by: actor, at: now)
        } catch DomainFault.repeated(let name) {
            return try hall.store.cues(named: name, of: show, language)
        }
    }

    /// Throws 403 where the track is not one of an interpreter's languages. Blocks for the store.
    func admit(
        _ identity: Identity, to plan: CaptionPlan, of show: ShowID, _ people: any PeopleStore
    ) throws {
        guard !identity.isOperator, identity.roles[show] == .interpreter, let person = identity.person else {
            return
        }
        let languages = try people.members(of: show).first { $0.person == person }?.languages
        guard languages?.contains(where: { plan.language.matches($0) || $0.matches(plan.language) }) == true
        else { throw Refusal.forbidden("an interpreter writes captions in their own languages only") }
    }
}

extension Show {
    /// What is written meanwhile is practice: a rehearsal is nobody's business, and nothing of it is kept.
    var isPractised: Bool { state == .rehearsal }
}
