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
            viewersCounts, viewersPeak, QualityCell.blob(join), QualityCell.blob(latency),
        ]
    }

    /// Nothing for an empty histogram.
    private static func blob(_ histogram: LogHistogram) -> Data? {
        histogram.isEmpty ? nil : Data(histogram.encoded)
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
        join = QualityCell.histogram(row["joinTimes"])
        latency = QualityCell.histogram(row["latencies"])
    }

    private static func histogram(_ blob: Data?) -> LogHistogram {
        blob.flatMap { LogHistogram(encoded: $0) } ?? LogHistogram()
    }
}
