import Foundation
package import Media

/// How a show was watched: for the console's plots and `GET /api/v1/shows/SHOW/quality`.
package struct AudienceReport: Encodable, Hashable, Sendable {
    /// Who watches now.
    package struct Now: Encodable, Hashable, Sendable {
        /// The one number that pages show: the larger of sessions (`beats` and `cmcd`) and `requests`.
        package var viewers: Int
        package var beats: Int
        package var cmcd: Int
        /// Players that asked for a playlist in the last ten seconds, by connection or address.
        package var requests: Int
        package var replay: Int

        package init(viewers: Int, beats: Int, cmcd: Int, requests: Int, replay: Int) {
            self.viewers = viewers
            self.beats = beats
            self.cmcd = cmcd
            self.requests = requests
            self.replay = replay
        }
    }

    /// One span of time.
    package struct Point: Encodable, Hashable, Sendable {
        /// Its start, RFC 3339.
        package var time: String
        package var figures: Figures

        package func encode(to encoder: any Encoder) throws {
            try figures.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(time, forKey: .time)
        }

        private enum Key: String, CodingKey { case time }
    }

    /// A rendition or country over the whole range.
    package struct Part: Encodable, Hashable, Sendable {
        package var name: String
        package var figures: Figures

        package func encode(to encoder: any Encoder) throws {
            try figures.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(name, forKey: .name)
        }

        private enum Key: String, CodingKey { case name }
    }

    package var show: String
    package var from: String
    package var until: String
    package var stepSeconds: Int
    package var now: Now
    package var total: Figures
    package var replay: Figures
    package var points: [Point]
    package var renditions: [Part]
    package var countries: [Part]

    package init(
        show: ShowID, range: Range<Int64>, span: AudienceRollup.Span, rollups: [AudienceRollup], now: Now
    ) {
        self.show = show.text
        from = AudienceReport.date(range.lowerBound)
        until = AudienceReport.date(range.upperBound)
        stepSeconds = span.rawValue
        self.now = now
        var whole: [AudienceSlice: QualityCell] = [:]
        for rollup in rollups {
            for (slice, cell) in rollup.cells { whole[slice, default: QualityCell()].add(cell) }
        }
        total = Figures(whole[.all] ?? QualityCell())
        replay = Figures(whole[.replay] ?? QualityCell())
        points = rollups.map { rollup in
            Point(
                time: AudienceReport.date(rollup.start), figures: Figures(rollup.cells[.all] ?? QualityCell())
            )
        }
        let parts = whole.sorted { $0.value.played > $1.value.played }
        renditions = parts.compactMap { slice, cell in
            if case .rendition(let name) = slice { Part(name: name, figures: Figures(cell)) } else { nil }
        }
        countries = parts.compactMap { slice, cell in
            if case .country(let name) = slice { Part(name: name, figures: Figures(cell)) } else { nil }
        }
    }

    static func date(_ second: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(second)).formatted(.iso8601)
    }
}

/// What is told of a cell; what nobody has told is null.
package struct Figures: Encodable, Hashable, Sendable {
    package var viewers: Double?
    package var viewersPeak: Int
    package var starts: Int
    package var joins: Int
    package var failures: Int
    package var watchedSeconds: Double
    package var stalls: Int
    package var stalledSeconds: Double
    package var stallRatio: Double?
    package var bitrateKilobits: Double?
    package var latencySecondsP50: Double?
    package var latencySecondsP95: Double?
    package var joinSecondsP50: Double?
    package var joinSecondsP95: Double?
    package var droppedFrames: Int

    package init(_ cell: QualityCell) {
        func seconds(_ histogram: LogHistogram, _ q: Double) -> Double? {
            histogram.quantile(q).map { ($0 / 10).rounded() / 100 }
        }
        viewers = cell.meanViewers.map { ($0 * 10).rounded() / 10 }
        viewersPeak = cell.viewersPeak
        starts = cell.starts
        joins = cell.join.count
        failures = cell.failures
        watchedSeconds = Double(cell.played) / 1000
        stalls = cell.stalls
        stalledSeconds = Double(cell.stalled) / 1000
        stallRatio = cell.stallRatio.map { ($0 * 100_000).rounded() / 100_000 }
        bitrateKilobits = cell.bitrate.map { $0.rounded() }
        latencySecondsP50 = seconds(cell.latency, 0.5)
        latencySecondsP95 = seconds(cell.latency, 0.95)
        joinSecondsP50 = seconds(cell.join, 0.5)
        joinSecondsP95 = seconds(cell.join, 0.95)
        droppedFrames = cell.droppedFrames
    }

    private enum Key: String, CodingKey, CaseIterable {
        case viewers, viewersPeak, starts, joins, failures, watchedSeconds, stalls, stalledSeconds, stallRatio
        case bitrateKilobits, latencySecondsP50, latencySecondsP95, joinSecondsP50, joinSecondsP95
        case droppedFrames
    }

    /// Every key is there, null where nothing is known: plots need no guessing.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(viewers, forKey: .viewers)
        try container.encode(viewersPeak, forKey: .viewersPeak)
        try container.encode(starts, forKey: .starts)
        try container.encode(joins, forKey: .joins)
        try container.encode(failures, forKey: .failures)
        try container.encode(watchedSeconds, forKey: .watchedSeconds)
        try container.encode(stalls, forKey: .stalls)
        try container.encode(stalledSeconds, forKey: .stalledSeconds)
        try container.encode(stallRatio, forKey: .stallRatio)
        try container.encode(bitrateKilobits, forKey: .bitrateKilobits)
        try container.encode(latencySecondsP50, forKey: .latencySecondsP50)
        try container.encode(latencySecondsP95, forKey: .latencySecondsP95)
        try container.encode(joinSecondsP50, forKey: .joinSecondsP50)
        try container.encode(joinSecondsP95, forKey: .joinSecondsP95)
        try container.encode(droppedFrames, forKey: .droppedFrames)
    }
}
