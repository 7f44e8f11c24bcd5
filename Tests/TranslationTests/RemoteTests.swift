import Foundation
import Media
import NIOCore
import Outbound
import Receiving
import Testing
import Translation

/// Services that answer well, badly, late and never.
@Suite struct RemoteTests {
    let es = tag("es")

    static func texts(_ message: Receiver.Message) -> [String] {
        let object = try? JSONSerialization.jsonObject(with: Data(message.body.utf8)) as? [String: Any]
        return (object?["q"] ?? object?["text"]) as? [String] ?? []
    }

    /// As LibreTranslate does, in capitals.
    static func libre(_ message: Receiver.Message) -> Receiver.Conduct {
        let answers = texts(message).map { $0.uppercased() }
        let body = try? JSONSerialization.data(withJSONObject: ["translatedText": answers])
        return .answer(200, body: String(decoding: body ?? Data(), as: UTF8.self))
    }

    static func deepl(_ message: Receiver.Message) -> Receiver.Conduct {
        let answers = texts(message).map { ["text": "DE " + $0] }
        let body = try? JSONSerialization.data(withJSONObject: ["translations": answers])
        return .answer(200, body: String(decoding: body ?? Data(), as: UTF8.self))
    }

    func libre(
        _ receiver: Receiver, _ client: OutboundClient, deadline: Duration = .seconds(60),
        breaker: CircuitBreaker.Rule = .init(), waitingAtMost: Int = 256
    ) throws -> RemoteTranslator {
        RemoteTranslator(
            try LibreTranslate(address: "http://127.0.0.1:\(receiver.port)/", key: "secret"), client: client,
            deadline: deadline, breaker: breaker, waitingAtMost: waitingAtMost)
    }

    func one(_ engine: any Translator, _ text: String) async throws -> Rendering? {
        try await engine.translate([text], from: .english, to: es).first
    }

