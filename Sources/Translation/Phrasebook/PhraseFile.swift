import Foundation
import Media

/// A file of phrases, read strictly: what is wrong is told with its line.
///
/// `language: es` and `joiner: space` stand first; then sections in brackets. In `[templates]` a line with `@` names a
/// template, the line after it is its sentence as readers get it, and those after are further ways to say it.
struct PhraseFile: Sendable {
    private(set) var tag = LanguageTag.undetermined
    private(set) var joiner = " "
    private(set) var names: [String: PhraseNames] = [:]
    private(set) var templates: [PhraseTemplate] = []

    private static let tables: Set<String> = [
        "colours", "countries", "currencies", "sizes", "numbers", "percent", "thousands", "fillers",
    ]

    /// `name`: of the file, for what is said of it.
    init(_ text: String, name: String) throws(PhraseFault) {
        var reading = Reading()
        var number = 0
        for raw in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            let line = String(raw).trimmed
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            do {
                try read(line, &reading)
            } catch .pattern(let text, let reason) {
                throw .line(file: name, line: number, "'\(text)': \(reason)")
            } catch {
                throw error
            }
        }
        do {
            try finish(&reading)
        } catch .pattern(let text, let reason) {
            throw .line(file: name, line: number, "'\(text)': \(reason)")
        } catch {
            throw error
        }
        guard tag != .undetermined else { throw .file(name, "the line 'language: …' is missing") }
        guard !templates.isEmpty else { throw .file(name, "it has no [templates]") }
        for (table, names) in names where table != "fillers" {
            if let clash = names.clashes.first {
                throw .file(name, "[\(table)] has '\(clash)' for two of its keys")
            }
        }
    }

    private struct Reading {
        var section: String?
        var id: String?
        var lines: [String] = []
    }

    private mutating func read(_ line: String, _ reading: inout Reading) throws(PhraseFault) {
        if line.hasPrefix("["), line.hasSuffix("]"), reading.section != "templates" {
            let section = String(line.dropFirst().dropLast())
            guard section == "templates" || PhraseFile.tables.contains(section) else {
                throw .pattern(line, "there is no such section")
            }
            guard names[section] == nil else { throw .pattern(line, "the section is there twice") }
            names[section] = section == "templates" ? nil : PhraseNames()
            reading.section = section
            return
        }
        switch reading.section {
        case nil: try readHead(line)
        case "templates":
            if line.hasPrefix("@") {
                try finish(&reading)
                reading.id = String(line.dropFirst())
            } else if reading.id == nil {
                throw .pattern(line, "a line with @ and a template's name has to stand before it")
            } else {
                reading.lines.append(line)
            }
        case let section?:
            try readName(line, section)
        }
    }

    private mutating func readHead(_ line: String) throws(PhraseFault) {
        let parts = line.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
        switch (parts.first, parts.last) {
        case ("language", let text?):
            guard let tag = LanguageTag(text), tag.tongue == tag else {
                throw .pattern(line, "that is no language as translation knows it")
            }
            self.tag = tag
        case ("joiner", "space"): joiner = " "
        case ("joiner", "none"): joiner = ""
        default: throw .pattern(line, "'language: …', 'joiner: space' or 'joiner: none' is expected")
        }
    }

    private mutating func readName(_ line: String, _ section: String) throws(PhraseFault) {
        if section == "fillers" {
            // Their keys mean nothing.
            for text in line.split(separator: ";") {
                let text = String(text).trimmed
                guard names[section]?.add(text, text[...]) == true else {
                    throw .pattern(text, "it is empty or there twice")
                }
            }
            return
        }
        guard let colon = line.firstIndex(of: ":") else {
            throw .pattern(line, "'KEY: name; other' is expected")
        }
        let key = String(line[..<colon]).trimmed
        guard !key.isEmpty, names[section]?.add(key, line[line.index(after: colon)...]) == true else {
            throw .pattern(line, "the key is there twice, or a name is empty")
        }
    }

    private mutating func finish(_ reading: inout Reading) throws(PhraseFault) {
        guard let id = reading.id else { return }
        guard let sentence = reading.lines.first else { throw .pattern("@\(id)", "it has no sentence") }
        guard !templates.contains(where: { $0.id == id }) else {
            throw .pattern("@\(id)", "it is there twice")
        }
        guard !sentence.contains(where: { "[]()|".contains($0) }) else {
            throw .pattern(sentence, "a template's first line is what readers get: it has no alternatives")
        }
        var patterns: [PhrasePattern] = []
        for line in reading.lines {
            let pattern = try PhrasePattern(line)
            guard
                Set(pattern.slots.map(\.key))
                    == Set(patterns.first?.slots.map(\.key) ?? pattern.slots.map(\.key))
            else { throw .pattern(line, "its slots are not those of the template's first line") }
            guard !patterns.contains(pattern) else { throw .pattern(line, "it is there twice") }
            patterns.append(pattern)
        }
        templates.append(PhraseTemplate(id: id, sentence: sentence, patterns: patterns))
        reading.id = nil
        reading.lines = []
    }
}
