/// Names of one kind in one language: colours, countries, currencies, sizes, numbers; read by any of their forms, written
/// in the first one.
struct PhraseNames: Hashable, Sendable {
    struct Name: Hashable, Sendable {
        var written: String
        /// With the preposition that means "to", where the language has no one rule for it.
        var directed: String?
    }

    private struct Form: Hashable, Sendable {
        var words: [String]
        var key: String
    }

    private(set) var names: [String: Name] = [:]
    /// By their first words, the longest first.
    private var forms: [String: [Form]] = [:]

    /// Adds a line such as `MX: México > a México; Mejico`: the name, how "to" it is said, and other forms to read.
    mutating func add(_ key: String, _ text: Substring) -> Bool {
        let parts = text.split(separator: ";").map { String($0).trimmed }
        guard let first = parts.first, !first.isEmpty, !parts.contains(""), names[key] == nil else {
            return false
        }
        let halves = first.split(separator: ">").map { String($0).trimmed }
        guard halves.count <= 2, let written = halves.first else { return false }
        names[key] = Name(written: written, directed: halves.count == 2 ? halves[1] : nil)
        for form in halves + parts.dropFirst() {
            let words = PhraseText.tokens(of: form).map(\.text)
            guard let head = words.first else { return false }
            forms[head, default: []].append(Form(words: words, key: key))
            forms[head]?.sort { $0.words.count > $1.words.count }
        }
        return true
    }

    /// Names that the tokens begin with, the longest first, and where each ends.
    func matches(_ tokens: ArraySlice<PhraseToken>) -> [(key: String, end: Int)] {
        guard let first = tokens.first, let candidates = forms[first.text] else { return [] }
        return candidates.compactMap { form in
            guard form.words.count <= tokens.count,
                zip(form.words, tokens).allSatisfy({ $0 == $1.text })
            else { return nil }
            return (form.key, tokens.startIndex + form.words.count)
        }
    }

    /// Forms that stand for two keys at once.
    var clashes: [String] {
        var seen: [[String]: String] = [:]
        var found: [String] = []
        for form in forms.values.joined() {
            if let other = seen[form.words], other != form.key {
                found.append(form.words.joined(separator: " "))
            }
            seen[form.words] = form.key
        }
        return found.sorted()
    }
}
