/// Names and secrets of random base32 characters: letters and digits that cannot be mistaken for each other, read aloud
/// or typed.
package enum Name32 {
    private static let alphabet = Array("abcdefghjkmnpqrstvwxyz0123456789".utf8)

    /// So many random characters of 5 bits each, from the system's generator.
    package static func random(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String(
            decoding: (0..<count).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] },
            as: UTF8.self)
    }

    /// Whether `text` could have come from `random(count)`.
    package static func isName(_ text: some StringProtocol, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy { alphabet.contains($0) }
    }
}

/// A name of this form: one letter and random characters.
package protocol RandomID: Hashable, Sendable, Codable, CustomStringConvertible {
    static var letter: Character { get }
    static var length: Int { get }
    var text: String { get }
    init(known: String)
}

extension RandomID {
    package static var length: Int { 12 }

    package static func random() -> Self { Self(known: "\(letter)\(Name32.random(length))") }

    /// Nil where `text` has another form.
    package init?(_ text: some StringProtocol) {
        guard text.first == Self.letter, Name32.isName(text.dropFirst(), Self.length) else { return nil }
        self.init(known: String(text))
    }

    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "'\(Self.letter)' and \(Self.length) letters and digits are needed")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

package struct PersonID: RandomID {
    package static let letter: Character = "p"
    package let text: String
    package init(known: String) { text = known }
}

package struct TokenID: RandomID {
    package static let letter: Character = "t"
    package let text: String
    package init(known: String) { text = known }
}

package struct InvitationID: RandomID {
    package static let letter: Character = "i"
    package let text: String
    package init(known: String) { text = known }
}
