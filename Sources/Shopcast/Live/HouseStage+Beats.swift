import API
import Audience
import Foundation
import HTTPTypes
import Media
import NIOCore
import Shows

// Beats of viewers' pages. Bound: beats a second from one address (`audience.beatsPerAddress`); policy: 429; counter:
// shopcast_beats_total.

extension HouseStage {
    var beatAtMost: Int { Beat.bytesAtMost }

    func hear(_ content: ByteBuffer, from arrival: Arrival) throws {
        let ledger = audience.ledger
        let seconds = Double(MonotonicTime.now.nanoseconds) / 1e9
        guard ledger.admits(from: arrival.address, steadySeconds: seconds) == .taken else {
            throw ProblemDocument(
                status: .tooManyRequests, detail: "too many beats come from this address",
                fields: [.retryAfter: "10"])
        }
        let beat: Beat
        do throws(BeatFault) {
            beat = try Beat(json: Data(content.readableBytesView))
        } catch {
            ledger.refusedMalformed()
            throw ProblemDocument(status: .badRequest, detail: error.description)
        }
        guard roster.index[beat.show]?.state.isAnnounced == true else {
            ledger.refusedUnknown()
            throw ProblemDocument(status: .notFound, detail: "there is no such show")
        }
        _ = ledger.hear(beat, from: arrival.address, country: country(arrival), at: .now)
    }

    private func country(_ arrival: Arrival) -> String? {
        guard arrival.hearsCountry, let countryField, let name = HTTPField.Name(countryField) else {
            return nil
        }
        return CountryHint.read(arrival.headers[name])
    }
}
