import Foundation
import Media
import Translation

func tag(_ text: String) -> LanguageTag { LanguageTag(text)! }

/// Values for every slot, as they are written in each language.
enum Samples {
    static let glossary = try! Glossary([GlossaryTerm("Luna Bag")])
    static let phrasebook = try! Phrasebook.bundled()
    static let show = ShowID("evening")!

    /// A sentence with its slots filled in; `colour` and `country` are the language's own words.
    static func fill(_ sentence: String, colour: String = "red", country: String, directed: String) -> String
    {
        var text = sentence
        let values = [
            "price": "$19.90", "price2": "$39", "percent": "30%", "size": "M", "size2": "XL",
            "colour": colour,
            "quantity": "20", "quantity2": "3", "country:to": directed, "country": country, "minutes": "10",
            "days": "5-7", "coupon": "SAVE20", "term": "Luna Bag",
        ]
        for (slot, value) in values { text = text.replacingOccurrences(of: "{\(slot)}", with: value) }
        return text
    }

    static func english(_ sentence: String) -> String {
        fill(sentence, country: "Mexico", directed: "Mexico")
    }
}

/// A file of phrases as it lies in the sources, read apart from the program's own reader.
struct SourceFile {
    var sections: [String: [String: [String]]] = [:]
    /// Each template's lines.
    var templates: [(id: String, lines: [String])] = []

    init(_ language: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Translation/Phrases/\(language).phrases")
        var section = ""
        for raw in try String(contentsOf: folder, encoding: .utf8).split(separator: "\n") {
            let line = raw.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("#") { continue }
            if line.hasPrefix("["), line.hasSuffix("]"), section != "templates" {
                section = String(line.dropFirst().dropLast())
            } else if section == "templates" {
                if line.hasPrefix("@") {
                    templates.append((String(line.dropFirst()), []))
                } else {
                    templates[templates.count - 1].lines.append(line)
                }
            } else if let colon = line.firstIndex(of: ":") {
                sections[section, default: [:]][String(line[..<colon])] =
                    line[line.index(after: colon)...].split(separator: ";")
                    .map { $0.trimmingCharacters(in: .whitespaces) }
            }
        }
    }

    func name(_ section: String, _ key: String) -> (plain: String, directed: String) {
        let halves = (sections[section]?[key]?.first ?? key).split(separator: ">")
            .map { $0.trimmingCharacters(in: .whitespaces) }
        return (halves[0], halves.last ?? halves[0])
    }

    /// One of the texts that a line stands for.
    func phrasing(_ line: String, _ chance: inout some RandomNumberGenerator) -> String {
        var text = ""
        var rest = line[...]
        while let open = rest.firstIndex(where: { $0 == "[" || $0 == "(" }) {
            let close = rest[open] == "[" ? "]" : ")"
            let end = rest[open...].firstIndex(of: Character(close))!
            text += rest[..<open]
            let choices = rest[rest.index(after: open)..<end].split(separator: "|")
            if rest[open] == "(" || Bool.random(using: &chance) {
                text += choices.randomElement(using: &chance)!
            }
            rest = rest[rest.index(after: end)...]
        }
        let country = name("countries", "MX")
        let words = (text + rest).split(separator: " ").joined(separator: " ")
        return Samples.fill(
            words, colour: name("colours", "red").plain, country: country.plain, directed: country.directed)
    }
}

/// Repeatable chance.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
