import Media

/// Why a file of captions cannot be used at all.
package enum CaptionFileFault: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong(bytes: Int)
    case notUTF8
    case tooMany
    /// There is no cue in it.
    case empty

    package var description: String {
        switch self {
        case .tooLong(let bytes): "the file has more than \(bytes >> 20) MiB"
        case .notUTF8: "the file is not in UTF-8: save it in that coding"
        case .tooMany: "the file has more than \(CaptionFile.mostCues) cues"
        case .empty: "there is no cue in the file: WebVTT or SubRip (SRT) is read"
        }
    }
}

/// A file of captions, WebVTT or SubRip, as far as it can be read: cues with times from the file's own zero.
///
/// What is no cue (notes, styles, regions, a cue whose times are wrong) is left out and counted; markup is taken for what
/// it is, and only its text stays.
package struct CaptionFile: Sendable, Hashable {
    package static let longest = 4 << 20
    package static let mostCues = 20_000

    /// In the order of their starts.
    package private(set) var cues: [VTTCue] = []
    /// Lines (the first is 1) with times that cannot be used; at most twenty.
    package private(set) var badLines: [Int] = []

    package init(_ bytes: some Collection<UInt8>) throws(CaptionFileFault) {
        guard bytes.count <= CaptionFile.longest else { throw .tooLong(bytes: CaptionFile.longest) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        // "\r\n" is one Character.
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
        let isSubRip = !(lines.first?.trimmingPrefix("\u{FEFF}").hasPrefix("WEBVTT") ?? false)
        var at = 0
        while at < lines.count {
            let line = lines[at]
            guard line.contains("-->") else {
                // A note, a style or a region goes on to the next empty line, and may hold anything but an arrow.
                at += 1
                continue
            }
            let timeLine = at
            at += 1
            var body: [Substring] = []
            while at < lines.count, !lines[at].allSatisfy({ $0 == " " || $0 == "\t" }),
                !lines[at].contains("-->")
            {
                body.append(lines[at])
                at += 1
            }
            // The next cue follows without an empty line: what stood last is its number.
            if at < lines.count, lines[at].contains("-->"), body.count > 1,
                body.last?.allSatisfy(\.isNumber) == true
            {
                body.removeLast()
            }
            guard let times = CaptionFile.times(line), times.start < times.end else {
                if badLines.count < 20 { badLines.append(timeLine + 1) }
                continue
            }
            let (speaker, plain) = CueMarkup.plain(
                body.joined(separator: "\n"), isSubRip: isSubRip)
            let text = CueText(plain)
            guard !text.isEmpty else { continue }
            guard cues.count < CaptionFile.mostCues else { throw .tooMany }
            cues.append(
                VTTCue(
                    start: MediaTime(milliseconds: times.start), end: MediaTime(milliseconds: times.end),
                    speaker: speaker, text: text))
        }
        guard !cues.isEmpty else { throw .empty }
        cues = cues.enumerated().sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }
            .map(\.element)
    }

    /// `00:01.000 --> 00:02.500 line:0`
    private static func times(_ line: Substring) -> (start: Int64, end: Int64)? {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard let arrow = words.firstIndex(of: "-->"), arrow == 1, words.count > 2,
            let start = ClockText.milliseconds(words[0]), let end = ClockText.milliseconds(words[2]),
            // A week: what is longer is no show.
            end <= 604_800_000
        else { return nil }
        return (start, end)
    }
}

/// The markup of WebVTT and SubRip: what of it is text.
///
/// Read by Unicode scalars: a sign that a combining mark follows is still that sign.
enum CueMarkup {
    /// The text alone, and who speaks, where a voice is named.
    static func plain(_ text: String, isSubRip: Bool) -> (speaker: String?, text: String) {
        var speaker: String?
        var plain = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let next = rest.first {
            let inner = rest.dropFirst()
            switch next {
            case "<":
                guard let end = inner.firstIndex(of: ">"), CueMarkup.isTag(Substring(inner[..<end])) else {
                    // A lone sign is text.
                    plain.append(next)
                    rest = inner
                    continue
                }
                let tag = Substring(inner[..<end])
                if speaker == nil, tag.hasPrefix("v ") || tag.hasPrefix("v.") {
                    let name = tag.drop { !$0.isWhitespace }
                    let clean = CueText(entities(name)).lines.joined(separator: " ").unicodeScalars
                    speaker = CueText.name(String(clean.prefix(CueText.longestName)))
                }
                rest = rest[rest.index(after: end)...]
            case "{":
                // `{\an8}`: where SubRip puts it.
                guard isSubRip, inner.first == "\\", let end = inner.firstIndex(of: "}") else {
                    plain.append(next)
                    rest = inner
                    continue
                }
                rest = rest[rest.index(after: end)...]
            default:
                plain.append(next)
                rest = inner
            }
        }
        return (speaker, entities(Substring(String(plain))))
    }

    /// `b`, `/i`, `c.loud`, `v Mary`, `00:01.000`, `font color="red"`; not `3 and 5`.
    private static func isTag(_ body: Substring) -> Bool {
        guard body.utf8.count <= 2000, !body.contains("<") else { return false }
        let name = body.first == "/" ? body.dropFirst() : body
        if name.isEmpty { return true }
        if name.first?.isNumber == true { return ClockText.milliseconds(name) != nil }
        let word = name.prefix { $0.isASCII && $0.isLetter }
        let known: Set<Substring> = ["b", "i", "u", "s", "c", "v", "ruby", "rt", "lang", "font", "span"]
        return known.contains(Substring(word.lowercased()))
    }

    private static let named: [Substring: String] = [
        "amp": "&", "lt": "<", "gt": ">", "nbsp": "\u{A0}", "lrm": "\u{200E}", "rlm": "\u{200F}",
        "quot": "\"", "apos": "'",
    ]

    /// Each read once: what comes out of one is no other.
    private static func entities(_ text: Substring) -> String {
        var plain = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let sign = rest.firstIndex(of: "&") {
            plain += rest[..<sign]
            let after = rest[rest.index(after: sign)...]
            if let end = after.prefix(10).firstIndex(of: ";"), let read = entity(Substring(after[..<end])) {
                plain += read.unicodeScalars
                rest = after[after.index(after: end)...]
            } else {
                plain.append("&")
                rest = after
            }
        }
        plain += rest
        return String(plain)
    }

    private static func entity(_ name: Substring) -> String? {
        if let known = named[name] { return known }
        guard name.first == "#" else { return nil }
        let digits = name.dropFirst()
        let value =
            digits.first == "x" || digits.first == "X"
            ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return value.flatMap { Unicode.Scalar($0) }.map { String(Character($0)) }
    }
}
