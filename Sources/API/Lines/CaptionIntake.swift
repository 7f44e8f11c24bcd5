// In: captions that people and their programs say over lines. Out: cues in the hall, and answers. Blocks: nobody; what
// waits for the store waits on a queue of its own, one after the other. Bound: `mostWaiting` words wait; policy: newer ones
// are told to come again; counter: shopcast_caption_intake_busy_total.

import Captioning
import Chat
import Dispatch
import Foundation
import Media
import Metrics
import NIOCore
package import People
package import Shows
import Synchronization

/// Takes captions from those who write them over a line.
package final class CaptionIntake: Sendable {
    /// A frame that says how it came out; nil where nothing need be said.
    typealias Answer = Result<ByteBuffer?, ChatRefusal>

    private static let mostWaiting = 512

    private let bureau: CaptionBureau
    private let people: any PeopleStore
    private let shows: any ShowStore
    private let queue = DispatchQueue(label: "shopcast.captions.intake", qos: .userInitiated)
    private let waiting = Atomic<Int>(0)
    private let busy = Counter(label: "shopcast_caption_intake_busy_total")

    package init(bureau: CaptionBureau, people: any PeopleStore, shows: any ShowStore) {
        self.bureau = bureau
        self.people = people
        self.shows = shows
    }

    /// `then` is called on a thread that must not be kept waiting. It never waits.
    func take(
        _ word: ClientWord.Caption, from identity: Identity, in show: ShowID, at now: Date = .now,
        then: @escaping @Sendable (Answer) -> Void
    ) {
        guard AccessRules.permits(identity, .writeCaptions, on: show), let actor = identity.actor else {
            return then(.failure(ChatRefusal(.notAllowed, "captions are for those who write them here")))
        }
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= CaptionIntake.mostWaiting else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            busy.increment()
            return then(
                .failure(ChatRefusal(.busy, "too much at once: try again", retryAfter: .seconds(1))))
        }
        queue.async { [self] in
            defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
            then(answer(word, identity, actor, show, now))
        }
    }

    /// Whether somebody may write a track: nil, or why not. `then` and the waiting are as with `take`.
    func admit(
        _ identity: Identity, to track: TrackName, then: @escaping @Sendable (ChatRefusal?) -> Void
    ) {
        guard AccessRules.permits(identity, .writeCaptions, on: track.show) else {
            return then(ChatRefusal(.notAllowed, "captions are for those who write them here"))
        }
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= CaptionIntake.mostWaiting else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            busy.increment()
            return then(ChatRefusal(.busy, "too much at once: try again", retryAfter: .seconds(1)))
        }
        queue.async { [self] in
            defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
            do {
                let show = try shows.show(track.show).map { CaptionedShow($0) }
                guard let plan = show?.plan(of: track.language)
                else { return then(ChatRefusal(.unknown, "the show has no captions in this language")) }
                try bureau.admit(identity, to: plan, of: track.show, people)
                then(nil)
            } catch let problem as ProblemDocument {
                then(ChatRefusal(.notAllowed, problem.detail))
            } catch {
                then(ChatRefusal(.busy, "it cannot be looked up just now: try again"))
            }
        }
    }

    private func answer(
        _ word: ClientWord.Caption, _ identity: Identity, _ actor: Actor, _ show: ShowID, _ now: Date
    ) -> Answer {
        do {
            let found = try shows.show(show)
            guard let plan = found.map({ CaptionedShow($0) })?.plan(of: word.language) else {
                throw ChatRefusal(.unknown, "the show has no captions in this language")
            }
            try bureau.admit(identity, to: plan, of: show, people)
            if word.edit != nil {
                return .success(CaptionScript.ack(word.id, try change(word, plan, actor, show, now)))
            }
            let isPractice = found?.isPractised == true
            if word.isFinal {
                let drafts = try drafts(word, plan, actor, now)
                if isPractice { return .success(CaptionScript.practice(word.id)) }
                let cues = try bureau.add(drafts, to: show, plan.language, by: actor, at: now)
                return .success(CaptionScript.ack(word.id, cues))
            }
            let partial = try partial(word, plan, now)
            if !isPractice { bureau.hall.hearing(partial, on: show, plan.language) }
            return .success(nil)
        } catch let refusal as ChatRefusal {
            return .failure(refusal)
        } catch let fault as DomainFault {
            return .failure(ChatRefusal(fault))
        } catch let problem as ProblemDocument {
            return .failure(ChatRefusal(.notAllowed, problem.detail))
        } catch {
            return .failure(ChatRefusal(.busy, "it cannot be written just now: try again"))
        }
    }

    private func drafts(
        _ word: ClientWord.Caption, _ plan: CaptionPlan, _ actor: Actor, _ now: Date
    ) throws -> [CueDraft] {
        let content = CueContent(
            start: try CaptionIntake.instant(word.start, "start"),
            end: try CaptionIntake.instant(word.end, "end"), text: word.text, speaker: word.speaker)
        var faults: [FieldFault] = []
        let name = CaptionBureau.name(word.id, of: actor)
        let drafts = content.drafts(plan, at: now, "", &faults, name: name)
        try CaptionIntake.check(word.text, faults)
        return drafts
    }

    private func change(
        _ word: ClientWord.Caption, _ plan: CaptionPlan, _ actor: Actor, _ show: ShowID, _ now: Date
    ) throws -> [Cue] {
        let id = word.edit ?? 0
        guard !word.text.isEmpty else {
            try bureau.hall.remove(id, of: show, plan.language, by: actor, at: now)
            return []
        }
        let content = CueChangeContent(
            start: try CaptionIntake.instant(word.start, "start"),
            end: try CaptionIntake.instant(word.end, "end"), text: word.text, speaker: word.speaker)
        let change: CueChange
        do {
            change = try content.change()
        } catch DomainFault.invalid(let faults) {
            try CaptionIntake.check(word.text, faults)
            throw DomainFault.invalid(faults)
        }
        return [
            try bureau.hall.edit(
                id, of: show, plan.language, change, ifRevision: nil, by: actor, at: now)
        ]
    }

    /// Nil: nothing is being said any more.
    private func partial(_ word: ClientWord.Caption, _ plan: CaptionPlan, _ now: Date) throws
        -> CaptionPartial?
    {
        let text = CueText(word.text)
        guard !text.isEmpty else { return nil }
        guard word.text.unicodeScalars.count <= CueText.longest else {
            throw ChatRefusal(.tooLong, "at most \(CueText.longest) characters are shown")
        }
        var faults: [FieldFault] = []
        let speaker = word.speaker == "" ? nil : CueContent.name(word.speaker, "speaker", &faults)
        try CaptionIntake.check(word.text, faults)
        let start = try CaptionIntake.instant(word.start, "start") ?? now
        let end = try CaptionIntake.instant(word.end, "end")
        return CaptionPartial(
            start: start.unixMilliseconds, end: end?.unixMilliseconds, text: text, speaker: speaker,
            origin: .init(plan.source == .upload ? .person : plan.source))
    }

    private static func instant(_ moment: ClientWord.Caption.Moment?, _ field: String) throws -> Date? {
        let span = Int64(946_684_800_000)...4_102_444_800_000
        guard let moment else { return nil }
        switch moment {
        case .number(let milliseconds) where span.contains(milliseconds):
            return Date(unixMilliseconds: milliseconds)
        case .text(let text):
            if let date = Date(rfc3339: text), span.contains(date.unixMilliseconds) { return date }
        case .number: break
        }
        throw ChatRefusal(
            .badRequest, "\(field): an instant from 2000 to 2100 is needed, as RFC 3339 or Unix ms")
    }

    private static func check(_ text: String, _ faults: [FieldFault]) throws {
        guard let first = faults.first else { return }
        if first.field == "text" {
            throw text.unicodeScalars.count > CueText.longest
                ? ChatRefusal(.tooLong, "at most \(CueText.longest) characters are shown")
                : ChatRefusal(.empty, "there is nothing to be read in it")
        }
        throw ChatRefusal(.badRequest, "\(first.field): \(first.reason)")
    }
}

extension ChatRefusal {
    fileprivate init(_ fault: DomainFault) {
        switch fault {
        case .invalid(let faults):
            let first = faults.first
            self.init(.badRequest, "\(first?.field ?? ""): \(first?.reason ?? "")")
        case .missing(let what): self.init(.unknown, what)
        default: self.init(.badRequest, "\(fault)")
        }
    }
}
