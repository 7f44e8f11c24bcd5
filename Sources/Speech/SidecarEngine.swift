import Foundation
import Programs

/// A program that recognises whole pieces: reads `{"pcm": BASE64, "language": "es", "hints": [...]}` a line (16 kHz, 16 bits,
/// little-endian), and writes `{"segments": [{"start": 0.0, "end": 1.9, "text": "..."}]}` or `{"error": "..."}` a line for each.
///
/// Finals only: what it costs is a decode, however long the piece, so pieces are some seconds long.
package final class SidecarEngine: SpeechEngine {
    fileprivate let program: [String]
    fileprivate let language: String
    fileprivate let hints: [String]
    fileprivate let line = SidecarLine()

    package let name: String

    package init(program: [String], language: String, hints: [String] = [], name: String = "sidecar") {
        self.program = program
        self.language = language
        self.hints = hints
        self.name = name
    }

    /// Waits until it has answered for the first time, which takes as long as its model takes to be loaded.
    package func warm(for patience: Duration = .seconds(100)) throws(SpeechFault) {
        do {
            let silence = VoicePiece(start: 0, samples: [Int16](repeating: 0, count: 8000))
            _ = try answer(to: silence, within: patience)
        } catch {
            throw SpeechFault("the sidecar does not answer: \(error)")
        }
    }

    fileprivate func answer(to piece: VoicePiece, within patience: Duration) throws -> PieceAnswer {
        let pcm = piece.samples.withUnsafeBytes { Data($0) }.base64EncodedString()
        let question = SidecarQuestion(pcm: pcm, language: language, hints: hints)
        let asked = [UInt8](try JSONEncoder().encode(question)) + [UInt8(ascii: "\n")]
        let told = try JSONDecoder().decode(
            PieceAnswer.self, from: Data(try line.ask(asked, program, patience: patience)))
        if let error = told.error { throw SpeechFault(error) }
        return told
    }

    package func session() throws(SpeechFault) -> any SpeechSession { SidecarSession(self) }
}

private struct SidecarQuestion: Encodable {
    var pcm: String
    var language: String
    var hints: [String]
}

/// The program, as long as it answers; started anew with the next question where it has not.
private final class SidecarLine: @unchecked Sendable {
    // Proof of Sendable: only the thread that listens has to do with it.
    private var running: ChildPrograms?

    func ask(
        _ question: [UInt8], _ program: [String], patience: Duration
    ) throws(ChildPrograms.Fault) -> [UInt8] {
        var programs: ChildPrograms
        if let last = running.take() {
            programs = consume last
        } else {
            programs = try ChildPrograms.start([program], keepsErrors: true)
        }
        let answer = try programs.exchange(
            question, terminator: UInt8(ascii: "\n"), until: .now + patience)
        running = consume programs
        return answer
    }
}

/// What recognisers of whole pieces answer; the names are those of the OpenAI shape, too.
struct PieceAnswer: Decodable {
    struct Segment: Decodable {
        var start: Double
        var end: Double
        var text: String
        var confidence: Double?
        var words: [Word]?
        var speaker: Int?
    }

    struct Word: Decodable {
        var word: String
        var start: Double
        var end: Double
    }

    var segments: [Segment]?
    var words: [Word]?
    var text: String?
    var error: String?

    /// As lines; `id` is of the first.
    func lines(of piece: VoicePiece, from id: Int) -> [SpokenLine] {
        let begin = Double(piece.start) / 16_000
        func words(_ list: [Word]?) -> [SpokenLine.Word] {
            (list ?? []).filter { $0.start.isFinite && $0.end.isFinite }.map {
                let start = min(max(0, $0.start), piece.seconds)
                return .init(
                    $0.word.trimmingCharacters(in: .whitespaces), start: begin + start,
                    end: begin + min(max(start, $0.end), piece.seconds))
            }
        }
        var lines: [SpokenLine] = []
        for segment in segments ?? [] where segment.start.isFinite && segment.end.isFinite {
            let text = segment.text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !text.isEmpty else { continue }
            let start = min(max(0, segment.start), piece.seconds)
            let end = min(max(start, segment.end), piece.seconds)
            let own =
                segment.words ?? self.words?.filter { $0.start >= segment.start && $0.start < segment.end }
            lines.append(
                SpokenLine(
                    id: id + lines.count, start: begin + start, end: begin + end, text: text, isFinal: true,
                    confidence: segment.confidence, words: words(own), speaker: segment.speaker))
        }
        let whole = (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        if lines.isEmpty, !whole.isEmpty {
            lines.append(
                SpokenLine(
                    id: id, start: begin, end: begin + piece.seconds, text: whole, isFinal: true,
                    words: words(self.words)))
        }
        return lines
    }
}

private final class SidecarSession: SpeechSession {
    /// It may have to load its model again.
    private static let patience = Duration.seconds(30)

    private let engine: SidecarEngine
    private var collector = PieceCollector(rules: .init(pause: 0.5, shortest: 4, certain: 0.9, longest: 12))
    private var pieces: [VoicePiece] = []
    private var count = 0
    private var found: [String] = []

    init(_ engine: SidecarEngine) { self.engine = engine }

    func feed(_ samples: [Int16]) throws(SpeechFault) { pieces += collector.feed(samples) }

    func poll(partials: Bool) throws(SpeechFault) -> [SpokenLine] {
        var lines: [SpokenLine] = []
        for piece in pieces { lines += hear(piece) }
        pieces = []
        return lines
    }

    func finish() throws(SpeechFault) -> [SpokenLine] {
        pieces += collector.finish()
        return try poll(partials: false)
    }

    func troubles() -> [String] {
        defer { found = [] }
        return found
    }

    private func hear(_ piece: VoicePiece) -> [SpokenLine] {
        do {
            let told = try engine.answer(to: piece, within: SidecarSession.patience)
            let lines = told.lines(of: piece, from: count)
            count += lines.count
            return lines
        } catch {
            found.append("the sidecar has not heard \(Int(piece.seconds.rounded())) s: \(error)")
            return []
        }
    }
}
