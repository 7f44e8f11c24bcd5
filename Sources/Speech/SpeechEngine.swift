/// Something that recognises speech in one language.
package protocol SpeechEngine: AnyObject, Sendable {
    /// As viewers and hosts are told.
    var name: String { get }

    /// One at a time, used by one thread. It may take as long as a model takes to be loaded.
    func session() throws(SpeechFault) -> any SpeechSession

    /// What it does beside, for as long as it listens; until it is cancelled.
    func run() async
}

extension SpeechEngine {
    package func run() async {}
}

/// A stretch of sound without a gap, of 16 kHz in one channel. It is listened to on the thread of whoever calls.
package protocol SpeechSession: AnyObject {
    func feed(_ samples: [Int16]) throws(SpeechFault)

    /// What has become of what was fed: finals once each, and what is open, as it is now, where `partials` are wanted.
    func poll(partials: Bool) throws(SpeechFault) -> [SpokenLine]

    /// Nothing more comes: what was open is final.
    func finish() throws(SpeechFault) -> [SpokenLine]

    /// What was not heard since the last time, in one sentence each.
    func troubles() -> [String]

    /// There is something that a look would tell at no cost.
    var hasNews: Bool { get }

    /// Seconds of sound that were sent to a service, of all sessions.
    var spent: Int { get }
}

extension SpeechSession {
    package func troubles() -> [String] { [] }
    package var hasNews: Bool { false }
    package var spent: Int { 0 }
}

/// What is spoken, and when: seconds from the start of its session.
package struct SpokenLine: Hashable, Sendable {
    package struct Word: Hashable, Sendable, Codable {
        package var text: String
        package var start: Double
        package var end: Double

        package init(_ text: String, start: Double, end: Double) {
            (self.text, self.start, self.end) = (text, start, end)
        }
    }

    /// Rises within a session, from 0.
    package var id: Int
    package var start: Double
    package var end: Double
    package var text: String
    package var isFinal: Bool
    package var confidence: Double?
    /// Empty where the engine does not tell.
    package var words: [Word]
    package var speaker: Int?

    package init(
        id: Int, start: Double, end: Double, text: String, isFinal: Bool, confidence: Double? = nil,
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

/// Why an engine cannot work, in one sentence that says what to do.
package struct SpeechFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
