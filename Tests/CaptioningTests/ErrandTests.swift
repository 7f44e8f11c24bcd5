import Captioning
import Media
import People
import Shows
import Testing

/// What waits to be translated, what was made of what, and how a track does: all without clocks.
@Suite struct ErrandTests {
    private func at(_ milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: milliseconds * 1_000_000)
    }

    private func drain(_ errands: inout CueErrands, at now: MonotonicTime) -> [Int] {
        var ids: [Int] = []
        while let id = errands.next(at: now) {
            ids.append(id)
            errands.done(id)
        }
        return ids
    }

    @Test func newOnesComeInTheirOrderEachOnce() {
        var errands = CueErrands()
        for id in [3, 1, 2, 3, 1] { errands.put(id) }
        #expect(drain(&errands, at: at(0)) == [3, 1, 2])
        #expect(errands.count == 0 && errands.late == 0 && errands.lost == 0)
    }

    @Test func whatIsOwedAndToldIsNew() {
        var errands = CueErrands()
        errands.owe([1, 2])
        for id in [1, 2, 3] { errands.put(id) }
        #expect(drain(&errands, at: at(0)) == [1, 2, 3])
        #expect(errands.count == 0)
    }

    @Test func theOldestStepsBackBehindAllThatIsNew() {
        var errands = CueErrands(rules: .init(fresh: 3, owed: 100, tries: 2))
        for id in 1...6 { errands.put(id) }
        #expect(errands.late == 3)
        #expect(drain(&errands, at: at(0)) == [4, 5, 6, 1, 2, 3])
        #expect(errands.lost == 0)
    }

    @Test func whatCannotBeMadeUpForIsGivenUpAndCounted() {
        var errands = CueErrands(rules: .init(fresh: 1, owed: 2, tries: 2))
        errands.owe(1...5)
        #expect(errands.lost == 3)
        #expect(drain(&errands, at: at(0)) == [4, 5])
    }

    @Test func failuresAreTriedAgainLaterAndLater() {
        var errands = CueErrands(rules: .init(fresh: 8, owed: 8, tries: 3))
        errands.put(1)
        #expect(errands.next(at: at(0)) == 1)
        errands.failed(1, at: at(0))
        errands.put(2)
        #expect(drain(&errands, at: at(499)) == [2] && !errands.isDue(at: at(499)))
        #expect(errands.isDue(at: at(500)) && errands.next(at: at(500)) == 1)
        errands.failed(1, at: at(500))
        #expect(!errands.isDue(at: at(1499)) && errands.next(at: at(1500)) == 1)
        errands.failed(1, at: at(1500))
        #expect(errands.lost == 1 && errands.count == 0 && !errands.isDue(at: at(1_000_000)))
    }

    @Test func whileEverythingFailsOneIsTriedNowAndThen() {
        var errands = CueErrands()
        errands.owe(1...100)
        var tried = 0
        for now in stride(from: Int64(0), to: 10_000, by: 100) {
            while let id = errands.next(at: at(now)) {
                tried += 1
                errands.failed(id, at: at(now))
            }
        }
        #expect((10...12).contains(tried))
        #expect(drain(&errands, at: at(60_000)).count == 100)
    }

    @Test func whatChangesWhileItIsWorkedOnIsNew() {
        var errands = CueErrands()
        errands.put(1)
        #expect(errands.next(at: at(0)) == 1)
        errands.put(1)
        errands.failed(1, at: at(0))
        #expect(errands.next(at: at(0)) == 1, "at once: it is not what failed")
        errands.done(1)
        #expect(errands.next(at: at(0)) == nil)
    }

    /// Whatever comes: nothing waits twice, no more than may, and what goes in comes out or is counted.
    @Test func anyRowOfEventsKeepsTheBounds() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var errands = CueErrands(rules: .init(fresh: 4, owed: 6, tries: 3))
            var now: Int64 = 0
            var working: Int?
            for _ in 0..<200 {
                now += .random(in: 0...400, using: &random)
                switch Int.random(in: 0...4, using: &random) {
                case 0, 1: errands.put(.random(in: 1...20, using: &random))
                case 2: errands.owe([Int.random(in: 1...20, using: &random)])
                default:
                    if let id = working {
                        if Bool.random(using: &random) {
                            errands.done(id)
                        } else {
                            errands.failed(id, at: at(now))
                        }
                        working = nil
                    } else {
                        working = errands.next(at: at(now))
                    }
                }
                #expect(errands.count <= 10)
            }
            let rest = drain(&errands, at: at(now + 100_000))
            #expect(Set(rest).count == rest.count && errands.count == 0)
        }
    }

    // MARK: What was made of what

    private func cue(
        _ id: Int, _ start: Int64, of source: Int?, from: LanguageTag = .english, by editor: String? = nil
    ) -> Cue {
        Cue(
            id: id, start: start, end: start + 1000, text: CueText("x"),
            origin: .init(.translation, engine: "deepl", from: source == nil ? nil : from, cue: source),
            editor: editor == nil ? nil : .commandLine)
    }

    @Test func renderingsAreFoundByTheirSource() {
        var track = RenderedTrack(
            from: .english, [cue(2, 2000, of: 7), cue(1, 1000, of: 7), cue(3, 0, of: 4)])
        #expect(track.rendered == [4, 7])
        #expect(track.standing(of: 7) == .init(ids: [1, 2], isPersons: false))
        #expect(track.standing(of: 9) == .init(ids: [], isPersons: false))
        track.put([cue(2, 2000, of: 7, by: "somebody")])
        #expect(track.standing(of: 7) == .init(ids: [1, 2], isPersons: true))
        track.remove([2, 99])
        #expect(track.standing(of: 7) == .init(ids: [1], isPersons: false))
        track.remove([1])
        #expect(track.standing(of: 7).ids.isEmpty)
    }

    @Test func whatIsNotMadeAsItIsNowIsOwed() {
        let track = RenderedTrack(
            from: .english, [cue(1, 0, of: 1), cue(2, 1000, of: 8), cue(3, 2000, of: 9)])
        var changed = cue(3, 3000, of: nil)
        changed.revision = 4
        let sources = [cue(2, 1000, of: nil), changed, cue(1, 0, of: nil), cue(5, 4000, of: nil)]
        // The eighth is gone and was noted, the ninth was never noted; of the second everything was deleted.
        #expect(track.owed(sources, done: [1: 1, 2: 1, 3: 3, 8: 1]) == [3, 5, 8, 9])
    }

    @Test func whatOthersHaveMadeIsNoRendering() {
        let track = RenderedTrack(
            from: .english, [cue(1, 5000, of: nil), cue(2, 1000, of: 3, from: LanguageTag("de")!)])
        #expect(track.rendered == [])
        let sources = (0..<8).map { cue($0 + 1, Int64($0) * 1000, of: nil) }
        #expect(track.owed(sources, done: [:]) == [1, 3, 4, 5, 7, 8], "and is not made again")
        #expect(track.owed(sources, done: [6: 9]) == [1, 3, 4, 5, 6, 7, 8], "unless it was made from it")
    }

    // MARK: Which track is translated

    private func source(_ spoken: String, _ plans: [CaptionPlan], of language: String) -> String? {
        let show = CaptionedShow(language: LanguageTag(spoken) ?? .undetermined, plans: plans)
        return show.plan(of: LanguageTag(language)!).flatMap(show.source)?.language.text
    }

    @Test func theSpokenTrackIsTranslated() {
        func plan(_ language: String, _ source: CaptionSource, from: String? = nil) -> CaptionPlan {
            CaptionPlan(
                language: LanguageTag(language)!, source: source, from: from.flatMap { LanguageTag($0) })
        }
        let plans = [
            plan("pt", .person), plan("en", .speech), plan("es", .translation),
            plan("fr", .translation, from: "pt"), plan("it", .translation, from: "fr"),
        ]
        #expect(source("en", plans, of: "es") == "en")
        #expect(source("en-GB", plans, of: "es") == "en")
        #expect(source("pt", plans, of: "es") == "pt")
        #expect(source("de", plans, of: "es") == "pt", "else the first")
        #expect(source("und", plans, of: "es") == "pt")
        #expect(source("en", plans, of: "fr") == "pt", "as it is planned")
        #expect(source("en", plans, of: "it") == nil, "no translation of a translation")
        #expect(source("en", plans, of: "en") == nil)
        #expect(source("en", [plan("es", .translation)], of: "es") == nil)
        let show = CaptionedShow(language: .english, plans: plans)
        #expect(show.translations(of: .english).map(\.language.text) == ["es"])
    }

    // MARK: What readers begin with, and how a track does

    @Test func readersBeginWithWhatIsAroundNow() throws {
        var recent = RecentCues()
        recent.put([cue(9, 99_000, of: nil)], at: 100_000)
        #expect(recent.excerpt(at: 100_000) == nil && recent.isDue(at: 100_000), "nobody has read it")
        let mark = recent.begin()
        recent.put([cue(1, 0, of: nil), cue(2, 100_000, of: nil)], at: 100_000)
        recent.remove([3])
        #expect(recent.excerpt(at: 100_000) == nil, "it is being read")
        // The store was read before the first was changed and the third removed.
        recent.load(
            [cue(3, 90_000, of: nil), cue(4, 95_000, of: nil)], until: 220_000, at: 100_000, since: mark)
        var excerpt = try #require(recent.excerpt(at: 100_000))
        #expect(excerpt.cues.map(\.id) == [1, 4, 2] && (excerpt.from, excerpt.until) == (-20_000, 220_000))
        // Nothing is said of what lies beyond the end: a file for the whole evening, say.
        recent.put((5...2000).map { cue($0, Int64($0) * 20_000 + 119_999, of: nil) }, at: 100_000)
        excerpt = try #require(recent.excerpt(at: 130_000))
        #expect(excerpt.cues.map(\.id) == [4, 2, 5], "what is longer ago is left out")
        #expect((excerpt.from, excerpt.until) == (10_000, 220_000))
        recent.put([cue(5, 500_000, of: nil)], at: 100_000)
        #expect(recent.excerpt(at: 130_000)?.cues.map(\.id) == [4, 2], "it has been put off")
        #expect(!recent.isDue(at: 159_999) && recent.isDue(at: 160_000), "the end comes near")
        recent.forget()
        #expect(recent.excerpt(at: 100_000) == nil)
    }

    @Test func whatHasBeenReadBeforeEverythingChangedCountsForNothing() {
        var recent = RecentCues()
        let mark = recent.begin()
        recent.forget()
        recent.load([cue(1, 0, of: nil)], until: 120_000, at: 0, since: mark)
        #expect(recent.excerpt(at: 0) == nil)
        let second = recent.begin()
        recent.load([cue(1, 0, of: nil)], until: 120_000, at: 0, since: mark)
        #expect(recent.excerpt(at: 0) == nil && second != mark)
    }

    /// Whatever comes: within its span an excerpt has all that there is, and nothing else.
    @Test func anyRowOfChangesIsInTheExcerpt() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var recent = RecentCues()
            var store: [Int: Cue] = [:]
            var now: Int64 = 1_000_000
            var reading: (mark: Int, cues: [Cue], until: Int64)?
            for _ in 0..<60 {
                now += .random(in: 0...20_000, using: &random)
                switch Int.random(in: 0...5, using: &random) {
                case 0, 1:
                    let count = Int.random(in: 1...80, using: &random)
                    let new = (0..<count).map { _ in
                        cue(
                            .random(in: 1...600, using: &random),
                            now + .random(in: -150_000...200_000, using: &random), of: nil)
                    }
                    for cue in new { store[cue.id] = cue }
                    recent.put(new, at: now)
                case 2:
                    let ids = (0..<10).map { _ in Int.random(in: 1...600, using: &random) }
                    for id in ids { store[id] = nil }
                    recent.remove(ids)
                case 3:
                    let until = now + RecentCues.span
                    reading = (recent.begin(), store.values.filter { $0.start < until }, until)
                default:
                    guard let (mark, cues, until) = reading else { continue }
                    recent.load(cues, until: until, at: now, since: mark)
                    reading = nil
                }
                // An empty span claims nothing.
                guard let excerpt = recent.excerpt(at: now), excerpt.from < excerpt.until else { continue }
                let told = Dictionary(uniqueKeysWithValues: excerpt.cues.map { ($0.id, $0) })
                #expect(told.allSatisfy { store[$0] == $1 } && told.count <= 200)
                let there = store.values.filter { $0.end > excerpt.from && $0.start < excerpt.until }
                #expect(there.allSatisfy { told[$0.id] == $0 })
            }
        }
    }

    @Test func aTracksDelayIsTheMedianOfTheLastMinute() {
        var meter = TrackMeter()
        #expect(meter.summary(at: 0) == (0, nil))
        for (end, now) in [(0, 1000), (5000, 5400), (8000, 11_000)] as [(Int64, Int64)] {
            meter.note(end: end, at: now)
        }
        #expect(meter.summary(at: 11_000) == (3, .milliseconds(1000)))
        #expect(meter.summary(at: 61_100) == (2, .milliseconds(3000)))
        #expect(meter.summary(at: 200_000) == (0, nil))
        meter.note(end: 203_000, at: 200_000)
        #expect(meter.summary(at: 200_000) == (1, nil), "typed ahead of its time")
    }

    /// Pieces share the time of their cue: none is empty, none overlaps, and together they are as long.
    @Test func anyTranslationHasTheTimesOfItsCue() {
        let words = ["casa", "羊绒", "a", "ที่", "1.299,00", ".", "。", "Donaudampfschifffahrt", "!", "مرحبا"]
        var random = SystemRandomNumberGenerator()
        for language in ["es", "zh-Hans", "ja", "th", "de", "ar", "ko"] {
            let tag = LanguageTag(language)!
            for _ in 0..<60 {
                let said = (0..<Int.random(in: 1...80, using: &random)).map { _ in
                    words.randomElement(using: &random)!
                }
                let text = CueText(said.joined(separator: " "))
                var original = cue(1, 5000, of: nil)
                original.end = original.start + Int64.random(in: 1...9000, using: &random)
                let pages = CueTranslator.pages(text, of: original, in: tag)
                #expect(pages.first?.start == original.start && pages.last?.end == original.end)
                #expect(pages.allSatisfy { $0.start < $0.end && !$0.text.isEmpty })
                #expect(zip(pages, pages.dropFirst()).allSatisfy { $0.end == $1.start })
                func letters(_ text: String) -> String { text.filter { !$0.isWhitespace } }
                #expect(letters(pages.map(\.text.text).joined()) == letters(text.text))
                let rules = ReadingRules(for: tag)
                if pages.count > 1 {
                    #expect(pages.allSatisfy { rules.width($0.text.text) <= rules.pageWidth })
                }
            }
        }
    }
}
