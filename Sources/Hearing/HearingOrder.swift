import Foundation

/// What `captiond` is to do: the first line that it reads, as JSON. It may hold a key, so it is neither an argument nor in
/// the environment.
package struct HearingOrder: Codable, Hashable, Sendable {
    package enum Engine: String, Codable, Hashable, Sendable, CaseIterable {
        /// English, in this process.
        case moonshine
        /// English, in this process, with many errors.
        case pocketsphinx
        /// A program that reads sound and writes words.
        case sidecar
        /// A service that is sent a piece of sound at a time.
        case transcriptions
        /// A service that is sent all sound as it comes.
        case listening

        /// Too many errors to be taken at its word.
        package var isRough: Bool { self == .pocketsphinx }
    }

    package struct Remote: Codable, Hashable, Sendable {
        /// Without `/audio/transcriptions`, or `/listen`.
        package var url: String
        package var key: String?
        package var model: String
        package var deadlineSeconds: Int
        /// Private addresses that it may be on, as the setting outbound.allow has them.
        package var allowed: [String]
        /// A PEM file of certificates that are trusted, too.
        package var certificates: String?
        /// Seconds of sound that may still be sent; nil: as many as there are.
        package var secondsLeft: Int?

        package init(
            url: String, key: String?, model: String, deadlineSeconds: Int = 10, allowed: [String] = [],
            certificates: String? = nil, secondsLeft: Int? = nil
        ) {
            self.url = url
            self.key = key
            self.model = model
            self.deadlineSeconds = deadlineSeconds
            self.allowed = allowed
            self.certificates = certificates
            self.secondsLeft = secondsLeft
        }
    }

    package var engine: Engine
    /// BCP 47; it is never guessed.
    package var language: String
    /// Where Moonshine lies.
    package var folder: String?
    /// The sidecar and its arguments.
    package var program: [String]?
    package var remote: Remote?
    /// What is likely to be said: names and words of the show.
    package var hints: [String]

    package init(
        engine: Engine, language: String, folder: String? = nil, program: [String]? = nil,
        remote: Remote? = nil, hints: [String] = []
    ) {
        self.engine = engine
        self.language = language
        self.folder = folder
        self.program = program
        self.remote = remote
        self.hints = hints
    }

    /// Bytes of the line, its end included.
    package static let longest = 64 << 10

    /// As it is sent.
    package func line() throws -> [UInt8] { try [UInt8](JSONEncoder().encode(self)) + [UInt8(ascii: "\n")] }

    package init(line: some Collection<UInt8>) throws {
        self = try JSONDecoder().decode(HearingOrder.self, from: Data(line))
    }
}

extension HearingOrder.Remote: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without the key.
    package var description: String { url }
    package var debugDescription: String { url }
}
