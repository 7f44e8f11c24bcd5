import Media
import Receiving
import Testing
import Translation

@Suite struct DeskTests {
    let es = tag("es")

    func desk(
        _ engines: [any Translator], phrasebook: Phrasebook? = nil,
        _ change: (inout TranslationDesk.Rules) -> Void = { _ in },
        today: @escaping @Sendable () -> Int = { 1 }
    ) -> TranslationDesk {
        var rules = TranslationDesk.Rules(deadline: .seconds(60))
        change(&rules)
        return TranslationDesk(phrasebook: phrasebook, engines: engines, rules: rules, today: today)
    }

    func ask(_ desk: TranslationDesk, _ text: String, show: ShowID = Samples.show) async -> Rendering? {
        await desk.translate(text, from: .english, to: es, glossary: .empty, show: show)
    }

    @Test func enginesAreAskedInOrder() async {
        let first = ToldEngine(.deepl) { _ in throw TranslationFault.resting }
        let second = ToldEngine(.libretranslate) { _ in "segundo" }
        let third = ToldEngine(.apertium) { _ in "tercero" }
        let desk = desk([first, second, third], phrasebook: Samples.phrasebook)
        #expect(await ask(desk, "my dog ate it") == Rendering(text: "segundo", engine: .libretranslate))
        #expect(first.texts.count == 1 && third.texts.isEmpty)
        #expect(await ask(desk, "how much?") == Rendering(text: "¿Cuánto cuesta?", engine: .phrasebook))
        #expect(second.texts.count == 1)
    }

    @Test func whatIsKnownIsThereAtOnce() async {
        let engine = ToldEngine { _ in "el perro" }
        let desk = desk([engine], phrasebook: Samples.phrasebook)
        func atOnce(_ text: String) -> Rendering? {
            desk.atOnce(text, from: .english, to: es, glossary: .empty)
        }
        #expect(atOnce("how much?")?.text == "¿Cuánto cuesta?")
        #expect(atOnce("the dog") == nil)
        _ = await ask(desk, "the dog")
        #expect(atOnce("the dog")?.text == "el perro")
        _ = await ask(desk, "the dog")
        #expect(engine.texts.count == 1)
        #expect(desk.atOnce("the dog", from: .english, to: .english, glossary: .empty) == nil)
        #expect(desk.atOnce("the dog", from: .undetermined, to: es, glossary: .empty) == nil)
    }

    @Test func anotherGlossaryIsAnotherText() async throws {
        let engine = ToldEngine { $0 }
        let desk = desk([engine])
        let glossary = try Glossary([GlossaryTerm("dog", renderings: [es: "Perro"])])
        _ = await ask(desk, "the dog runs")
        let kept = await desk.translate(
            "the dog runs", from: .english, to: es, glossary: glossary, show: Samples.show)
        #expect(kept?.text == "the Perro runs")
    }

