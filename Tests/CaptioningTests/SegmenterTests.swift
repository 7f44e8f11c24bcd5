import Captioning
import Media
import NIOCore
import Packaging
import Shows
import Testing

/// Segments of text beside those of the pictures, each as it is for ever.
@Suite struct SegmenterTests {
    static let zero: Int64 = 1_790_000_000_000
    private let rules = ReadingRules(for: .english)

    /// The segment of two seconds that starts so many seconds after the first picture; media time starts at ten.
    private func place(_ second: Int64) -> TextPlace {
        TextPlace(
            sequence: 100 + UInt64(second / 2), start: MediaTime(milliseconds: 10_000 + second * 1000),
            duration: MediaTime(milliseconds: 2000), date: Self.zero + second * 1000)
    }

    private func cue(
        _ id: Int, _ start: Double, _ end: Double, _ text: String = "hello", isFinal: Bool = true
    ) -> Cue {
        Cue(
            id: id, start: Self.zero + Int64(start * 1000), end: Self.zero + Int64(end * 1000),
            text: CueText(text),
            origin: .init(.person), isFinal: isFinal)
    }

    private func told(_ cues: [VTTCue]) -> [String] {
        cues.map { "\($0.id ?? "-") \($0.start.milliseconds)-\($0.end.milliseconds) \($0.text)" }
    }

    @Test func cuesStandWhereTheyBelong() {
        var segmenter = CaptionSegmenter(rules: rules)
        segmenter.put(cue(2, 2.5, 3.5, "second"))
        segmenter.put(cue(1, 0.5, 1.5, "first"))
        #expect(told(segmenter.cues(at: place(0))) == ["c1 10500-11500 first"])
        #expect(told(segmenter.cues(at: place(2))) == ["c2 12500-13500 second"])
        #expect(segmenter.cues(at: place(4)).isEmpty && segmenter.lateCues == 0 && segmenter.droppedCues == 0)
    }

    @Test func aCueOverABoundaryStandsInBothTheSame() {
        var segmenter = CaptionSegmenter(rules: rules)
        segmenter.put(cue(1, 1.5, 6.5))
        for second in [0, 2, 4, 6] {
            #expect(told(segmenter.cues(at: place(Int64(second)))) == ["c1 11500-16500 hello"], "\(second)")
        }
        #expect(segmenter.cues(at: place(8)).isEmpty)
    }

    @Test func aCorrectionOfWhatIsOverIsNotToldAgain() {
        var segmenter = CaptionSegmenter(rules: rules)
        segmenter.put(cue(1, 0.5, 1.5, "first"))
        #expect(told(segmenter.cues(at: place(0))).count == 1)
        segmenter.put(cue(1, 0.5, 1.5, "put right at once"))
        #expect(segmenter.cues(at: place(2)).isEmpty)
        segmenter.put(cue(1, 0.5, 1.5, "and again"))
        segmenter.put(cue(2, 0.5, 1.5, "never told"))
        #expect(told(segmenter.cues(at: place(4))) == ["c2 14000-14900 never told"])
        #expect(segmenter.lateCues == 1)
    }

    @Test func aLateCueGoesClippedIntoTheNext() {
        var segmenter = CaptionSegmenter(rules: rules)
        _ = segmenter.cues(at: place(0))
        // It is on until three seconds: the rest of it is shown.
        segmenter.put(cue(1, 1, 3))
        #expect(told(segmenter.cues(at: place(2))) == ["c1 12000-13000 hello"])
        // It is over: it is shown for as long as it takes to be read, one after the other.
        segmenter.put(cue(2, 2.2, 3.5, "one"))
        segmenter.put(cue(3, 3.5, 3.9, "two"))
        #expect(told(segmenter.cues(at: place(4))) == ["c2 14000-14900 one", "c3 14900-15800 two"])
        #expect(segmenter.lateCues == 3)
    }

    @Test func manyLateCuesTakeTurns() {
        var segmenter = CaptionSegmenter(rules: rules)
        _ = segmenter.cues(at: place(0))
        for id in 1...4 { segmenter.put(cue(id, 0.1 * Double(id), 1.5)) }
        let first = segmenter.cues(at: place(2)).map(\.id)
        #expect(first == ["c1", "c2", "c3"])
        // The third goes on; the fourth waited for it.
        #expect(segmenter.cues(at: place(4)).map(\.id) == ["c3", "c4"])
        #expect(segmenter.droppedCues == 0)
    }

    @Test func whatIsFarTooLateStaysOut() {
        var segmenter = CaptionSegmenter(rules: rules)
        for second in stride(from: Int64(0), to: 40, by: 2) { _ = segmenter.cues(at: place(second)) }
        segmenter.put(cue(1, 1, 3))
        segmenter.put(cue(2, 21, 22))
        #expect(told(segmenter.cues(at: place(40))) == ["c2 50000-50900 hello"])
    }

