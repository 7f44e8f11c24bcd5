import Checker
import NIOCore
import Testing

/// One presentation that breaks one rule.
struct BadCase: Sendable, CustomTestStringConvertible {
    let rule: String
    var stage = Stage()
    var change = Change()

    var testDescription: String { rule }

    init(_ rule: String, _ stage: Stage = Stage(), _ change: Change = Change()) {
        self.rule = rule
        self.stage = stage
        self.change = change
    }
}

extension Stage {
    static let onDemand = Stage(isLive: false)

    func with(_ edit: (inout Stage) -> Void) -> Stage {
        var stage = self
        edit(&stage)
        return stage
    }
}

/// Changes of playlists: of one rendition, of the multivariant playlist (""), or of all media playlists (nil).
extension Change {
    static func text(
        _ rendition: String?, after begin: Double = -1, _ edit: @escaping @Sendable (String) -> String
    ) -> Change {
        Change(text: { place, _, time, text in
            guard rendition.map({ $0 == place }) ?? !place.isEmpty, time > begin else { return text }
            return edit(text)
        })
    }

    static func replace(
        _ rendition: String?, _ what: String, _ with: String, after begin: Double = -1
    ) -> Change {
        .text(rendition, after: begin) { $0.replacing(what, with: with) }
    }

    /// Edits each line that begins so; nil takes it away.
    static func line(
        _ rendition: String?, _ prefix: String, after begin: Double = -1,
        _ edit: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> Change {
        .text(rendition, after: begin) { text in
            text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
                line.hasPrefix(prefix) ? edit(String(line)) : String(line)
            }.joined(separator: "\n")
        }
    }

    /// Puts lines before the first one that begins so.
    static func insert(_ rendition: String?, _ lines: String, before prefix: String, after begin: Double = -1)
        -> Change
    {
        .text(rendition, after: begin) { text in
            var isDone = false
            return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                guard !isDone, line.hasPrefix(prefix) else { return String(line) }
                isDone = true
                return lines + "\n" + line
            }.joined(separator: "\n")
        }
    }

    /// Puts a line before a segment's EXTINF.
    static func insert(_ rendition: String, _ line: String, atSegment number: Int) -> Change {
        .text(rendition) { text in
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if let place = lines.firstIndex(where: { $0.hasPrefix("seg\(number).") }) {
                lines.insert(line, at: place - 1)
            }
            return lines.joined(separator: "\n")
        }
    }

    /// Swaps a line that begins so with the next one, where that begins so.
    static func swap(_ rendition: String, _ first: String, _ second: String) -> Change {
        .text(rendition) { text in
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            for place in lines.indices.dropLast()
            where lines[place].hasPrefix(first) && lines[place + 1].hasPrefix(second) {
                lines.swapAt(place, place + 1)
            }
            return lines.joined(separator: "\n")
        }
    }

    /// Gives the four parts of every segment other durations.
    static func parts(_ rendition: String, _ durations: [String]) -> Change {
        .line(rendition, "#EXT-X-PART:") { line in
            guard let place = (0..<4).first(where: { line.contains(".\($0).m4s") }),
                let comma = line.firstIndex(of: ",")
            else { return line }
            return "#EXT-X-PART:DURATION=\(durations[place])" + line[comma...]
        }
    }

    /// Edits the EXT-X-STREAM-INF of the second variant.
    static func variant(_ what: String, _ with: String) -> Change {
        .line("", "#EXT-X-STREAM-INF") { $0.contains("\"lo\"") ? $0.replacing(what, with: with) : $0 }
    }

    static func media(
        _ rendition: String, _ names: Set<String>, _ edit: @escaping @Sendable (ByteBuffer) -> ByteBuffer
    ) -> Change {
        Change(media: { place, name, bytes in place == rendition && names.contains(name) ? edit(bytes) : bytes
        })
    }

    static func answer(
        _ rendition: String, _ edit: @escaping @Sendable (inout Exchange, Asked) -> Void
    ) -> Change {
        Change(answer: { exchange, asked in if asked.rendition == rendition { edit(&exchange, asked) } })
    }

    /// Answers with an error where the condition holds.
    static func refuse(
        _ rendition: String, _ status: Int, where condition: @escaping @Sendable (Exchange, Asked) -> Bool
    ) -> Change {
        .answer(rendition) { exchange, asked in
            guard condition(exchange, asked) else { return }
            exchange.status = status
            exchange.body = ByteBuffer()
            exchange.wireSize = 0
            exchange.headers = [("access-control-allow-origin", "*"), ("cache-control", "max-age=1")]
        }
    }

    func and(_ other: Change) -> Change {
        let (one, two) = (self, other)
        return Change(
            text: { two.text($0, $1, $2, one.text($0, $1, $2, $3)) },
            media: { two.media($0, $1, one.media($0, $1, $2)) },
            answer: {
                one.answer(&$0, $1)
                two.answer(&$0, $1)
            })
    }
}

extension Exchange {
    mutating func set(_ name: String, _ value: String?) {
        headers.removeAll { $0.name == name }
        if let value { headers.append((name, value)) }
    }
}

extension ByteBuffer {
    /// Where a box's type stands.
    func places(of box: String) -> [Int] {
        let bytes = Array(readableBytesView)
        let type = Array(box.utf8)
        return bytes.indices.dropLast(4).filter { bytes[$0] == type[0] && Array(bytes[$0..<$0 + 4]) == type }
    }

    /// Every fragment's decode time, later by so many units.
    func later(by units: Int64) -> ByteBuffer {
        var copy = self
        for place in places(of: "tfdt") {
            let index = copy.readerIndex + place + 8
            guard let time = copy.getInteger(at: index, as: Int64.self) else { continue }
            copy.setInteger(time + units, at: index)
        }
        return copy
    }

    /// The first sample's first NAL unit is said to be of another type.
    func withFirstNAL(_ head: UInt8) -> ByteBuffer {
        var copy = self
        if let place = places(of: "mdat").first { copy.setInteger(head, at: copy.readerIndex + place + 8) }
        return copy
    }
}
