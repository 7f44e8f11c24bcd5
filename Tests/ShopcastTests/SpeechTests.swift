import Captioning
import Codecs
import Foundation
import Hearing
import Media
import Shopcast
import Shows
import Testing

@Suite struct SpeechTests {
    private func tone(_ hertz: Double, _ seconds: Double) -> PCMBlock {
        let samples = (0..<Int(seconds * 48_000)).map {
            Float(0.5 * sin(2 * .pi * hertz * Double($0) / 48_000))
        }
        return PCMBlock(left: samples, right: samples)
    }

    private func level(_ samples: [Int16]) -> Double {
        let middle = samples.dropFirst(800).dropLast(800)
        return (middle.reduce(0) { $0 + Double($1) * Double($1) } / Double(middle.count)).squareRoot()
    }

    @Test func speechStaysAndWhatWouldFoldDoesNot() {
        var downsampler = Downsampler()
        let low = downsampler.take(tone(1000, 1))
        #expect(abs(low.count - 16_000) <= 12 && abs(level(low) - 0.5 * 32_767 / 2.0.squareRoot()) < 200)
        var other = Downsampler()
        #expect(level(other.take(tone(11_000, 1))) < 60)
    }

    @Test(arguments: [1, 7, 960, 1024, 48_000])
    func piecesMakeTheSameAsTheWhole(size: Int) {
        let sound = tone(440, 0.5)
        var whole = Downsampler()
        let wanted = whole.take(sound)
        var downsampler = Downsampler()
        var found: [Int16] = []
        for start in stride(from: 0, to: sound.count, by: size) {
            let end = min(start + size, sound.count)
            found += downsampler.take(
                PCMBlock(left: Array(sound.left[start..<end]), right: Array(sound.right[start..<end])))
        }
        #expect(found == wanted)
    }

    @Test func framesFollowTheClockAndBreakWhereItJumps() {
        var cutter = SoundCutter()
        var frames: [SoundFrame] = []
        // 341 samples are 21.3 ms: the clock of the sound is a little off all the time.
        for index in 0..<100 {
            frames += cutter.take([Int16](repeating: 1, count: 341), at: 5000 + Int64(index) * 21)
        }
        #expect(frames.count == 21 && frames.allSatisfy { $0.samples.count == 1600 })
        #expect(frames[0].date == 5000 && frames[20].date == 7000)
        frames = cutter.take([Int16](repeating: 2, count: 1600), at: 60_000)
        #expect(frames.count == 2 && frames[0].samples.count == 500 && frames[1].date == 60_000)
    }

    // MARK: The process

    @Test func whatDiesIsStartedAgainEachTimeLater() {
        let start = ContinuousClock.now
        var watch = HearingWatch(at: start)
        #expect(watch.decide(at: start) == .start)
        var now = start
        var waits: [Duration] = []
        for _ in 0..<8 {
            watch.started(at: now)
            #expect(watch.decide(at: now) == nil)
            now += .milliseconds(10)
            watch.ended(at: now)
            let died = now
            while watch.decide(at: now) == nil { now += .milliseconds(50) }
            waits.append(now - died)
        }
        #expect(waits[0] <= .milliseconds(250) && waits == waits.sorted() && waits[7] <= .seconds(31))
        // One that has been well for a while begins anew.
        watch.started(at: now)
        watch.ended(at: now + .seconds(21))
        #expect(watch.decide(at: now + .milliseconds(21_250)) == .start)
    }