    @Test func whatWasToldStaysAsItWas() {
        var segmenter = CaptionSegmenter(rules: rules)
        segmenter.put(cue(1, 1, 5, "wrong"))
        #expect(told(segmenter.cues(at: place(0))) == ["c1 11000-15000 wrong"])
        segmenter.put(cue(1, 1, 5, "right"))
        #expect(told(segmenter.cues(at: place(2))) == ["c1 11000-15000 wrong"])
        segmenter.remove(1)
        #expect(segmenter.cues(at: place(4)).isEmpty)
        // What was not told yet is corrected.
        segmenter.put(cue(2, 7, 8, "wrong"))
        segmenter.put(cue(2, 7.5, 8, "right"))
        #expect(told(segmenter.cues(at: place(6))) == ["c2 17500-18000 right"])
    }

    @Test func partialWordsAreNotListed() {
        var segmenter = CaptionSegmenter(rules: rules)
        segmenter.put(cue(1, 0, 1, isFinal: false))
        #expect(segmenter.cues(at: place(0)).isEmpty)
    }

    /// After a restart all that was ever said is put again; only what is to come is told.
    @Test func aFreshStartTellsNothingOld() {
        var segmenter = CaptionSegmenter(rules: rules)
        for id in 1...500 { segmenter.put(cue(id, Double(id), Double(id) + 1)) }
        segmenter.put(cue(501, 599, 603))
        #expect(told(segmenter.cues(at: place(600))) == ["c501 610000-613000 hello"])
        #expect(segmenter.lateCues == 0)
    }

    /// The clock was set anew after an outage: each segment has its own tie of media time to dates.
    @Test func datesDecideWhereACueGoes() {
        var segmenter = CaptionSegmenter(rules: rules)
        segmenter.put(cue(1, 31, 32))
        let later = TextPlace(
            sequence: 200, start: MediaTime(milliseconds: 14_000), duration: MediaTime(milliseconds: 2000),
            date: Self.zero + 30_000)
        #expect(told(segmenter.cues(at: later)) == ["c1 15000-16000 hello"])
    }

    @Test func aFloodIsBounded() {
        var segmenter = CaptionSegmenter(rules: rules)
        for id in 1...1000 { segmenter.put(cue(id, 0.5, 1.5)) }
        #expect(segmenter.cues(at: place(0)).count == 32)
        #expect(segmenter.droppedCues == 968)
    }

    // MARK: Recordings

    private func recorded(_ cues: [Cue], outage: Int64 = 0) -> (RecordedCaptions, [RecordedPlace]) {
        let places = (0..<5).map { index in
            var place = place(Int64(index) * 2)
            if index >= 3 { place.date += outage }
            if index >= 3 { place.sequence += 50 }
            return RecordedPlace(place: place, isBreak: outage > 0 && index == 3)
        }
        let rendition = TextRendition(
            name: RenditionName("captions-en"), language: "en", title: "English", isMachineMade: false)
        return (RecordedCaptions(rendition, cues: cues, places: places, rules: rules), places)
    }

    private func files(_ captions: RecordedCaptions) -> [String] {
        String(buffer: captions.playlist.plain).split(separator: "\n").filter { $0.hasSuffix(".vtt") }.map(
            String.init)
    }

    @Test func aRecordingHasEverythingAtItsPlace() throws {
        let cues = [
            cue(1, 0.2, 9), cue(2, 1, 1.5), cue(3, 3, 4.5, "late in the live list"), cue(4, 9, 20),
            cue(5, 50, 60),
        ]
        let (captions, _) = recorded(cues)
        let names = files(captions)
        #expect(names.count == 5 && Set(names).count == 5)
        let ids = try names.map { name in
            let object = try #require(captions.object(file: name[...]))
            #expect(object.kind == .text && object.length == object.text?.plain.readableBytes)
            return try CaptionFile(String(buffer: try #require(object.text).plain).utf8.map { $0 }).cues.map(
                \.start.milliseconds)
        }
        #expect(
            ids == [[10_200, 11_000], [10_200, 13_000], [10_200, 13_000], [10_200], [10_200, 19_000]])
        for bad in ["c100-x.vtt", "c999-\(names[0].split(separator: "-")[1])", "", "c", "c-", names[0] + "x"]
        {
            #expect(captions.object(file: bad[...]) == nil, "\(bad)")
        }
    }

    @Test func aCorrectionHasOtherAddresses() {
        let before = files(recorded([cue(1, 0, 1, "wrong")]).0)
        let after = files(recorded([cue(1, 0, 1, "right")]).0)
        #expect(Set(before).isDisjoint(with: after))
        #expect(before == files(recorded([cue(1, 0, 1, "wrong")]).0), "the same words have the same ones")
    }

