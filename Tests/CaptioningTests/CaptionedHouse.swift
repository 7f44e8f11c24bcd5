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

/// An engine that does what a test tells it to.
final class ToldEngine: Translator {
    let name = EngineName.libretranslate
    let manner = TranslatorManner(deadline: .seconds(120))
    private let answer = Mutex<@Sendable (String) async throws -> String>({ "es:" + $0 })
    private let heard = Mutex<[String]>([])

    var texts: [String] { heard.withLock { $0 } }
    func tell(_ body: @escaping @Sendable (String) async throws -> String) {
        answer.withLock { $0 = body }
    }
    func speaks(from: LanguageTag, to: LanguageTag) -> Bool { to == LanguageTag("es") }
    func reaches(_ language: LanguageTag) -> Bool { language == LanguageTag("es") }

    func translate(_ texts: [String], from: LanguageTag, to: LanguageTag) async throws -> [Rendering] {
        heard.withLock { $0 += texts }
        let answer = answer.withLock { $0 }
        var renderings: [Rendering] = []
        for text in texts {
            renderings.append(Rendering(text: try await answer(text), engine: name, hops: 2))
        }
        return renderings
    }
}

/// A show with its store, a hall and a translator that works until the test is over.
final class CaptionedHouse: Sendable {
    let show = ShowID("evening")!
    let folder: String
    let store: Store
    let hall: CaptionHall
    let engine = ToldEngine()
    let told = Mutex<[(LanguageTag, CaptionHall.News)]>([])

    init(_ plans: [CaptionPlan]? = nil, language: LanguageTag = .english) throws {
        folder = FileManager.default.temporaryDirectory.path + "/captions-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let store = try Store(path: folder + "/shopcast.sqlite", logger: Logger(label: "test"))
        self.store = store
        let plans =
            plans ?? [
                CaptionPlan(language: .english),
                CaptionPlan(language: TranslatorTests.spanish, source: .translation),
            ]
        _ = try store.createShow(
            ShowDraft(titles: [.english: "Evening"], language: language, captions: plans), id: show,
            isScheduled: true, once: nil, by: .commandLine, at: .now)
        hall = CaptionHall(store: store, logger: Logger(label: "test")) { show in
            (try? store.show(show)).map { CaptionedShow($0) }
        }
        hall.listen { [weak self] _, language, news in self?.told.withLock { $0.append((language, news)) }
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs `body` beside a translator.
    func translating(
        _ rules: CueErrands.Rules = .init(), glossary: Glossary = .empty, _ body: () async throws -> Void
    ) async throws {
        let desk = TranslationDesk(
            phrasebook: nil, engines: [engine], rules: .init(deadline: .seconds(120)))
        let translator = CueTranslator(
            hall: hall, desk: desk, rules: rules, glossary: { _ in glossary },
            logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await translator.run() }
            try await body()
            translator.finish()
            group.cancelAll()
        }
    }

    @discardableResult
    func say(_ text: String, at second: Int64 = 0, isScript: Bool = false) throws -> Cue {
        let start = 1_790_000_000_000 + second * 1000
        let draft = CueDraft(
            start: isScript ? second * 1000 : start, end: (isScript ? second * 1000 : start) + 2000,
            text: CueText(text), speaker: "Ana", origin: .init(.person), isScript: isScript)
        return try hall.add([draft], to: show, .english, by: .commandLine, at: .now)[0]
    }

    func edit(_ cue: Cue, to text: String) throws {
        _ = try hall.edit(
            cue.id, of: show, .english, CueChange(text: CueText(text)), ifRevision: nil, by: .commandLine,
            at: .now)
    }

    func cues(_ language: LanguageTag = TranslatorTests.spanish) throws -> [Cue] {
        try store.cues(of: show, language, CueQuery(limit: 1000))
    }

    func state() -> TrackState {
        hall.state(
            of: show, CaptionPlan(language: TranslatorTests.spanish, source: .translation), at: .now)
    }
}
