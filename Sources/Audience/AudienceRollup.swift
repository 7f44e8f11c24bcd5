package import Media

/// A part of a show's audience.
package enum AudienceSlice: Hashable, Sendable, Comparable {
    /// Everybody who watches live.
    case all
    case rendition(String)
    /// ISO 3166-1, as a trusted proxy says it; `other` for what is too many to tell apart.
    case country(String)
    /// Everybody who watches the recording: in none of the others.
    case replay

    package var kind: String {
        switch self {
        case .all: "all"
        case .rendition: "rendition"
        case .country: "country"
        case .replay: "replay"
        }
    }

    package var name: String {
        switch self {
        case .all, .replay: ""
        case .rendition(let name), .country(let name): name
        }
    }

    package init?(kind: String, name: String) {
        switch kind {
        case "all": self = .all
        case "rendition": self = .rendition(name)
        case "country": self = .country(name)
        case "replay": self = .replay
        default: return nil
        }
    }

    package static func < (a: AudienceSlice, b: AudienceSlice) -> Bool {
        (a.kind, a.name) < (b.kind, b.name)
    }
}

/// What is kept of a show's audience, for a minute or an hour. No person, address or session is in it.
package struct AudienceRollup: Hashable, Sendable {
    package enum Span: Int, Hashable, Sendable, CaseIterable {
        case minute = 60
        case hour = 3600

        /// The start of the span that `second` (Unix time) lies in.
        package func start(of second: Int64) -> Int64 {
            let length = Int64(rawValue)
            return second - ((second % length) + length) % length
        }
    }

    package var show: ShowID
    package var span: Span
    /// Unix time, seconds.
    package var start: Int64
    package var cells: [AudienceSlice: QualityCell]

    package init(show: ShowID, span: Span, start: Int64, cells: [AudienceSlice: QualityCell] = [:]) {
        self.show = show
        self.span = span
        self.start = start
        self.cells = cells
    }

    /// `minutes` beside what is kept already, each in the span that it lies in; the oldest first.
    package static func joined(
        _ kept: [AudienceRollup], _ minutes: [AudienceRollup], by span: Span
    ) -> [AudienceRollup] {
        var spans: [Int64: AudienceRollup] = [:]
        for rollup in kept + minutes {
            let start = span.start(of: rollup.start)
            for (slice, cell) in rollup.cells {
                spans[
                    start, default: AudienceRollup(show: rollup.show, span: span, start: start)
                ].cells[slice, default: QualityCell()].add(cell)
            }
        }
        return spans.values.sorted { $0.start < $1.start }
    }
}

/// Where rollups are kept, over restarts and after the show. Each call is one transaction and may block.
package protocol AudienceStore: Sendable {
    /// Adds minutes to what is there, both to the minutes themselves and to the hours that they lie in.
    func addAudience(_ minutes: [AudienceRollup]) throws
    /// The rollups of a show that start in `range` (Unix time), the oldest first; at most `limit`, the newest.
    func audience(of show: ShowID, _ span: AudienceRollup.Span, in range: Range<Int64>, limit: Int) throws
        -> [AudienceRollup]
    /// Forgets minutes and hours that start before these times. Returns how many rows went.
    @discardableResult
    func forgetAudience(minutesBefore: Int64, hoursBefore: Int64) throws -> Int
    /// Forgets all of a show.
    func forgetAudience(of show: ShowID) throws
}