    @Test func outagesAreLeftOutOfAFilm() {
        let clock = RecordedClock(recorded([], outage: 60_000).1)
        #expect(clock.position(of: Self.zero + 1500) == 1500)
        #expect(clock.position(of: Self.zero + 30_000) == 6000, "within the outage: what comes next")
        #expect(clock.position(of: Self.zero + 66_500) == 6500)
        #expect(clock.position(of: Self.zero + 90_000) == nil && clock.position(of: 0) == 0)
        #expect(clock.date(at: 6500) == Self.zero + 66_500)
        #expect(clock.date(at: 5999) == Self.zero + 5999)
        #expect(RecordedClock([]).date(at: 0) == nil)
    }

    // MARK: Tracks

    @Test func tracksAreCalledByTheirLanguages() {
        let plans = [
            CaptionPlan(language: .english), CaptionPlan(language: LanguageTag("es")!, source: .translation),
            CaptionPlan(language: LanguageTag("zh-Hans")!, name: "中文", source: .speech),
        ]
        let renditions = CaptionDesk.renditions(plans)
        #expect(renditions.map(\.name.text) == ["captions-en", "captions-es", "captions-zh-Hans"])
        #expect(renditions.map(\.title) == ["English", "Español", "中文"])
        #expect(renditions.map(\.isMachineMade) == [false, true, true])
    }
}

/// What stands on a screen becomes cues.
@Suite struct ScreenCaptionsTests {
    private func run(_ changes: [(String, Int64)]) -> (over: [String], shown: String?) {
        var captions = ScreenCaptions()
        var over: [ScreenCaptions.Over] = []
        for (text, date) in changes {
            if let last = captions.change(to: text, at: date) { over.append(last) }
        }
        return (
            over.map { "\($0.start)-\($0.end) \($0.text)" }, captions.shown.map { "\($0.start) \($0.text)" }
        )
    }

    @Test func whatIsReplacedIsOver() {
        let (over, shown) = run([
            ("one", 1000), ("one", 1500), ("two", 3000), ("", 5000), ("", 6000), ("three", 7000),
        ])
        #expect(over == ["1000-3000 one", "3000-5000 two"] && shown == "7000 three")
    }

    @Test func whatGrowsIsOne() {
        let (over, shown) = run([
            ("ha", 1000), ("half", 1100), ("half price", 1400), ("half price\nto", 1800),
            ("half price\ntoday", 2000), ("", 5000),
        ])
        #expect(over == ["1000-5000 half price\ntoday"] && shown == nil)
    }

    @Test func linesThatRollUpAreToldOnce() {
        let (over, shown) = run([
            ("one", 1000), ("one\ntwo", 2000), ("two\nthree", 3000), ("two\nthree and", 3500),
            ("three and\nfour", 4000), ("", 6000),
        ])
        #expect(over == ["1000-3000 one\ntwo", "3000-4000 three and", "4000-6000 four"] && shown == nil)
    }

    @Test func aScreenThatNobodyErasesIsOverInTheEnd() {
        var captions = ScreenCaptions()
        _ = captions.change(to: "stuck", at: 1000)
        #expect(captions.finish(at: 90_000) == .init(start: 1000, end: 17_000, text: CueText("stuck")))
        #expect(captions.shown == nil && captions.finish(at: 91_000) == nil)
    }

    /// Each segment tells its piece of what is on the screen; once it is over the rest follows, and nothing twice.
    @Test func segmentsTellPiecesOfWhatIsShown() {
        let zero: Int64 = 1_790_000_000_000
        func place(_ second: Int64) -> TextPlace {
            TextPlace(
                sequence: 100 + UInt64(second / 2), start: MediaTime(milliseconds: 10_000 + second * 1000),
                duration: MediaTime(milliseconds: 2000), date: zero + second * 1000)
        }
        func cue(_ id: Int, _ start: Int64, _ end: Int64, isFinal: Bool) -> Cue {
            Cue(
                id: id, start: zero + start, end: isFinal ? zero + end : .max, text: CueText("on"),
                origin: .init(.embedded), isFinal: isFinal)
        }
        func told(_ cues: [VTTCue]) -> [String] {
            cues.map { "\($0.id ?? "") \($0.start.milliseconds)-\($0.end.milliseconds)" }
        }
        var segmenter = CaptionSegmenter(rules: ReadingRules(for: .english))
        segmenter.show(cue(0, 500, 0, isFinal: false))
        #expect(told(segmenter.cues(at: place(0))) == ["o100 10500-12000"])
        #expect(told(segmenter.cues(at: place(2))) == ["o101 12000-14000"])
        segmenter.show(nil)
        segmenter.put(cue(7, 500, 4800, isFinal: true), wasShown: true)
        #expect(told(segmenter.cues(at: place(4))) == ["c7 14000-14800"])
        #expect(segmenter.cues(at: place(6)).isEmpty)
        // One that was over before anybody could be told.
        segmenter.put(cue(8, 6500, 7500, isFinal: true), wasShown: true)
        #expect(segmenter.cues(at: place(8)).isEmpty && segmenter.lateCues == 0)
    }
}