    @Test func whoAsksMeanwhileWaitsForTheSameAnswer() async {
        let gate = Gate()
        let engine = ToldEngine { _ in
            try await gate.pass()
            return "hola"
        }
        let desk = desk([engine])
        let answers = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<50 { group.addTask { await ask(desk, "hi there friend")?.text } }
            #expect(await within { gate.count == 1 })
            gate.open()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: "hola", count: 50) && engine.texts.count == 1)
    }

    @Test func nothingTakesLongerThanTheDeadline() async {
        let gate = Gate()
        let slow = ToldEngine { _ in
            try await gate.pass()
            return "tarde"
        }
        let desk = desk([slow]) { $0.deadline = .milliseconds(500) }
        #expect(await ask(desk, "anything at all") == nil)
        // Who gave up has left nothing behind.
        gate.open()
        #expect(await ask(desk, "anything at all")?.text == "tarde")
    }

    @Test func anEngineThatHangsLeavesTimeForTheNext() async {
        let gate = Gate()
        let hung = ToldEngine(.deepl, deadline: .milliseconds(20)) { _ in
            try await gate.pass()
            return ""
        }
        let desk = desk([hung, ToldEngine { _ in "a tiempo" }])
        #expect(await ask(desk, "anything at all")?.text == "a tiempo")
    }

    @Test func whoFollowsGoesOnWhenTheLeaderGaveUp() async {
        let gate = Gate()
        let engine = ToldEngine { _ in
            try await gate.pass()
            return "hola"
        }
        let desk = desk([engine])
        let leader = Task { await ask(desk, "hi there friend") }
        #expect(await within { gate.count == 1 })
        let follower = Task { await ask(desk, "hi there friend") }
        leader.cancel()
        #expect(await leader.value == nil)
        #expect(await within { engine.texts.count == 2 })
        gate.open()
        #expect(await follower.value?.text == "hola")
    }

    @Test func beyondTheBoundNobodyWaits() async {
        let gate = Gate()
        let engine = ToldEngine { text in
            try await gate.pass()
            return "«\(text)»"
        }
        let desk = desk([engine]) { $0.waitingAtMost = 3 }
        let waiting = (0..<3).map { number in Task { await ask(desk, "text number \(number)") } }
        #expect(await within { gate.count == 3 })
        #expect(await ask(desk, "one too many") == nil)
        gate.open()
        for task in waiting { #expect(await task.value != nil) }
        #expect(await ask(desk, "one too many") != nil)
    }

    @Test func whatIsPaidForIsCapped() async {
        let day = Gate()
        let paid = ToldEngine(.deepl, isPaid: true) { "ES " + $0 }
        let free = ToldEngine(.apertium) { "gratis " + $0 }
        let desk = desk([paid, free]) {
            $0.paidPerShow = 20
            $0.paidPerDay = 30
        } today: {
            day.count == 0 ? 1 : 2
        }
        #expect(await ask(desk, "twelve chars")?.engine == .deepl)
        #expect(await ask(desk, "twelve chars too")?.engine == .apertium)
        let other = ShowID("other")!
        #expect(await ask(desk, "and thirteen!", show: other)?.engine == .deepl)
        #expect(await ask(desk, "more", show: other)?.engine == .deepl)
        #expect(await ask(desk, "more again", show: other)?.engine == .apertium)
        // A new day.
        let waiting = Task { try await day.pass() }
        #expect(await within { day.count == 1 })
        #expect(await ask(desk, "even more again")?.engine == .deepl)
        day.open()
        try? await waiting.value
    }

    @Test func whatWasNotSentIsNotPaidFor() async {
        let resting = ToldEngine(.deepl, isPaid: true) { text in
            if text == "first" { throw TranslationFault.resting }
            return "ES " + text
        }
        let desk = desk([resting]) { $0.paidPerShow = 8 }
        #expect(await ask(desk, "first") == nil)
        #expect(await ask(desk, "second") != nil)
        #expect(await ask(desk, "third") == nil)
    }

    @Test func theCacheIsBounded() async {
        let engine = ToldEngine { "ES " + $0 }
        let desk = desk([engine]) { $0.cacheEntries = 10 }
        for number in 0..<100 { _ = await ask(desk, "text number \(number)") }
        #expect(desk.atOnce("text number 99", from: .english, to: es, glossary: .empty) != nil)
        #expect(desk.atOnce("text number 1", from: .english, to: es, glossary: .empty) == nil)
    }

    @Test(arguments: ["", "😍😍", "@lisa", "12345", "https://example.com/x", "SAVE20 ❤️ 10%"])
    func nothingToTranslateIsNotAsked(_ text: String) async {
        let engine = ToldEngine { $0 }
        #expect(await ask(desk([engine]), text) == nil)
        #expect(engine.texts.isEmpty)
    }

    @Test func longTextsStayAsTheyAre() async {
        let engine = ToldEngine { "ES " + $0 }
        let desk = desk([engine]) { $0.longest = 100 }
        #expect(await ask(desk, String(repeating: "word ", count: 30)) == nil)
        #expect(await ask(desk, "a" + String(repeating: "\u{301}", count: 5000)) == nil)
        #expect(engine.texts.isEmpty)
    }

    @Test func nonsenseStaysOut() async {
        for answer in ["", "   ", "a\u{202E}b", "a\u{0}b", String(repeating: "la ", count: 5000)] {
            let engine = ToldEngine { _ in answer }
            #expect(await ask(desk([engine]), "some words here") == nil, "\(answer.debugDescription)")
        }
        let lines = ToldEngine { _ in "dos\nlíneas" }
        #expect(await ask(desk([lines]), "two lines")?.text == "dos líneas")
    }

    @Test func whatItReachesIsWhatPhrasebookOrEnginesKnow() throws {
        let aran = LanguageTag("an")!
        let pairs = ToldPairs(.apertium, [TranslationStep(from: .english, to: aran, cost: 1)]) { text, _ in
            text
        }
        let desk = TranslationDesk(
            phrasebook: try Phrasebook.bundled(), engines: [TranslatorChain([pairs])])
        for (tag, isReached) in [("es-MX", true), ("an", true), ("aa", false), ("und", false)] {
            #expect(desk.reaches(try #require(LanguageTag(tag))) == isReached, "\(tag)")
        }
    }

    @Test func itStopsItsEngines() {
        let engine = ToldEngine { $0 }
        desk([engine]).stop()
        #expect(engine.isStopped)
    }
}