    @Test func libreTranslateIsAskedAsItWants() async throws {
        try await Receiver.run(conduct: Self.libre) { receiver in
            try await withClient { client in
                let engine = try libre(receiver, client)
                #expect(
                    try await one(engine, "a dress") == Rendering(text: "A DRESS", engine: .libretranslate))
                _ = try await engine.translate(["two", "texts"], from: tag("zh-CN"), to: tag("pt-BR"))
            }
            let message = try #require(receiver.messages.last)
            let body = try #require(
                try JSONSerialization.jsonObject(with: Data(message.body.utf8)) as? [String: Any])
            #expect(message.method == "POST" && message.uri == "/translate")
            #expect(message.field("content-type") == "application/json")
            #expect(body["source"] as? String == "zh" && body["target"] as? String == "pt")
            #expect(body["format"] as? String == "text" && body["api_key"] as? String == "secret")
            #expect(body["q"] as? [String] == ["two", "texts"])
        }
    }

    @Test func deepLIsAskedAsItWants() async throws {
        try await Receiver.run(conduct: Self.deepl) { receiver in
            try await withClient { client in
                let engine = RemoteTranslator(
                    try DeepL(address: "http://127.0.0.1:\(receiver.port)", key: "k:fx"), client: client)
                let desk = TranslationDesk(
                    phrasebook: nil, engines: [engine], rules: .init(deadline: .seconds(60)))
                let glossary = try Glossary([GlossaryTerm("Luna")])
                let answer = await desk.translate(
                    "Luna & 2 <b> 😍 for $5", from: .english, to: tag("zh-TW"), glossary: glossary,
                    show: Samples.show)
                #expect(answer == Rendering(text: "DE Luna & 2 <b> 😍 for $5", engine: .deepl))
            }
            let message = try #require(receiver.messages.first)
            let body = try #require(
                try JSONSerialization.jsonObject(with: Data(message.body.utf8)) as? [String: Any])
            #expect(message.uri == "/v2/translate" && message.field("authorization") == "DeepL-Auth-Key k:fx")
            #expect(body["source_lang"] as? String == "EN" && body["target_lang"] as? String == "ZH-HANT")
            #expect(body["tag_handling"] as? String == "xml" && body["ignore_tags"] as? [String] == ["m"])
            #expect(
                body["text"] as? [String] == [
                    #"<m i="0">Luna</m> &amp; <m i="1">2</m> &lt;b&gt; <m i="2">😍</m> for <m i="3">$5</m>"#
                ])
        }
    }

    @Test func libreTranslateReachesWhatThereAreModelsOf() throws {
        let engine = try LibreTranslate(address: "http://127.0.0.1:1", key: nil)
        for (tag, isReached) in [("eo", true), ("zh-TW", true), ("nb", true), ("aa", false), ("und", false)] {
            #expect(engine.reaches(try #require(LanguageTag(tag))) == isReached, "\(tag)")
        }
    }

    @Test func deepLKnowsItsLanguages() throws {
        let engine = try DeepL(address: nil, key: "k")
        #expect(
            engine.speaks(from: tag("zh"), to: tag("th")) && !engine.speaks(from: tag("ms"), to: tag("en")))
    }

    @Test(arguments: [
        Receiver.Conduct.answer(500), .answer(429), .answer(403), .answer(200, body: "no JSON"),
        .answer(200, body: #"{"translatedText": ["a", "b"]}"#), .answer(200, body: #"{"translatedText": 5}"#),
        .answer(302, fields: [("Location", "http://127.0.0.1/")]), .close, .cut, .raw("rubbish\r\n\r\n"),
        .endless,
    ])
    func badAnswersAreFaults(_ conduct: Receiver.Conduct) async throws {
        try await Receiver.run(conduct: { _ in conduct }) { receiver in
            try await withClient { client in
                let engine = try libre(receiver, client)
                await #expect(throws: (any Error).self) { try await one(engine, "a dress") }
            }
        }
    }

    @Test func aServiceThatFailsIsLeftAlone() async throws {
        try await Receiver.run(conduct: { _ in .answer(500) }) { receiver in
            try await withClient { client in
                let engine = try libre(receiver, client, breaker: .init(threshold: 3, pause: .seconds(600)))
                for _ in 0..<3 { _ = try? await one(engine, "a dress") }
                await #expect(throws: TranslationFault.resting) { try await one(engine, "a dress") }
                #expect(receiver.messages.count == 3)
            }
        }
    }

    @Test func aServiceThatNeverAnswersIsLeftAloneToo() async throws {
        try await Receiver.run(conduct: { _ in .hang }) { receiver in
            try await withClient { client in
                let engine = try libre(
                    receiver, client, deadline: .milliseconds(100),
                    breaker: .init(threshold: 2, pause: .seconds(600)))
                let desk = TranslationDesk(
                    phrasebook: nil, engines: [engine], rules: .init(deadline: .seconds(60)))
                for number in 0..<4 {
                    let answer = await desk.translate(
                        "text \(number) here", from: .english, to: es, glossary: .empty, show: Samples.show)
                    #expect(answer == nil)
                }
                #expect(receiver.messages.count <= 3)
            }
        }
    }

    @Test func whatComesMeanwhileGoesTogether() async throws {
        let gate = Gate()
        // The first answer is late; the client does not know why.
        let conduct: @Sendable (Receiver.Message) -> Receiver.Conduct = { message in
            Self.texts(message) == ["first"] ? .late(.milliseconds(300), 500) : Self.libre(message)
        }
        try await Receiver.run(conduct: conduct) { receiver in
            try await withClient { client in
                let engine = try libre(receiver, client)
                let first = Task { try await one(engine, "first") }
                #expect(await within { receiver.messages.count == 1 })
                let others = (0..<30).map { number in Task { try await one(engine, "text \(number)") } }
                for (number, task) in others.enumerated() {
                    #expect(try await task.value?.text == "TEXT \(number)")
                }
                await #expect(throws: (any Error).self) { try await first.value }
                let sizes = receiver.messages.dropFirst().map { Self.texts($0).count }
                #expect(sizes.reduce(0, +) == 30 && sizes.count <= 4, "\(sizes)")
            }
            gate.open()
        }
    }

    @Test func whoGivesUpTakesNobodyAlong() async throws {
        let conduct: @Sendable (Receiver.Message) -> Receiver.Conduct = { message in
            Self.texts(message).contains("first") ? .hang : Self.libre(message)
        }
        try await Receiver.run(conduct: conduct) { receiver in
            try await withClient { client in
                let engine = try libre(receiver, client)
                let first = Task { try await one(engine, "first") }
                #expect(await within { receiver.messages.count == 1 })
                let others = (0..<5).map { number in Task { try await one(engine, "text \(number)") } }
                others[4].cancel()
                first.cancel()
                for number in 0..<4 { #expect(try await others[number].value?.text == "TEXT \(number)") }
                await #expect(throws: (any Error).self) { try await first.value }
            }
        }
    }

    @Test func tooManyAreTurnedAway() async throws {
        try await Receiver.run(conduct: { _ in .hang }) { receiver in
            try await withClient { client in
                let engine = try libre(receiver, client, waitingAtMost: 1)
                let first = Task { try await one(engine, "first") }
                #expect(await within { receiver.messages.count == 1 })
                await #expect(throws: TranslationFault.busy) { try await one(engine, "second") }
                first.cancel()
                _ = try? await first.value
            }
        }
    }
}