    @Test func whatHangsIsEndedAndFaultsAreNotTriedAtOnce() {
        let start = ContinuousClock.now
        var watch = HearingWatch(at: start)
        watch.started(at: start)
        #expect(
            watch.decide(at: start + .seconds(119)) == nil && watch.decide(at: start + .seconds(121)) == .kill
        )
        watch.heard(.ready(engine: "a"), at: start + .seconds(5))
        #expect(
            watch.decide(at: start + .seconds(19)) == nil && watch.decide(at: start + .seconds(21)) == .kill)
        watch.heard(.pace(HearingPace()), at: start + .seconds(19))
        #expect(watch.decide(at: start + .seconds(21)) == nil)
        watch.heard(.fault("no model"), at: start + .seconds(21))
        watch.ended(at: start + .seconds(21))
        #expect(
            watch.decide(at: start + .seconds(47)) == nil && watch.decide(at: start + .seconds(52)) == .start)
    }

    // MARK: Captions

    private func scribe(_ terms: [String] = ["cashmere"]) -> SpeechScribe {
        SpeechScribe(
            text: SpokenText(language: .english, terms: terms), language: .english, engine: "moonshine")
    }

    @Test func longLinesAreSeveralCuesWithTheTimesOfTheirWords() {
        var scribe = scribe()
        let text =
            "Now this cash mere scarf is twenty percent off for the next ten minutes, and it comes in three colours, in size em too"
        let words = text.split(separator: " ").enumerated().map { index, word in
            HeardLine.Word(String(word), start: 10_000 + Int64(index) * 300, end: 10_250 + Int64(index) * 300)
        }
        let line = HeardLine(
            id: 1, start: 9000, end: 18_000, text: text, isFinal: true, words: words, speaker: 1)
        let cues = scribe.cues(line)
        #expect(cues.count == 2 && cues[0].start == 10_000)
        #expect(
            cues.map(\.text.text).joined(separator: " ").replacing("\n", with: " ").hasPrefix(
                "Now this cashmere scarf is 20% off for the next ten minutes,"))
        #expect(cues[1].text.text.hasSuffix("size M too"))
        // Never before its words, and not longer than until the next.
        let second = cues[1].text.text.split(separator: " ").first.map(String.init)
        #expect(words.first { $0.text == second }.map { $0.start <= cues[1].start } == true)
        #expect(cues[0].end <= cues[1].start && cues[1].end >= words[words.count - 1].end)
        #expect(
            cues.map(\.speaker) == ["1", nil] && cues[0].origin == Cue.Origin(.speech, engine: "moonshine"))
    }

    @Test func aShortWordStaysLongEnoughToBeRead() {
        var scribe = scribe()
        let cues = scribe.cues(HeardLine(id: 1, start: 0, end: 200, text: "Yes.", isFinal: true))
        #expect(cues.count == 1 && cues[0].start == 0 && cues[0].end >= 900)
        #expect(scribe.cues(HeardLine(id: 2, start: 0, end: 200, text: " \u{202e} ", isFinal: true)).isEmpty)
    }

    @Test func partialsAreWhatStayed() {
        var scribe = scribe()
        func partial(_ text: String) -> String? {
            scribe.partial(HeardLine(id: 7, start: 5, end: 9, text: text, isFinal: false))?.text.text
        }
        #expect(partial("This cash") == nil)
        #expect(partial("This cash mere swea") == "This cash")
        #expect(partial("This cash mere sweater") == "This cashmere")
    }

    @Test func noMoreIsSpentThanADayHas() throws {
        let (a, b) = (try #require(ShowID("a")), try #require(ShowID("b")))
        var ledger = SpeechLedger(perShow: 100, perDay: 150)
        ledger.spend(80, on: a, day: 1)
        #expect(ledger.left(for: a, day: 1) == 20 && ledger.left(for: b, day: 1) == 70)
        ledger.spend(70, on: b, day: 1)
        #expect(ledger.left(for: a, day: 1) == 0 && ledger.spent(on: b, day: 1) == 70)
        #expect(ledger.left(for: a, day: 2) == 100 && ledger.spent(on: b, day: 2) == 0)
    }

    // MARK: Settings

    @Test func allOfItIsRead() throws {
        let none = try Settings(yaml: "", environment: [:]).speech
        #expect(none == Settings.Speech() && none.remote == nil && none.engine == .auto && none.isOn)
        let settings = try Settings(
            yaml: """
                outbound: {allow: [127.0.0.1]}
                speech:
                  enabled: false
                  engine: remote
                  shows: 2
                  program: /opt/captiond
                  folder: /opt/moonshine
                  sidecar: [python3, hear.py]
                  python: /opt/python
                  model: /opt/whisper
                  profanity: mask
                  remoteDeadlineSeconds: 7
                  paidMinutesPerShow: 1
                  paidMinutesPerDay: 2
                  remote: {url: "http://127.0.0.1:1/v1", key: "the-key", model: parakeet, paid: false}
                """, environment: [:])
        let speech = settings.speech
        #expect(!speech.isOn && speech.engine == .remote && speech.shows == 2 && speech.profanity == .mask)
        #expect(
            speech.program == "/opt/captiond" && speech.folder == "/opt/moonshine"
                && speech.python == "/opt/python")
        #expect(
            speech.sidecar == ["python3", "hear.py"] && speech.model == "/opt/whisper"
                && speech.remoteDeadline == 7)
        #expect(speech.paidPerShow == 60 && speech.paidPerDay == 120)
        #expect(
            speech.remote
                == .init(url: "http://127.0.0.1:1/v1", key: "the-key", model: "parakeet", isPaid: false))
        #expect(!"\(speech)".contains("the-key") && settings.outboundAllowed == ["127.0.0.1"])
        let listening = try Settings(
            yaml: "speech: {remote: {shape: listen, url: \"https://a.example/v1\"}}", environment: [:]
        ).speech.remote
        #expect(listening?.shape == .listen && listening?.model == "nova-3" && listening?.isPaid == true)
        let other = try Settings(yaml: "", environment: ["SHOPCAST_SPEECH_ENGINE": "pocketsphinx"]).speech
        #expect(other.engine == .pocketsphinx)
    }

    @Test(arguments: [
        ("{engine: siri}", "speech.engine"), ("{engine: remote}", "speech.remote.url"),
        ("{shows: 0}", "speech.shows"),
        ("{remote: {url: \"http://x\", shape: song}}", "speech.remote.shape"),
        ("{remote: {url: \"ftp://x\"}}", "speech.remote.url"), ("{sidecar: []}", "speech.sidecar"),
        ("{remote: {url: \"http://x\", key: \"a b\"}}", "speech.remote.key"),
        ("{profanity: shout}", "speech.profanity"),
        ("{remoteDeadlineSeconds: 100}", "speech.remoteDeadlineSeconds"), ("{remot: 1}", "speech.remot"),
    ])
    func badValuesAreNamed(yaml: String, key: String) {
        do {
            _ = try Settings(yaml: "speech: \(yaml)", environment: [:])
            Issue.record("it was taken: \(yaml)")
        } catch {
            #expect("\(error)".contains(key) && !"\(error)".contains("a b"))
        }
    }
}
