import CSpeech
import Crypto
import Foundation

/// Moonshine tiny, English, as the Python package moonshine-voice 0.0.73 has it: a library and its weights, in a folder that
/// `Deploy/speech` fills.
package final class MoonshineEngine: SpeechEngine, @unchecked Sendable {
    // Proof of Sendable: addresses of code and a number, which never change.

    /// Other versions have other structures and call themselves the same.
    private static let library = "fb1bd80f6909557dff337946c971ae48d58da28620cf15a861f6e8a9ff613556"
    private static let header: Int32 = 20_000

    fileprivate let calls: speech_moonshine
    fileprivate let transcriber: Int32

    package let name = "moonshine"

    package init(folder: String) throws(SpeechFault) {
        let path = "\(folder)/libmoonshine.so"
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
            throw SpeechFault("Moonshine is not in '\(folder)': run Deploy/speech")
        }
        let hash = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
        guard hash == MoonshineEngine.library else {
            throw SpeechFault("'\(path)' is not that of moonshine-voice 0.0.73: run Deploy/speech")
        }
        var calls = speech_moonshine()
        if let reason = speech_moonshine_open(path, &calls) {
            throw SpeechFault("'\(path)' cannot be opened: \(String(cString: reason))")
        }
        self.calls = calls
        transcriber = MoonshineEngine.load("\(folder)/tiny-en", calls)
        guard transcriber >= 0 else {
            let reason = calls.error_text(transcriber).map { String(cString: $0) } ?? "\(transcriber)"
            throw SpeechFault("Moonshine's model in '\(folder)/tiny-en' cannot be loaded: \(reason)")
        }
    }

    deinit { if transcriber >= 0 { calls.unload(transcriber) } }

    private static func load(_ folder: String, _ calls: speech_moonshine) -> Int32 {
        // Who talks without a pause is cut in pieces that are read in time.
        let options = [("return_audio_data", "false"), ("vad_max_segment_duration", "6")]
        let texts = options.map { (strdup($0.0), strdup($0.1)) }
        defer {
            for (name, value) in texts {
                free(name)
                free(value)
            }
        }
        let list = texts.map { name, value in
            speech_moonshine_option(name: UnsafePointer(name), value: UnsafePointer(value))
        }
        return calls.load(folder, 0, list, UInt64(list.count), header)
    }

    package func session() throws(SpeechFault) -> any SpeechSession { try MoonshineSession(self) }
}

private final class MoonshineSession: SpeechSession {
    /// Lines stay in a stream's memory: it is changed for a new one in a pause after so many, and at the latest after
    /// `mostLines`.
    private static let manyLines = 32
    private static let mostLines = 256
    /// Seconds without speech that are a pause.
    private static let pause = 1.5
    private static let force: UInt32 = 1

    private let engine: MoonshineEngine
    private var stream: Int32
    /// Seconds of sound before this stream, and in it.
    private var before = 0.0
    private var fed = 0.0
    /// Ids of lines before this stream; lines of it that are final; all lines of it.
    private var linesBefore = 0
    private var done = 0
    private var lines = 0
    private var lastEnd = 0.0

    init(_ engine: MoonshineEngine) throws(SpeechFault) {
        self.engine = engine
        stream = try MoonshineSession.open(engine)
    }

    deinit { _ = engine.calls.free_stream(engine.transcriber, stream) }

    private static func open(_ engine: MoonshineEngine) throws(SpeechFault) -> Int32 {
        let stream = engine.calls.create_stream(engine.transcriber, 0)
        guard stream >= 0 else { throw SpeechFault("moonshine_create_stream: \(stream)") }
        let code = engine.calls.start_stream(engine.transcriber, stream)
        guard code == 0 else {
            _ = engine.calls.free_stream(engine.transcriber, stream)
            throw SpeechFault("moonshine_start_stream: \(code)")
        }
        return stream
    }

    func feed(_ samples: [Int16]) throws(SpeechFault) {
        let floats = samples.map { Float($0) / 32_768 }
        let code = engine.calls.add_audio(
            engine.transcriber, stream, floats, UInt64(floats.count), 16_000, 0)
        guard code == 0 else { throw SpeechFault("moonshine_transcribe_add_audio_to_stream: \(code)") }
        fed += Double(samples.count) / 16_000
    }

    func poll(partials: Bool) throws(SpeechFault) -> [SpokenLine] {
        let found = try read(flags: 0)
        if (lines > MoonshineSession.manyLines && done == lines && fed - lastEnd > MoonshineSession.pause)
            || lines > MoonshineSession.mostLines
        {
            let rest = try restart()
            return found.filter(\.isFinal) + rest
        }
        return partials ? found : found.filter(\.isFinal)
    }

    func finish() throws(SpeechFault) -> [SpokenLine] { try restart() }

    /// What is open ends, and a new stream begins.
    private func restart() throws(SpeechFault) -> [SpokenLine] {
        let known = (try? read(flags: MoonshineSession.force)) ?? []
        _ = engine.calls.stop_stream(engine.transcriber, stream)
        // It fails where the last piece has no sound in it: then what was known is what there is.
        let ended = (try? read(flags: MoonshineSession.force)) ?? []
        let rest = (known.filter(\.isFinal) + (ended.isEmpty ? known.filter { !$0.isFinal } : ended)).map {
            var line = $0
            line.isFinal = true
            return line
        }
        _ = engine.calls.free_stream(engine.transcriber, stream)
        stream = try MoonshineSession.open(engine)
        before += fed
        linesBefore += lines
        (fed, lines, done, lastEnd) = (0, 0, 0, 0)
        return rest
    }

    /// Lines that have become final, each once, and the one that is open.
    private func read(flags: UInt32) throws(SpeechFault) -> [SpokenLine] {
        var result: UnsafePointer<speech_moonshine_transcript>?
        let code = engine.calls.transcribe(engine.transcriber, stream, flags, &result)
        guard code == 0 else { throw SpeechFault("moonshine_transcribe_stream: \(code)") }
        guard let transcript = result?.pointee, let list = transcript.lines else { return [] }
        lines = Int(transcript.count)
        var found: [SpokenLine] = []
        while done < lines {
            let line = list[done]
            let text = line.text.map { String(cString: $0) } ?? ""
            let end = Double(line.start + line.duration)
            if !text.allSatisfy(\.isWhitespace) {
                found.append(
                    SpokenLine(
                        id: linesBefore + done, start: before + Double(line.start), end: before + end,
                        text: text.trimmingCharacters(in: .whitespaces), isFinal: line.is_complete != 0,
                        words: words(of: line)))
            }
            guard line.is_complete != 0 else { break }
            lastEnd = end
            done += 1
        }
        return found
    }

    private func words(of line: speech_moonshine_line) -> [SpokenLine.Word] {
        guard let words = line.words else { return [] }
        return (0..<Int(line.word_count)).compactMap { index in
            words[index].text.map { text in
                SpokenLine.Word(
                    String(cString: text), start: before + Double(words[index].start),
                    end: before + Double(words[index].end))
            }
        }
    }
}
