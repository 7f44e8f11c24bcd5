import CSpeech
import Foundation

/// PocketSphinx with Debian's model of American English: it runs anywhere, and makes many errors.
package final class PocketSphinxEngine: SpeechEngine, @unchecked Sendable {
    // Proof of Sendable: what it holds never changes, and the decoder is used by its one session, on one thread.

    private static let models = "/usr/share/pocketsphinx/model/en-us"

    fileprivate let calls: speech_sphinx
    fileprivate let decoder: UnsafeMutableRawPointer

    package let name = "pocketsphinx"

    package init() throws(SpeechFault) {
        let advice = "install Debian's packages libpocketsphinx3 and pocketsphinx-en-us"
        var calls = speech_sphinx()
        if let reason = speech_sphinx_open(&calls) {
            throw SpeechFault("\(advice): \(String(cString: reason))")
        }
        let folder = PocketSphinxEngine.models
        guard
            let decoder = speech_sphinx_decoder(
                &calls, "\(folder)/en-us", "\(folder)/en-us.lm.bin", "\(folder)/cmudict-en-us.dict")
        else { throw SpeechFault("PocketSphinx's model in '\(folder)' cannot be loaded: \(advice)") }
        self.calls = calls
        self.decoder = decoder
    }

    deinit { _ = calls.release(decoder) }

    package func session() throws(SpeechFault) -> any SpeechSession { PocketSphinxSession(self) }
}

private final class PocketSphinxSession: SpeechSession {
    private let engine: PocketSphinxEngine
    private var gate = VoiceGate(rules: .init(pause: 0.4, longest: 8))
    private var finals: [SpokenLine] = []
    private var count = 0
    /// Seconds at which the open line began.
    private var start: Double?
    private var length = 0.0

    init(_ engine: PocketSphinxEngine) { self.engine = engine }

    deinit { if start != nil { _ = engine.calls.end(engine.decoder) } }

    func feed(_ samples: [Int16]) throws(SpeechFault) { take(gate.feed(samples)) }

    func poll(partials: Bool) throws(SpeechFault) -> [SpokenLine] {
        defer { finals = [] }
        guard partials, let start, let raw = engine.calls.hypothesis(engine.decoder, nil) else {
            return finals
        }
        let words = String(cString: raw).split(separator: " ").compactMap {
            PocketSphinxSession.word($0)
        }
        guard !words.isEmpty else { return finals }
        return finals + [
            SpokenLine(
                id: count, start: start, end: start + length, text: PocketSphinxSession.text(words),
                isFinal: false)
        ]
    }

    func finish() throws(SpeechFault) -> [SpokenLine] {
        take(gate.finish())
        defer { finals = [] }
        return finals
    }

    private func take(_ events: [VoiceGate.Event]) {
        for event in events {
            switch event {
            case .begin(let sample):
                _ = engine.calls.start(engine.decoder)
                start = Double(sample) / 16_000
                length = 0
            case .sound(let samples):
                _ = engine.calls.process(engine.decoder, samples, samples.count, 0, 0)
                length += Double(samples.count) / 16_000
            case .end: end()
            }
        }
    }

    private func end() {
        _ = engine.calls.end(engine.decoder)
        guard let start else { return }
        self.start = nil
        var words: [SpokenLine.Word] = []
        // Frames are counted from an earlier line on; the first of them begins this one.
        var origin: Int32?
        var next = engine.calls.words(engine.decoder)
        while let word = next {
            var (first, last): (Int32, Int32) = (0, 0)
            engine.calls.frames(word, &first, &last)
            let begin = origin ?? first
            origin = begin
            if let raw = engine.calls.text(word), let text = PocketSphinxSession.word(String(cString: raw)) {
                // A hundred frames a second.
                words.append(
                    .init(
                        text, start: start + Double(first - begin) / 100,
                        end: start + Double(last + 1 - begin) / 100))
            }
            next = engine.calls.next(word)
        }
        guard let first = words.first, let last = words.last else { return }
        words[0].text = words[0].text.prefix(1).uppercased() + String(words[0].text.dropFirst())
        finals.append(
            SpokenLine(
                id: count, start: first.start, end: last.end,
                text: words.map(\.text).joined(separator: " "), isFinal: true, words: words))
        count += 1
    }

    /// Nil for noises, silence and the ends of sentences; `read` for its second pronunciation, `read(2)`.
    private static func word(_ raw: some StringProtocol) -> String? {
        guard let first = raw.first, !"<[+".contains(first) else { return nil }
        let word = String(raw.prefix { $0 != "(" })
        return word == "i" || word.hasPrefix("i'") ? "I" + String(word.dropFirst()) : word
    }

    private static func text(_ words: [String]) -> String {
        let text = words.joined(separator: " ")
        return text.prefix(1).uppercased() + String(text.dropFirst())
    }
}
