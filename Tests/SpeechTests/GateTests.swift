import Foundation
import Hearing
import Speech
import Testing

/// Sound that is made: tones, noise, silence.
enum MadeSound {
    static func tone(_ seconds: Double, level: Double = 6000, every: Double = 220) -> [Int16] {
        (0..<Int(seconds * 16_000)).map { index in
            Int16(level * sin(2 * .pi * every * Double(index) / 16_000))
        }
    }

    static func silence(_ seconds: Double) -> [Int16] { [Int16](repeating: 0, count: Int(seconds * 16_000)) }

    static func noise(_ seconds: Double, level: Int) -> [Int16] {
        var state: UInt32 = 1
        return (0..<Int(seconds * 16_000)).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int16(Int(state >> 16) % (2 * level + 1) - level)
        }
    }
}

@Suite struct GateTests {
    /// Begin and length of each piece, in seconds.
    private func pieces(_ sound: [Int16], _ rules: VoiceGate.Rules, step: Int = 1600) -> [(Double, Double)] {
        var gate = VoiceGate(rules: rules)
        var events: [VoiceGate.Event] = []
        for start in stride(from: 0, to: sound.count, by: step) {
            events += gate.feed(Array(sound[start..<min(start + step, sound.count)]))
        }
        events += gate.finish()
        var found: [(Double, Double)] = []
        for event in events {
            switch event {
            case .begin(let start): found.append((Double(start) / 16_000, 0))
            case .sound(let samples): found[found.count - 1].1 += Double(samples.count) / 16_000
            case .end: break
            }
        }
        return found
    }

    @Test(arguments: [160, 320, 1000, 1600, 16_000])
    func speechIsFoundBetweenPauses(step: Int) {
        let sound =
            MadeSound.silence(1) + MadeSound.tone(2) + MadeSound.silence(1.5) + MadeSound.tone(1)
            + MadeSound.silence(2)
        let found = pieces(sound, .init(pause: 0.5), step: step)
        #expect(found.count == 2)
        #expect(abs(found[0].0 - 1) < 0.25 && abs(found[1].0 - 4.5) < 0.25)
        #expect(abs(found[0].1 - 2.6) < 0.4)
    }

    @Test func steadyNoiseIsNoSpeech() {
        #expect(pieces(MadeSound.noise(10, level: 900), .init()).count <= 1)
        let sound = MadeSound.noise(5, level: 300) + MadeSound.tone(2) + MadeSound.noise(3, level: 300)
        let found = pieces(sound, .init())
        #expect(found.contains { abs($0.0 - 5) < 0.3 })
    }

    @Test func whoTalksWithoutAPauseIsCut() {
        // Between two syllables it is quiet for a moment; what never is would be no voice.
        let syllables = (0..<100).flatMap { _ in MadeSound.tone(0.2) + MadeSound.tone(0.06, level: 200) }
        let found = pieces(MadeSound.silence(0.5) + syllables, .init(longest: 10))
        #expect(found.count == 4 && found.allSatisfy { $0.1 <= 10.05 })
        #expect(found.dropLast().allSatisfy { $0.1 > 7.4 })
        #expect(zip(found, found.dropFirst()).allSatisfy { abs($0.0 + $0.1 - $1.0) < 0.001 })
    }

    @Test func shortPausesDoNotEndAShortPiece() {
        let sound =
            MadeSound.silence(0.5) + MadeSound.tone(1) + MadeSound.silence(0.7) + MadeSound.tone(1)
            + MadeSound.silence(2)
        #expect(pieces(sound, .init(pause: 0.5, shortest: 4, certain: 0.9)).count == 1)
        #expect(pieces(sound, .init(pause: 0.5)).count == 2)
    }

    @Test func edgesAreThoseOfTheWords() {
        var edges = SpeechEdges()
        let sound = MadeSound.silence(1) + MadeSound.tone(1) + MadeSound.silence(1)
        for start in stride(from: 0, to: sound.count, by: 1600) {
            edges.note(
                SoundFrame(date: 10_000 + Int64(start) / 16, samples: Array(sound[start..<start + 1600])))
        }
        let (start, end) = edges.trimmed(start: 10_500, end: 12_700)
        #expect(abs(start - 11_000) <= 20 && abs(end - 12_000) <= 20)
        // Of what it does not know it says nothing.
        #expect(edges.trimmed(start: 5000, end: 5500) == (5000, 5500))
        #expect(edges.trimmed(start: 90_000, end: 90_500) == (90_000, 90_500))
    }

    @Test func aPaceIsGivenUpAtOnceAndComesBackStepByStep() {
        var pace = SpeechPace()
        let start = ContinuousClock.now
        func note(_ behind: Double, _ seconds: Double) -> Bool {
            pace.note(behind: behind, at: start + .milliseconds(Int64(seconds * 1000)))
        }
        #expect(!note(1.9, 0) && pace.level == .full && pace.interval == 1)
        #expect(note(2.5, 1) && pace.level == .slow && pace.interval == 2 && pace.tellsPartials)
        #expect(note(5, 2) && pace.level == .finals && !pace.tellsPartials)
        #expect(note(9, 3) && pace.level == .dropping)
        #expect(!note(0.5, 4) && !note(0.5, 13) && note(0.5, 14.1) && pace.level == .finals)
        #expect(!note(3, 20) && pace.level == .finals, "in between nothing changes")
        #expect(!note(0.2, 21) && note(0.2, 31.1) && pace.level == .slow)
        #expect(note(0.2, 41.2) && pace.level == .full && !note(0.2, 60))
    }

    @Test func theRingLosesTheOldest() {
        let ring = SoundRing()
        for index in 0..<40 { ring.put(SoundFrame(date: Int64(index) * 1000, samples: MadeSound.silence(1))) }
        #expect(abs(ring.waiting - 30) < 0.01)
        let first = ring.take(within: 0)
        #expect(first.frames.map(\.date) == [10_000] && abs(first.dropped - 10) < 0.01 && !first.isOver)
        ring.drop(to: 1)
        ring.end()
        let next = ring.take(within: 0)
        #expect(next.frames.map(\.date) == [39_000] && abs(next.dropped - 28) < 0.01)
        #expect(ring.take(within: 0).isOver)
    }
}
