// In: a chat message. Out: the same in another language, where it is one that people in live shopping say all the time;
// prices, sizes, colours, countries and so on are slots. Nothing is guessed: what does not fit a template whole is not
// for the phrasebook.

import Foundation
package import Media
import Synchronization

package final class Phrasebook: Sendable {
    /// A message as the phrasebook understands it, in no language.
    struct Meaning: Hashable, Sendable {
        /// Of one sentence.
        struct Part: Hashable, Sendable {
            var template: String
            var values: [String: SlotValue]
            /// Pictures, mentions and tags that stood behind it.
            var trail: String
        }

        var lead: String
        var parts: [Part]
    }

    private struct Key: Hashable {
        var text: String
        var language: LanguageTag
        var revision: Int
    }

    private let books: [LanguageTag: PhraseLanguage]
    private let understood = Mutex(RenderingCache<Key, Meaning?>(most: 1024))

    /// Longer messages are not looked at, in characters.
    private static let longest = 300
    /// Sentences of a message.
    private static let partsAtMost = 6

    /// Throws where a file is wrong, or has not the templates and slots of the others.
    package init(files: [(name: String, text: String)]) throws(PhraseFault) {
        var books: [LanguageTag: PhraseLanguage] = [:]
        var first: (name: String, book: PhraseLanguage)?
        for (name, text) in files {
            let book = PhraseLanguage(try PhraseFile(text, name: name))
            guard books[book.tag] == nil else { throw .file(name, "\(book.tag) is there twice") }
            if let first { try Phrasebook.compare(book, name, with: first.book, first.name) }
            if first == nil { first = (name, book) }
            books[book.tag] = book
        }
        self.books = books
    }

    /// The phrasebook that comes with the program.
    package static func bundled() throws(PhraseFault) -> Phrasebook {
        let folder = TranslationResources.folder("Phrases")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        var files: [(name: String, text: String)] = []
        for name in names.sorted() where name.hasSuffix(".phrases") {
            guard let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8) else {
                throw .file(name, "it cannot be read as UTF-8")
            }
            files.append((name, text))
        }
        guard !files.isEmpty else { throw .file(folder.path, "there are no phrases") }
        return try Phrasebook(files: files)
    }

    package var languages: [LanguageTag] { books.keys.sorted { $0.text < $1.text } }

    package func speaks(_ language: LanguageTag) -> Bool { books[language.tongue] != nil }

    /// Nil where it is no message that the phrasebook knows, or a word of the glossary would be lost.
    package func render(
        _ text: String, from: LanguageTag, to: LanguageTag, glossary: Glossary = .empty
    ) -> String? {
        guard let target = books[to.tongue],
            let meaning = meaning(of: text, in: from.tongue, glossary: glossary),
            let rendering = write(meaning, in: target, glossary)
        else { return nil }
        return keepsTerms(of: text, in: rendering, to.tongue, glossary) ? rendering : nil
    }

    /// Whether it says this in that language.
    package func understands(_ text: String, in language: LanguageTag) -> Bool {
        meaning(of: text, in: language.tongue, glossary: .empty) != nil
    }

    /// The templates' names and their sentences in a language, with slots in braces.
    package func sentences(in language: LanguageTag) -> [String: String] {
        books[language.tongue]?.templates.mapValues(\.sentence) ?? [:]
    }

    // MARK: Reading

    func meaning(of text: String, in language: LanguageTag, glossary: Glossary) -> Meaning? {
        guard let book = books[language], text.utf8.count <= Phrasebook.longest * 8 else { return nil }
        let key = Key(text: text, language: language, revision: glossary.revision)
        if let known = understood.withLock({ $0.value(of: key) }) { return known }
        let meaning = PhraseReader(book: book, glossary: glossary, partsAtMost: Phrasebook.partsAtMost)
            .meaning(of: Array(text))
        understood.withLock { $0.insert(meaning, for: key) }
        return meaning
    }

    // MARK: Writing

    private func write(_ meaning: Meaning, in book: PhraseLanguage, _ glossary: Glossary) -> String? {
        let writer = SlotWriter(language: book, glossary: glossary)
        var text = meaning.lead
        for (number, part) in meaning.parts.enumerated() {
            guard let template = book.templates[part.template],
                let sentence = writer.write(template.sentence, part.values)
            else { return nil }
            let isJoined = number == 0 || meaning.parts[number - 1].trail.last?.isWhitespace == true
            text += (isJoined ? "" : book.joiner) + sentence + part.trail
        }
        return text
    }

    /// A term that is a part of a template is translated with it, unless it has to stay.
    private func keepsTerms(
        of text: String, in rendering: String, _ language: LanguageTag, _ glossary: Glossary
    ) -> Bool {
        guard !glossary.index.isEmpty else { return true }
        let characters = Array(text)
        for span in ProtectedSpan.find(in: characters, glossary: glossary) {
            guard case .term(let number) = span.kind,
                let fixed = glossary.terms[number].rendering(of: String(characters[span.range]), in: language)
            else { continue }
            guard rendering.contains(fixed) else { return false }
        }
        return true
    }

    private static func compare(
        _ book: PhraseLanguage, _ name: String, with other: PhraseLanguage, _ otherName: String
    ) throws(PhraseFault) {
        let missing = Set(other.templates.keys).subtracting(book.templates.keys).sorted().first
        if let missing { throw .file(name, "the template @\(missing) of \(otherName) is missing") }
        for (id, template) in book.templates.sorted(by: { $0.key < $1.key }) {
            guard let twin = other.templates[id] else {
                throw .file(name, "the template @\(id) is not in \(otherName)")
            }
            let slots = Set(template.patterns.flatMap { $0.slots.map(\.key) })
            guard slots == Set(twin.patterns.flatMap { $0.slots.map(\.key) }) else {
                throw .file(name, "the slots of @\(id) are not those in \(otherName)")
            }
        }
        let tables: [(String, PhraseNames, PhraseNames)] = [
            ("colours", book.colours, other.colours), ("countries", book.countries, other.countries),
            ("currencies", book.currencies, other.currencies),
        ]
        for (table, names, others) in tables {
            let difference = Set(names.names.keys).symmetricDifference(others.names.keys).sorted().first
            if let difference { throw .file(name, "[\(table)] and \(otherName) differ in '\(difference)'") }
        }
    }
}

/// The room's own files.
enum TranslationResources {
    static func folder(_ name: String) -> URL {
        // Beside the binary first: the generated accessor of the bundle stops the process where it finds none.
        let beside = Bundle.main.bundleURL.appending(path: "shopcast_Translation.resources/\(name)")
        return FileManager.default.fileExists(atPath: beside.path) ? beside : built(name)
    }

    private static func built(_ name: String) -> URL { Bundle.module.bundleURL.appending(path: name) }
}
