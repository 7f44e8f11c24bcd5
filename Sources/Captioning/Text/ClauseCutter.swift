/// Cuts what is too long to be read at a time: at the ends of sentences, else of clauses, else between words; never within
/// a number, a price or a word, unless that alone is too long.
package struct ClauseCutter: Sendable {
    package let rules: ReadingRules

    package init(rules: ReadingRules) { self.rules = rules }

    private static let sentenceEnds: Set<Character> = [".", "!", "?", "…", "。", "！", "？", "؟", "।", "۔"]
    private static let clauseEnds: Set<Character> = [
        ",", ";", ":", "、", "，", "；", "：", "،", "؛", "—", "–", ")", "）", "」", "』",
    ]
    /// Signs that no line begins with, and such that none ends with.
    private static let neverFirst: Set<Character> = [
        "。", "、", "，", "．", "！", "？", "；", "：", "）", "」", "』", "》", "】", "〉", "々", "ー", "ゃ", "ゅ", "ょ", "っ",
        "ャ",
        "ュ", "ョ", "ッ", "%", "％", "元", "円", "원", "…", ".", ",", "!", "?", ";", ":", ")",
    ]
    private static let neverLast: Set<Character> = [
        "（", "「", "『", "《", "【", "〈", "(", "$", "€", "£", "¥", "￥", "₩", "#", "@",
    ]

    /// The text in pieces of at most a page each; the whole where it fits.
    package func pages(_ text: CueText) -> [CueText] {
        // Lines come about anew on each page.
        let whole = text.lines.joined(separator: rules.isUnspaced ? "" : " ")
        var pages: [CueText] = []
        var rest = whole[...]
        while rules.width(rest) > rules.pageWidth {
            let count = (rules.width(rest) / rules.pageWidth).rounded(.up)
            let cut = pageEnd(in: rest, near: rules.width(rest) / count)
            let page = CueText(String(rest[..<cut]))
            if !page.isEmpty { pages.append(page) }
            rest = rest[cut...]
            while let first = rest.first, first.isBlank { rest.removeFirst() }
        }
        if pages.isEmpty { return [text] }
        let last = CueText(String(rest))
        return last.isEmpty ? pages : pages + [last]
    }

    /// The text cut at the ends of its sentences; what is none stays with the next.
    package func sentences(_ text: String) -> [String] {
        var sentences: [String] = []
        var start = text.startIndex
        var at = text.startIndex
        while at < text.endIndex {
            let next = text.index(after: at)
            if next < text.endIndex, worth(of: next, in: text[...]) == 3 {
                sentences.append(text[start..<next].trimmed)
                start = next
            }
            at = next
        }
        if start < text.endIndex { sentences.append(text[start...].trimmed) }
        return sentences.filter { !$0.isEmpty }
    }

    /// The same with times: each page gets as much of the span as it has of the text.
    package func pages(_ text: CueText, from start: Int64, to end: Int64)
        -> [(text: CueText, start: Int64, end: Int64)]
    {
        let pages = pages(text)
        let widths = pages.map { max(1, rules.width($0.text)) }
        let sum = widths.reduce(0, +)
        var done = 0.0
        return pages.indices.map { index in
            let from = start + Int64(Double(end - start) * done / sum)
            done += widths[index]
            let to = index == pages.count - 1 ? end : start + Int64(Double(end - start) * done / sum)
            return (pages[index], from, to)
        }
    }

    /// Where a line of at most `limit` ends.
    func lineEnd(in text: Substring, upTo limit: Double) -> String.Index {
        let fit = fitting(text, limit)
        var best: (index: String.Index, worth: Int)?
        var at = text.startIndex
        var width = 0.0
        while at < fit {
            width += rules.width(text[at])
            let next = text.index(after: at)
            // A good end far from the limit is worth less than a fair one near it.
            if let worth = worth(of: next, in: text), width > limit * 0.4,
                worth >= best?.worth ?? 0 || width > limit * 0.8
            {
                best = (next, worth)
            } else if best == nil, let worth = worth(of: next, in: text) {
                best = (next, worth)
            }
            at = next
        }
        return best?.index ?? fit
    }

    /// Where a page ends: the best end of those that lie about the wanted width, and none beyond the page.
    private func pageEnd(in text: Substring, near wanted: Double) -> String.Index {
        let fit = fitting(text, rules.pageWidth)
        var best: (index: String.Index, score: Double)?
        var at = text.startIndex
        var width = 0.0
        while at < fit {
            width += rules.width(text[at])
            let next = text.index(after: at)
            if let worth = worth(of: next, in: text) {
                let distance = abs(width - wanted) / rules.pageWidth
                let score = Double(worth) * 0.25 - distance
                if score > best?.score ?? -.infinity { best = (next, score) }
            }
            at = next
        }
        return best?.index ?? fit
    }

    /// As much as fits; at least one sign.
    private func fitting(_ text: Substring, _ limit: Double) -> String.Index {
        var at = text.startIndex
        var width = 0.0
        while at < text.endIndex {
            width += rules.width(text[at])
            if width > limit, at > text.startIndex { break }
            at = text.index(after: at)
        }
        return at
    }

    /// 3 after a sentence, 2 after a clause, 1 between words; nil where no cut may be.
    private func worth(of cut: String.Index, in text: Substring) -> Int? {
        guard cut > text.startIndex, cut < text.endIndex else { return nil }
        let (before, after) = (text[text.index(before: cut)], text[cut])
        if ClauseCutter.neverFirst.contains(after) || ClauseCutter.neverLast.contains(before) { return nil }
        if before.isBlank {
            // The blank belongs to what stands before it.
            let place = text.index(before: cut)
            guard place > text.startIndex else { return nil }
            let last = text[text.index(before: place)]
            if ClauseCutter.sentenceEnds.contains(last) { return 3 }
            // Where words are not set apart, a blank ends a clause.
            return rules.isUnspaced || ClauseCutter.clauseEnds.contains(last) ? 2 : 1
        }
        guard rules.isUnspaced, !after.isBlank else { return nil }
        // Numbers, prices and Latin words stay whole.
        if before.isPlain, after.isPlain { return nil }
        if ClauseCutter.sentenceEnds.contains(before) { return 3 }
        return ClauseCutter.clauseEnds.contains(before) ? 2 : 1
    }
}

extension Character {
    /// A Latin letter, a digit, or what joins these.
    fileprivate var isPlain: Bool {
        guard isASCII else { return false }
        return isLetter || isNumber || ".,:%$'-".contains(self)
    }
}
