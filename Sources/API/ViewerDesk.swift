package import Foundation
package import People

/// What a viewer is known by: a name that their page, or this house, made up for them. It says nothing of who they are.
package struct ViewerName: Hashable, Sendable {
    package let text: String

    /// 16 to 64 letters, digits, `-` and `_`.
    package init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isPlain, (16...64).contains(text.utf8.count) else { return nil }
        self.text = text
    }
}

/// A part of the house that keeps something of viewers.
package protocol ViewerRecords: Sendable {
    /// What it is called in an export.
    var part: String { get }
    /// All that it keeps of this viewer; nil where that is nothing.
    func export(_ viewer: ViewerName) async throws -> JSONValue?
    /// Forgets this viewer; false where there was nothing.
    func erase(_ viewer: ViewerName) async throws -> Bool
}

/// Everything that the house keeps of one viewer, whoever keeps it: told, and forgotten.
package struct ViewerDesk: Sendable {
    package let records: [any ViewerRecords]
    private let people: any PeopleStore

    package init(_ records: [any ViewerRecords], people: any PeopleStore) {
        self.records = records
        self.people = people
    }

    /// By part; nil where nothing is kept.
    package func export(_ viewer: ViewerName) async throws -> JSONValue? {
        var parts: [String: JSONValue] = [:]
        for record in records { parts[record.part] = try await record.export(viewer) }
        return parts.isEmpty ? nil : ["viewer": .text(viewer.text), "kept": .object(parts)]
    }

    /// The parts in which there was something; the log of changes says that somebody was forgotten, and not who.
    package func erase(_ viewer: ViewerName, by actor: Actor, at now: Date) async throws -> [String] {
        var parts: [String] = []
        for record in records where try await record.erase(viewer) { parts.append(record.part) }
        guard !parts.isEmpty else { return [] }
        let (people, noted) = (people, parts)
        try await BlockingPool.run {
            try people.note(
                "viewer.erase", subject: "viewers", details: ["parts": .list(noted.map { .text($0) })],
                by: actor, at: now)
        }
        return parts
    }
}
