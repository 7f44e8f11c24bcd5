import Audience
import Foundation
import GRDB
import Media

/// How rollups are laid out in rows.
enum AudienceRow {
    /// Which row: the table's key.
    struct Place {
        let arguments: StatementArguments

        init(_ show: ShowID, _ span: AudienceRollup.Span, _ start: Int64, _ slice: AudienceSlice) {
            arguments = [show.text, span.rawValue, start, slice.kind, slice.name]
        }
    }
}

extension QualityCell {
    /// The columns behind the key, in the table's order.
    var arguments: StatementArguments {
        [
            starts, failures, played, stalls, stalled, droppedFrames, bitrateSum, bitrateTime, viewersSum,
            viewersCounts, viewersPeak, Data(join.encoded), Data(latency.encoded),
        ]
    }

    /// A histogram that cannot be read is taken for an empty one: the rest of the row still tells.
    init(row: Row) {
        self.init()
        starts = row["starts"]
        failures = row["failures"]
        played = row["played"]
        stalls = row["stalls"]
        stalled = row["stalled"]
        droppedFrames = row["droppedFrames"]
        bitrateSum = row["bitrateSum"]
        bitrateTime = row["bitrateTime"]
        viewersSum = row["viewersSum"]
        viewersCounts = row["viewersCounts"]
        viewersPeak = row["viewersPeak"]
        join = LogHistogram(encoded: row["joinTimes"] as Data) ?? LogHistogram()
        latency = LogHistogram(encoded: row["latencies"] as Data) ?? LogHistogram()
    }
}
