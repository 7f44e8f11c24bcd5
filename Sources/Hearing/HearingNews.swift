import Foundation

/// What `captiond` says: a JSON object a line.
package enum HearingNews: Hashable, Sendable {
    /// It listens; how the engine calls itself.
    case ready(engine: String)
    case line(HeardLine)
    /// How it keeps up; about once a second, so that its silence means that it hangs.
    case pace(HearingPace)
    /// It cannot do what it should; in one sentence. It ends after it.
    case fault(String)
    /// A piece was not heard; in one sentence. It goes on.
    case trouble(String)
}

/// A stretch of speech, as words.
package struct HeardLine: Codable, Hashable, Sendable {
    package struct Word: Codable, Hashable, Sendable {
        package var text: String
        /// Unix milliseconds on the show clock.
        package var start: Int64
        package var end: Int64

        package init(_ text: String, start: Int64, end: Int64) {
            (self.text, self.start, self.end) = (text, start, end)
        }
    }

    /// Rises; the same for all that is said of one line, of which the final is the last.
    package var id: Int
    /// Unix milliseconds on the show clock.
    package var start: Int64
    package var end: Int64
    package var text: String
    package var isFinal: Bool
    /// From 0 to 1; nil where the engine does not say.
    package var confidence: Double?
    /// Empty where the engine does not say.
    package var words: [Word]
    /// Counts from 1; nil where the engine does not tell them apart.
    package var speaker: Int?

    package init(
        id: Int, start: Int64, end: Int64, text: String, isFinal: Bool, confidence: Double? = nil,
        words: [Word] = [], speaker: Int? = nil
    ) {
        self.id = id
        self.start = start
        self.end = end
        self.text = text
        self.isFinal = isFinal
        self.confidence = confidence
        self.words = words
        self.speaker = speaker
    }
}

/// How a recogniser keeps up.
package struct HearingPace: Codable, Hashable, Sendable {
    package enum Level: Int, Codable, Hashable, Sendable, Comparable, CaseIterable {
        /// Looks every second.
        case full
        /// Looks every two.
        case slow
        /// Tells finals only.
        case finals
        /// Leaves sound out.
        case dropping

        package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }

        package var word: String {
            switch self {
            case .full: "full"
            case .slow: "slow"
            case .finals: "finals"
            case .dropping: "dropping"
            }
        }
    }

    package var level: Level
    /// Seconds of sound that wait.
    package var behind: Double
    /// Seconds of sound that were left out since the last of these.
    package var dropped: Double
    /// Up to here, on the show clock, it has listened; nil before the first sound.
    package var heard: Int64?
    /// Seconds of sound that were sent to a service that is paid for, since it began.
    package var spent: Int

    package init(
        level: Level = .full, behind: Double = 0, dropped: Double = 0, heard: Int64? = nil, spent: Int = 0
    ) {
        self.level = level
        self.behind = behind
        self.dropped = dropped
        self.heard = heard
        self.spent = spent
    }
}

extension HearingNews: Codable {
    private enum CodingKeys: String, CodingKey { case type, engine, line, pace, reason }
    private enum Kind: String, Codable { case ready, line, pace, fault, trouble }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .type) {
        case .ready: self = .ready(engine: try container.decode(String.self, forKey: .engine))
        case .line: self = .line(try container.decode(HeardLine.self, forKey: .line))
        case .pace: self = .pace(try container.decode(HearingPace.self, forKey: .pace))
        case .fault: self = .fault(try container.decode(String.self, forKey: .reason))
        case .trouble: self = .trouble(try container.decode(String.self, forKey: .reason))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .ready(let engine):
            try container.encode(Kind.ready, forKey: .type)
            try container.encode(engine, forKey: .engine)
        case .line(let line):
            try container.encode(Kind.line, forKey: .type)
            try container.encode(line, forKey: .line)
        case .pace(let pace):
            try container.encode(Kind.pace, forKey: .type)
            try container.encode(pace, forKey: .pace)
        case .fault(let reason):
            try container.encode(Kind.fault, forKey: .type)
            try container.encode(reason, forKey: .reason)
        case .trouble(let reason):
            try container.encode(Kind.trouble, forKey: .type)
            try container.encode(reason, forKey: .reason)
        }
    }

    package func bytes() -> [UInt8] {
        // Of numbers that JSON has no word for there are none.
        guard let data = try? JSONEncoder().encode(self) else { return [] }
        return [UInt8](data) + [UInt8(ascii: "\n")]
    }
}

/// Takes news out of bytes as they come. Pure. Bound: a line of `longest` bytes.
package struct HearingNewsReader: Sendable {
    package struct Fault: Error {}

    private static let longest = 256 << 10
    private var rest: [UInt8] = []

    package init() {}

    package mutating func take(_ bytes: some Collection<UInt8>) throws(Fault) -> [HearingNews] {
        rest.append(contentsOf: bytes)
        var news: [HearingNews] = []
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
            guard let item = try? JSONDecoder().decode(HearingNews.self, from: Data(rest[start..<end])) else {
                throw Fault()
            }
            news.append(item)
            start = end + 1
        }
        rest.removeFirst(start - rest.startIndex)
        guard rest.count <= HearingNewsReader.longest else { throw Fault() }
        return news
    }
}
