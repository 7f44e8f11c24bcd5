import API
import Audience
import Media
import People

/// What the audience's ledger knows of a viewer: their sessions, which are in memory only, for five minutes after their last
/// beat. What is stored of shows' audiences is about nobody.
struct AudienceRecords: ViewerRecords {
    let ledger: AudienceLedger

    var part: String { "sessions" }

    func export(_ viewer: ViewerName) -> JSONValue? {
        let records = ledger.records(of: viewer.text, steadySeconds: AudienceBook.Moment.now.steady)
        guard !records.isEmpty else { return nil }
        return .list(
            records.map { record in
                [
                    "show": .text(record.show.text), "source": .text(record.source.rawValue),
                    "isReplay": .bool(record.isReplay), "secondsSinceLastBeat": .int(Int(record.silence)),
                    "playedMilliseconds": .int(record.played), "stalls": .int(record.stalls),
                    "stalledMilliseconds": .int(record.stalled),
                    "droppedFrames": .int(record.droppedFrames),
                ]
            })
    }

    func erase(_ viewer: ViewerName) -> Bool { ledger.forget(viewer.text) }
}
