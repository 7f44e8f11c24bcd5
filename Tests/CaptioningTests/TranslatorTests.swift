import Captioning
import Foundation
import Logging
import Media
import People
import Persistence
import Shows
import Synchronization
import Testing
import Translation

/// Captions in other languages: in order, within bounds, and following every change of what they were made from.
@Suite(.timeLimit(.minutes(10))) struct TranslatorTests {
    static let spanish = LanguageTag("es")!

    private func until(
        _ what: Comment, _ condition: () throws -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while try !condition() {
            guard ContinuousClock.now < end else {
                Issue.record(what, sourceLocation: sourceLocation)
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func whatIsSaidIsSaidInAnotherLanguage() async throws {
        let house = try CaptionedHouse()
        try await house.translating {
            let said = try house.say("Half price\ntoday")
            try await until("it is translated") { try !house.cues().isEmpty }
            let made = try #require(try house.cues().first)
            #expect(made.text.text == "es:Half price today", "lines come about anew")
            #expect((made.start, made.end) == (said.start, said.end))
            #expect(made.speaker == "Ana" && made.editor == nil && !made.isPersons)
            #expect(
                made.origin
                    == .init(
                        .translation, engine: "libretranslate", from: .english, hops: 2, cue: said.id))
            try await until("and its track runs") { house.state().phase == .running }
            #expect(house.state().engine == "libretranslate")
            let told = house.told.withLock { $0 }.contains { language, news in
                if case .put(let cues) = news { language == Self.spanish && cues == [made] } else { false }
            }
            #expect(told, "and told like any other")
        }
    }

    @Test func orderIsKept() async throws {
        let house = try CaptionedHouse()
        house.engine.tell { text in
            try await Task.sleep(for: .milliseconds(.random(in: 0...8)))
            return "es:" + text
        }
        try await house.translating {
            // What is there before the translator looks is made up for behind what is new: it has looked.
            try house.say("sentence 1", at: 1)
            try await until("it works") { try house.cues().count == 1 }
            for number in 2...30 { try house.say("sentence \(number)", at: Int64(number)) }
            try await until("all are translated") { try house.cues().count == 30 }
            #expect(try house.cues().map(\.id) == Array(1...30), "numbers rise as they were said")
            #expect(house.engine.texts == (1...30).map { "sentence \($0)" }, "each once")
        }
    }

    @Test func manyMoreThanCanBeDoneWaitTheirTurn() async throws {
        let house = try CaptionedHouse()
        try await house.translating(.init(fresh: 4, owed: 100, tries: 3)) {
            let drafts = (1...60).map { number in
                CueDraft(
                    start: Int64(number) * 1000, end: Int64(number) * 1000 + 900,
                    text: CueText("number \(number)"),
                    origin: .init(.upload))
            }
            _ = try house.hall.replace(drafts, of: house.show, .english, by: .commandLine, at: .now)
            try await until("all are made up for") { try house.cues().count == 60 }
            #expect(try house.cues().map(\.text.text) == (1...60).map { "es:number \($0)" })
        }
    }

    @Test func editsAndDeletionsFollow() async throws {
        let house = try CaptionedHouse()
        try await house.translating {
            let first = try house.say("one")
            let second = try house.say("two", at: 3)
            try await until("both are there") { try house.cues().count == 2 }
            let made = try #require(try house.cues().first { $0.origin.cue == first.id })
            _ = try house.hall.edit(
                first.id, of: house.show, .english, CueChange(end: first.end + 500, text: CueText("uno mas")),
                ifRevision: nil, by: .commandLine, at: .now)
            try await until("the edit follows") { try house.cues().contains { $0.text.text == "es:uno mas" } }
            let edited = try #require(try house.cues().first { $0.text.text == "es:uno mas" })
            #expect(edited.id == made.id && edited.revision > made.revision)
            #expect(edited.end == first.end + 500 && !edited.isPersons)
            try house.hall.remove(second.id, of: house.show, .english, by: .commandLine, at: .now)
            try await until("the deletion follows") { try house.cues().map(\.id) == [made.id] }
        }
    }

    @Test func whatSomebodyHasPutRightStays() async throws {
        let house = try CaptionedHouse()
        try await house.translating {
            let said = try house.say("one")
            try await until("it is there") { try house.cues().count == 1 }
            _ = try house.hall.edit(
                1, of: house.show, Self.spanish, CueChange(text: CueText("Mejor así")), ifRevision: nil,
                by: .commandLine, at: .now)
            _ = try house.hall.edit(
                said.id, of: house.show, .english, CueChange(text: CueText("one!")), ifRevision: nil,
                by: .commandLine, at: .now)
            try house.say("after", at: 5)
            try await until("what follows is there") { try house.cues().count == 2 }
            #expect(try house.cues()[0].text.text == "Mejor así")
            #expect(!house.engine.texts.contains("one!"))
            // What was never said is gone all the same.
            try house.hall.remove(said.id, of: house.show, .english, by: .commandLine, at: .now)
            try await until("the deletion follows") { try house.cues().map(\.text.text) == ["es:after"] }
        }
    }

    @Test func whatSomebodyHasDeletedDoesNotComeBack() async throws {
        let house = try CaptionedHouse()
        try await house.translating {
            try house.say("one")
            try house.say("two", at: 3)
            try await until("they are there") { try house.cues().count == 2 }
            let one = try #require(try house.cues().first { $0.text.text == "es:one" })
            try house.hall.remove(one.id, of: house.show, Self.spanish, by: .commandLine, at: .now)
        }
        // Another start.
        try await house.translating {
            house.hall.adopt(
                CaptionedShow(
                    language: .undetermined, plans: try #require(house.hall.captioned(house.show)).plans),
                of: house.show)
            try house.say("three", at: 6)
            try await until("the third is there") { try house.cues().last?.text.text == "es:three" }
            let texts = try house.cues().map(\.text.text)
            #expect(texts == ["es:two", "es:three"])
        }
    }

    @Test func whatHappensWhileATrackIsStoppedIsMadeUpFor() async throws {
        let house = try CaptionedHouse()
        try await house.translating {
            let (first, second) = (try house.say("one"), try house.say("two", at: 3))
            try await until("they are there") { try house.cues().count == 2 }
            try house.hall.want(false, on: house.show, Self.spanish, by: .commandLine, at: .now)
            try await until("it has stopped") { house.state().phase == .stopped }
            try house.hall.remove(first.id, of: house.show, .english, by: .commandLine, at: .now)
            try house.edit(second, to: "due")
            try house.hall.want(true, on: house.show, Self.spanish, by: .commandLine, at: .now)
            try await until("both follow") { try house.cues().map(\.text.text) == ["es:due"] }
        }
    }

    /// The first news after a start are of cues from before it.
    @Test(arguments: [true, false]) func theFirstChangeAfterAStartFollows(_ isDeletion: Bool) async throws {
        let house = try CaptionedHouse()
        var said: Cue?
        try await house.translating {
            said = try house.say("one")
            try await until("it is there") { try house.cues().count == 1 }
        }
        let first = try #require(said)
        try await house.translating {
            if isDeletion {
                try house.hall.remove(first.id, of: house.show, .english, by: .commandLine, at: .now)
                try await until("it is gone") { try house.cues().isEmpty }
            } else {
                try house.edit(first, to: "uno")
                try await until("it follows") { try house.cues().map(\.text.text) == ["es:uno"] }
            }
        }
    }

    @Test func whatFailedBeforeAnEndIsMadeUpForAfterIt() async throws {
        let house = try CaptionedHouse()
        house.engine.tell { text in
            if text == "one" { throw TranslationFault.died("killed") }
            return "es:" + text
        }
        try await house.translating {
            try house.say("one")
            try house.say("two", at: 3)
            try await until("the second is there") { try house.cues().count == 1 }
        }
        house.engine.tell { "es:" + $0 }
        try await house.translating {
            try house.say("three", at: 6)
            try await until("all are there") {
                try house.cues().map(\.text.text) == ["es:one", "es:two", "es:three"]
            }
        }
    }

    @Test func oneCueOfSomebodyElsesHoldsUpNoOthers() async throws {
        let house = try CaptionedHouse()
        try house.say("one")
        try house.say("two", at: 10)
        let own = CueDraft(
            start: 1_790_000_010_500, end: 1_790_000_011_500, text: CueText("dos"), origin: .init(.person))
        _ = try house.hall.add([own], to: house.show, Self.spanish, by: .commandLine, at: .now)
        try await house.translating {
            try house.say("three", at: 20)
            try await until("all others are there") {
                try house.cues().map(\.text.text) == ["es:one", "dos", "es:three"]
            }
        }
    }

    @Test func whatSomebodyHasPutRightIsNotOwed() async throws {
        let house = try CaptionedHouse()
        try await house.translating {
            let said = try house.say("one")
            try await until("it is there") { try house.cues().count == 1 }
            _ = try house.hall.edit(
                1, of: house.show, Self.spanish, CueChange(text: CueText("Mejor así")), ifRevision: nil,
                by: .commandLine, at: .now)
            try house.edit(said, to: "one!")
            try await until("it is noted") {
                try house.store.renderedCues(of: house.show, Self.spanish, from: .english) == [1: 2]
            }
        }
        #expect(try house.cues().map(\.text.text) == ["Mejor así"])
    }

    @Test func longOnesBecomeSeveralAndFewerAgain() async throws {
        let house = try CaptionedHouse()
        let long =
            "Este suéter de cachemira cuesta hoy solamente 1.299 pesos, y durante los próximos diez minutos hay "
            + "un treinta por ciento de descuento para todos ustedes."
        house.engine.tell { $0 == "long" ? long : "corto" }
        try await house.translating {
            let said = try house.say("long")
            try await until("it is there") { try house.cues().count > 1 }
            let pages = try house.cues()
            #expect(pages.first?.start == said.start && pages.last?.end == said.end)
            #expect(pages.map(\.text.text).joined(separator: " ").replacing("\n", with: " ") == long)
            #expect(pages.allSatisfy { $0.origin.cue == said.id })
            _ = try house.hall.edit(
                said.id, of: house.show, .english, CueChange(text: CueText("short")), ifRevision: nil,
                by: .commandLine, at: .now)
            try await until("it is one") { try house.cues().map(\.text.text) == ["corto"] }
            #expect(try house.cues()[0].id == pages[0].id)
        }
    }

    @Test func anEngineThatFailsIsAskedAgain() async throws {
        let house = try CaptionedHouse()
        let isDown = Mutex(true)
        house.engine.tell { text in
            if isDown.withLock({ $0 }) { throw TranslationFault.died("killed") }
            return "es:" + text
        }
        try await house.translating {
            try house.say("one")
            try await until("it says so") { house.state().phase == .failed }
            #expect(house.state().why?.contains("tried again") == true)
            #expect(try house.cues().isEmpty)
            isDown.withLock { $0 = false }
            try house.say("two", at: 3)
            try await until("both are there") { try house.cues().count == 2 }
            #expect(try house.cues().map(\.text.text) == ["es:one", "es:two"])
            #expect(house.state().phase == .running)
        }
    }

    @Test(arguments: ["", "   ", "\u{202e}\u{0}", String(repeating: "x", count: 10_000)])
    func nonsenseIsNoTranslation(_ answer: String) async throws {
        let house = try CaptionedHouse()
        house.engine.tell { $0 == "one" ? answer : "es:" + $0 }
        try await house.translating {
            try house.say("one")
            try house.say("two", at: 3)
            try await until("the second is there") { try !house.cues().isEmpty }
            #expect(try house.cues().map(\.text.text) == ["es:two"])
        }
    }

    @Test func hostileAnswersAreWords() async throws {
        let house = try CaptionedHouse()
        house.engine.tell { _ in "</c> NOTE --> STYLE <b>hola</b>" }
        try await house.translating {
            try house.say("one")
            try await until("it is there") { try !house.cues().isEmpty }
            #expect(try house.cues().first?.text.text == "</c> NOTE --> STYLE <b>hola</b>")
        }
    }

    @Test func theGlossaryOfTheShowSurvives() async throws {
        let house = try CaptionedHouse()
        house.engine.tell {
            $0.replacing("wonderful", with: "maravillosa").replacing("Shopcast", with: "Tienda")
        }
        let glossary = try Glossary([GlossaryTerm("Shopcast")])
        try await house.translating(glossary: glossary) {
            try house.say("Shopcast is wonderful")
            try await until("it is there") { try !house.cues().isEmpty }
            #expect(try house.cues()[0].text.text == "Shopcast is maravillosa")
        }
    }

    @Test func aStoppedTrackIsMadeUpForAtItsStart() async throws {
        let house = try CaptionedHouse()
        try await house.translating {
            try house.say("one")
            try await until("it is there") { try house.cues().count == 1 }
            try house.hall.want(false, on: house.show, Self.spanish, by: .commandLine, at: .now)
            try await until("it has stopped") { house.state().phase == .stopped }
            try house.say("two", at: 3)
            try house.say("three", at: 6)
            #expect(!house.hall.isWanted(house.show, Self.spanish))
            // Another hall over the same store: it is still stopped.
            #expect(
                !CaptionHall(store: house.store, logger: Logger(label: "test")).isWanted(
                    house.show, Self.spanish))
            try house.hall.want(true, on: house.show, Self.spanish, by: .commandLine, at: .now)
            try await until("they are made up for") { try house.cues().count == 3 }
            #expect(house.engine.texts == ["one", "two", "three"])
            #expect(house.state().phase == .running)
        }
        let audit = try house.store.audit(AuditQuery(action: "caption.st")).items.map(\.action)
        #expect(audit == ["caption.start", "caption.stop"])
    }

    @Test func aTrackThatIsAddedLaterIsMadeUpFor() async throws {
        let house = try CaptionedHouse([CaptionPlan(language: .english)])
        try await house.translating {
            try house.say("one")
            try house.say("two", at: 3)
            let plans = [
                CaptionPlan(language: .english), CaptionPlan(language: Self.spanish, source: .translation),
            ]
            house.hall.adopt(CaptionedShow(language: .english, plans: plans), of: house.show)
            try await until("both are there") { try house.cues().count == 2 }
        }
    }

    @Test func aScriptHasItsTimesInEveryLanguage() async throws {
        let house = try CaptionedHouse()
        try await house.translating {
            try house.say("welcome", at: 1, isScript: true)
            try await until("it is there") { try house.cues().count == 1 }
            #expect(try house.cues()[0].isScript && house.cues()[0].start == 1000)
            #expect(try house.store.anchorCues(of: house.show, zero: 1_000_000) == [.english, Self.spanish])
            #expect(try house.cues()[0].start == 1_001_000 && !house.cues()[0].isScript)
        }
    }

    @Test func aRegionOfTheSameLanguageIsTheSameText() async throws {
        let house = try CaptionedHouse([
            CaptionPlan(language: .english),
            CaptionPlan(language: LanguageTag("en-GB")!, source: .translation),
        ])
        try await house.translating {
            try house.say("colour")
            try await until("it is there") { try house.cues(LanguageTag("en-GB")!).count == 1 }
            #expect(house.engine.texts.isEmpty)
            #expect(try house.cues(LanguageTag("en-GB")!)[0].origin.hops == 0)
        }
    }

    @Test func whatNobodyHereSpeaksIsSaid() async throws {
        let thai = LanguageTag("th")!
        let house = try CaptionedHouse([
            CaptionPlan(language: .english), CaptionPlan(language: thai, source: .translation),
        ])
        try await house.translating {
            try house.say("one")
            try await until("it says so") {
                house.hall.state(of: house.show, CaptionPlan(language: thai, source: .translation), at: .now)
                    .why != nil
            }
            #expect(try house.cues(thai).isEmpty && house.engine.texts.isEmpty)
        }
    }
}
