import Foundation
import NIOCore

/// What a service that listens is told in its address.
struct ListeningQuery {
    /// Words of the show that are told to it.
    private static let mostHints = 50

    var model: String
    var language: String
    var hints: [String]

    /// `base` is without `/listen`.
    func address(_ base: String) -> String {
        var items = [
            ("model", model), ("language", language), ("encoding", "linear16"), ("sample_rate", "16000"),
            ("channels", "1"), ("interim_results", "true"), ("punctuate", "true"), ("diarize", "true"),
        ]
        // Other models have no such word.
        if model.hasPrefix("nova-3") {
            items += hints.prefix(ListeningQuery.mostHints).map { ("keyterm", $0) }
        }
        let whole = base.hasSuffix("/") ? String(base.dropLast()) : base
        var text = "\(whole)/listen?"
        for (place, item) in items.enumerated() {
            let piece = "\(place == 0 ? "" : "&")\(item.0)=\(ListeningQuery.escaped(item.1))"
            // An address that is too long is none.
            if text.utf8.count + piece.utf8.count <= 2000 { text += piece }
        }
        return text
    }

    private static func escaped(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "-._~").union(
            CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}

/// What it says. Times are seconds from the first sample of the connection.
struct ListeningNews: Decodable {
    struct Word: Decodable {
        var word: String
        var punctuated_word: String?
        var start: Double
        var end: Double
        var speaker: Int?
    }

    struct Alternative: Decodable {
        var transcript: String
        var confidence: Double?
        var words: [Word]?
    }

    struct Channel: Decodable { var alternatives: [Alternative] }

    var type: String
    var start: Double?
    var duration: Double?
    var is_final: Bool?
    var channel: Channel?

    private enum CodingKeys: String, CodingKey { case type, start, duration, is_final, channel }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(String.self, forKey: .type)
        // Other kinds have members of the same names and other forms.
        guard type == "Results" else { return }
        start = try container.decodeIfPresent(Double.self, forKey: .start)
        duration = try container.decodeIfPresent(Double.self, forKey: .duration)
        is_final = try container.decodeIfPresent(Bool.self, forKey: .is_final)
        channel = try container.decodeIfPresent(Channel.self, forKey: .channel)
    }

    var isFinal: Bool { is_final ?? false }

    /// Seconds of its session up to which it is about, where the connection began at `base`.
    func end(from base: Double) -> Double { base + max(0, (start ?? 0) + (duration ?? 0)) }

    /// As lines, the first with this id, a new one where somebody else speaks; nil where it is about something else.
    func lines(from base: Double, id: Int) -> [SpokenLine]? {
        guard type == "Results", let alternative = channel?.alternatives.first, let start, start.isFinite,
            let duration, duration.isFinite
        else { return nil }
        let text = alternative.transcript.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { return [] }
        let words = (alternative.words ?? []).filter { $0.start.isFinite && $0.end.isFinite }
        guard let first = words.first else {
            return [
                SpokenLine(
                    id: id, start: base + start, end: base + start + duration, text: text, isFinal: isFinal,
                    confidence: alternative.confidence)
            ]
        }
        var turns = [[first]]
        for word in words.dropFirst() {
            if word.speaker == turns[turns.count - 1].last?.speaker {
                turns[turns.count - 1].append(word)
            } else {
                turns.append([word])
            }
        }
        return turns.enumerated().map { place, turn in
            let own = turn.map { word in
                SpokenLine.Word(
                    word.punctuated_word ?? word.word, start: base + word.start,
                    end: base + max(word.start, word.end))
            }
            return SpokenLine(
                id: id + place, start: own[0].start, end: own[own.count - 1].end,
                text: turns.count == 1 ? text : own.map(\.text).joined(separator: " "), isFinal: isFinal,
                confidence: alternative.confidence, words: own, speaker: turn[0].speaker.map { $0 + 1 })
        }
    }
}

extension ByteBuffer {
    mutating func writeSamples(_ samples: [Int16]) {
        reserveCapacity(minimumWritableBytes: samples.count * 2)
        for sample in samples { writeInteger(sample, endianness: .little) }
    }
}
