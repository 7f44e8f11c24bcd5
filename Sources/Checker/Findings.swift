/// What the rules have said so far: per rule what was looked at, and the faults, each once.
package struct Findings: Sendable {
    /// The same line of the same rule in one place; a refresh that repeats it only counts.
    private struct Place: Hashable {
        let rule: Int
        let url: String
        let text: String
    }

    package struct Finding: Sendable {
        package let rule: Rule
        package let fault: Fault
        /// How often it was seen.
        package var count: Int
    }

    private var looked: [Int: Int] = [:]
    private var found: [Place: (fault: Fault, count: Int)] = [:]
    private var perRule: [Int: Int] = [:]

    /// Places kept of one rule; more are only counted.
    static let mostPlaces = 50

    private static let byKind:
        (
            text: [Int], multivariant: [Int], playlist: [Int], refresh: [Int], exchange: [Int],
            rendition: [Int],
            presentation: [Int]
        ) = {
            var kinds:
                (
                    text: [Int], multivariant: [Int], playlist: [Int], refresh: [Int], exchange: [Int],
                    rendition: [Int],
                    presentation: [Int]
                ) = ([], [], [], [], [], [], [])
            for (index, rule) in RuleBook.rules.enumerated() {
                switch rule.examination {
                case .text: kinds.text.append(index)
                case .multivariant: kinds.multivariant.append(index)
                case .playlist: kinds.playlist.append(index)
                case .refresh: kinds.refresh.append(index)
                case .exchange: kinds.exchange.append(index)
                case .rendition: kinds.rendition.append(index)
                case .presentation: kinds.presentation.append(index)
                }
            }
            return kinds
        }()

    init() {}

    private mutating func note(_ index: Int, _ faults: [Fault]?) {
        guard let faults else { return }
        looked[index, default: 0] += 1
        for fault in faults {
            // A line's number moves with the window, its text does not; directives are no other place.
            let place = Place(
                rule: index, url: String(fault.url.prefix { $0 != "?" }),
                text: fault.line?.text ?? fault.message)
            if let known = found[place] {
                found[place] = (known.fault, known.count + 1)
            } else {
                perRule[index, default: 0] += 1
                if perRule[index, default: 0] <= Findings.mostPlaces { found[place] = (fault, 1) }
            }
        }
    }

    mutating func examine(_ text: PlaylistDocument) {
        for index in Findings.byKind.text {
            if case .text(let judge) = RuleBook.rules[index].examination { note(index, judge(text)) }
        }
    }

    mutating func examine(_ playlist: MultivariantDocument) {
        for index in Findings.byKind.multivariant {
            if case .multivariant(let judge) = RuleBook.rules[index].examination {
                note(index, judge(playlist))
            }
        }
    }

    mutating func examine(_ scene: MediaScene) {
        for index in Findings.byKind.playlist {
            if case .playlist(let judge) = RuleBook.rules[index].examination { note(index, judge(scene)) }
        }
    }

    mutating func examine(_ refresh: Refresh) {
        for index in Findings.byKind.refresh {
            if case .refresh(let judge) = RuleBook.rules[index].examination { note(index, judge(refresh)) }
        }
    }

    mutating func examine(_ exchange: Exchange, _ scene: AnswerScene) {
        for index in Findings.byKind.exchange {
            if case .exchange(let judge) = RuleBook.rules[index].examination {
                note(index, judge(exchange, scene))
            }
        }
    }

    mutating func examine(_ record: RenditionRecord) {
        for index in Findings.byKind.rendition {
            if case .rendition(let judge) = RuleBook.rules[index].examination { note(index, judge(record)) }
        }
    }

    mutating func examine(_ presentation: Presentation) {
        for index in Findings.byKind.presentation {
            if case .presentation(let judge) = RuleBook.rules[index].examination {
                note(index, judge(presentation))
            }
        }
    }

    mutating func merge(_ other: Findings) {
        looked.merge(other.looked) { $0 + $1 }
        // What the other one did not keep stays uncounted here, but not untold.
        for (index, count) in other.perRule { perRule[index, default: 0] += count }
        for (place, value) in other.found {
            perRule[place.rule, default: 0] -= 1
            if let known = found[place] {
                found[place] = (known.fault, known.count + value.count)
            } else {
                perRule[place.rule, default: 0] += 1
                if perRule[place.rule, default: 0] <= Findings.mostPlaces { found[place] = value }
            }
        }
    }

    /// How often a rule had something to look at.
    func looks(_ index: Int) -> Int { looked[index] ?? 0 }

    /// A rule's faults, in the order of their places.
    func faults(_ index: Int) -> [Finding] {
        found.filter { $0.key.rule == index }.map {
            Finding(rule: RuleBook.rules[index], fault: $0.value.fault, count: $0.value.count)
        }.sorted { one, other in
            let (a, b) = (one.fault, other.fault)
            // In one line's place, what was seen most often comes first.
            return (a.url, a.line?.number ?? 0, other.count, a.message, a.line?.text ?? "")
                < (b.url, b.line?.number ?? 0, one.count, b.message, b.line?.text ?? "")
        }
    }

    /// Places that were not kept.
    func dropped(_ index: Int) -> Int { max(0, (perRule[index] ?? 0) - faults(index).count) }
}
