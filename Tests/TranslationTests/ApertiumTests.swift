import Foundation
import Media
import Receiving
import Testing
import Translation

/// With Debian's programs, as they are: `Deploy/test` installs them.
@Suite(.serialized, .enabled(if: FileManager.default.fileExists(atPath: ApertiumTranslator.folder)))
struct ApertiumTests {
    /// Processes of ours that have this in their command lines.
    static func processes(with mark: String) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { process in
            guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let close = status.lastIndex(of: ")"),
                status[close...].split(separator: " ").dropFirst(2).first.map(String.init) == "\(getpid())",
                let command = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)
            else { return false }
            return command.contains(mark)
        }
    }

    func one(_ engine: any Translator, _ text: String, _ from: String, _ to: String) async throws -> String? {
        try await engine.translate([text], from: tag(from), to: tag(to)).first?.text
    }

    @Test func itSpeaksItsPairs() throws {
        let engine = try #require(ApertiumTranslator())
        defer { engine.stop() }
        for (from, to) in [
            ("en", "es"), ("es", "en"), ("es", "pt"), ("pt", "es"), ("fr", "es"), ("es", "fr"), ("es", "it"),
        ] {
            #expect(engine.speaks(from: tag(from), to: tag(to)), "\(from)→\(to)")
        }
        #expect(engine.speaks(from: tag("pt-BR"), to: tag("es-MX")))
        #expect(
            !engine.speaks(from: tag("en"), to: tag("fr")) && !engine.speaks(from: tag("id"), to: tag("ms")))
    }

    @Test func sentencesComeOneByOne() async throws {
        let engine = try #require(ApertiumTranslator(patience: .seconds(60)))
        defer { engine.stop() }
        let answers = try await engine.translate(
            ["¿Cuánto cuesta el vestido?", "El vestido es rojo.", "Hola"], from: tag("es"), to: tag("pt")
        ).map(\.text)
        #expect(answers.count == 3 && answers[1] == "O vestido é vermelho." && answers[0].contains("vestido"))
        #expect(Self.processes(with: "apertium-es-pt/es-pt").count > 1)
    }

    @Test func whatMeansSomethingToItIsOnlyText() async throws {
        let engine = try #require(ApertiumTranslator(patience: .seconds(60)))
        defer { engine.stop() }
        for text in ["^hola<n>$ [x] {y} @z /w \\ fin", "a\u{0}b\nc", "<b>&amp;", "[][][", "$$$ ^^^", "^"] {
            let answer = try await one(engine, text, "es", "pt")
            #expect(answer != nil)
        }
        #expect(try await one(engine, "hola [] $5 ^ fin", "es", "pt")?.contains("[] $5 ^ fim") == true)
        // Nothing of it is left in the pipe.
        #expect(try await one(engine, "El vestido es rojo.", "es", "pt") == "O vestido é vermelho.")
    }

    @Test func whatWasKilledIsStartedAgain() async throws {
        let engine = try #require(ApertiumTranslator(patience: .seconds(60)))
        defer { engine.stop() }
        for round in 0..<3 {
            #expect(try await one(engine, "la robe est rouge", "fr", "es") == "el vestido es rojo")
            let processes = Self.processes(with: "apertium-fr-es/")
            #expect(processes.count > 3)
            // Another of them each time: the first, one in the middle, the last.
            let victims = processes.sorted()
            kill(victims[round * (victims.count - 1) / 2], SIGKILL)
            #expect(
                await within {
                    (try? await one(engine, "la robe est rouge", "fr", "es")) == "el vestido es rojo"
                })
            #expect(Set(Self.processes(with: "apertium-fr-es/")).isDisjoint(with: processes))
        }
    }

    @Test func whatHangsIsKilled() async throws {
        let engine = try #require(ApertiumTranslator(patience: .milliseconds(700)))
        defer { engine.stop() }
        #expect(await within { (try? await one(engine, "el vestido es rojo", "es", "it")) != nil })
        let processes = Self.processes(with: "apertium-spa-ita/")
        let middle = try #require(processes.sorted().dropFirst(processes.count / 2).first)
        kill(middle, SIGSTOP)
        await #expect(throws: TranslationFault.timedOut) {
            try await one(engine, "el vestido es rojo", "es", "it")
        }
        #expect(await within { Set(Self.processes(with: "apertium-spa-ita/")).isDisjoint(with: processes) })
        // It rests, and comes back.
        #expect(await within { (try? await one(engine, "el vestido es rojo", "es", "it")) != nil })
    }

    @Test func aChatGoesOnWhenItDies() async throws {
        let engine = try #require(ApertiumTranslator(patience: .seconds(60)))
        let desk = TranslationDesk(
            phrasebook: Samples.phrasebook, engines: [TranslatorChain([engine])],
            rules: .init(deadline: .seconds(60)))
        defer { desk.stop() }
        func ask(_ text: String) async -> Rendering? {
            await desk.translate(text, from: tag("es"), to: tag("en"), glossary: .empty, show: Samples.show)
        }
        #expect(await ask("El perro come en la casa") != nil)
        for process in Self.processes(with: "apertium-eng-spa/") { kill(process, SIGKILL) }
        #expect(await ask("¿Cuánto cuesta?") == Rendering(text: "How much is it?", engine: .phrasebook))
        #expect(await within { await ask("El gato come en la casa") != nil })
    }

    @Test func itEndsWhenItIsToldTo() async throws {
        let engine = try #require(ApertiumTranslator(patience: .seconds(60)))
        _ = try await one(engine, "a casa é azul", "pt", "es")
        #expect(!Self.processes(with: "apertium-es-pt/pt-es").isEmpty)
        engine.stop()
        #expect(await within { Self.processes(with: "apertium-es-pt/pt-es").isEmpty })
        await #expect(throws: TranslationFault.resting) { try await one(engine, "a casa", "pt", "es") }
    }

    @Test func aStrangeModeIsLeftOut() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "modes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in [
            ("es-pt", "lt-proc '/x'; rm -rf /"), ("pt-es", "/bin/sh -c 'id'"), ("en-es", ""),
            ("xx-yy", "lt-proc 'a'"),
            ("fr-es", "lt-proc 'unclosed"), ("es-fr", "lt-proc $(id)"), ("it-es", "lt-proc `id`"),
        ] {
            try text.write(to: folder.appending(path: name + ".mode"), atomically: true, encoding: .utf8)
        }
        #expect(ApertiumTranslator(folder: folder.path) == nil)
        #expect(ApertiumTranslator(folder: folder.path + "/nowhere") == nil)
    }
}
