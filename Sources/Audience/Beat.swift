package import Foundation
package import Media

/// What the page's player tells of itself every ten seconds, checked.
///
/// Its counts run from the opening of the page, so a beat that is lost on its way loses nothing, and one that comes
/// twice adds nothing.
package struct Beat: Hashable, Sendable {
    package enum State: String, Codable, Hashable, Sendable, CaseIterable {
        case starting, playing, paused, waiting
        /// The feed is away.
        case away
        case failed
        /// The viewer has left: it counts no longer.
        case ended
    }

    /// Random per opening of a page; not kept, not stored.
    package var session: String
    package var show: ShowID
    /// Rises with each beat of a session, from 0.
    package var sequence: Int
    package var state: State
    package var isReplay = false
    package var rendition: RenditionName?
    /// Of the rendition, kbit/s.
    package var bitrate: Int?
    /// Milliseconds behind the live edge; nil where that is the viewer's own choice, or not known.
    package var latency: Int?
    /// Milliseconds from asking for the picture to the first one.
    package var join: Int?
    /// Milliseconds of moving pictures.
    package var played = 0
    package var stalls = 0
    /// Milliseconds that the picture stood still for want of data.
    package var stalled = 0
    package var droppedFrames = 0
    /// Why there is no first picture.
    package var failure: String?

    package init(session: String, show: ShowID, sequence: Int, state: State) {
        self.session = session
        self.show = show
        self.sequence = sequence
        self.state = state
    }
}

/// Why a beat is not taken, in one sentence.
package struct BeatFault: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension Beat {
    /// Bytes of a beat; a page sends some five hundred.
    package static let bytesAtMost = 2048
    private static let weekInMilliseconds = 604_800_000

    /// The JSON text as it is sent. Keys that are not known are passed over.
    private struct Wire: Decodable {
        var session: String
        var show: String
        var sequence: Int
        var state: String
        var replay: Bool?
        var rendition: String?
        var bitrate: Double?
        /// Seconds.
        var latency: Double?
        /// Seconds; told for the sake of whoever reads beats, and not counted.
        var position: Double?
        var joinMs: Double?
        var playedMs: Double?
        var stalls: Int?
        var stallMs: Double?
        var droppedFrames: Int?
        var failure: String?
        var cmcd: Object?

        /// CMCD version 1 as JSON: what is in the beat besides is not asked twice.
        struct Object: Decodable {
            var br: Double?
            var bl: Double?
            var bs: Bool?
            var mtp: Double?
            var rtp: Double?
            var tb: Double?
            var pr: Double?
            var sid: String?
            var cid: String?
            var sf: String?
            var st: String?
        }
    }

    /// Reads a beat from what anybody may have sent.
    package init(json bytes: some DataProtocol) throws(BeatFault) {
        guard bytes.count <= Beat.bytesAtMost else {
            throw BeatFault("a beat has at most \(Beat.bytesAtMost) bytes")
        }
        let wire: Wire
        do {
            wire = try JSONDecoder().decode(Wire.self, from: Data(bytes))
        } catch {
            throw BeatFault("this is not a beat: session, show, sequence and state are needed, as JSON")
        }
        guard (16...64).contains(wire.session.utf8.count),
            wire.session.utf8.allSatisfy({ Beat.isPlain($0) || $0 == UInt8(ascii: "-") })
        else { throw BeatFault("session is 16 to 64 letters, digits and '-'") }
        guard let show = ShowID(wire.show) else { throw BeatFault("show is not a name of a show") }
        guard (0...10_000_000).contains(wire.sequence) else { throw BeatFault("sequence is out of range") }
        guard let state = State(rawValue: wire.state) else {
            throw BeatFault("state is one of " + State.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self.init(session: wire.session, show: show, sequence: wire.sequence, state: state)
        isReplay = wire.replay ?? false
        if let name = wire.rendition {
            guard let name = RenditionName(ofBeat: name) else {
                throw BeatFault("rendition is source, audio, or a short side such as 720p")
            }
            rendition = name
        }
        bitrate = try Beat.whole(wire.bitrate ?? wire.cmcd?.br, "bitrate", 1...1_000_000)
        latency = try Beat.whole(wire.latency.map { $0 * 1000 }, "latency", 0...86_400_000)
        _ = try Beat.whole(wire.position, "position", -1...Int(Int32.max))
        join = try Beat.whole(wire.joinMs, "joinMs", 0...600_000)
        played = try Beat.whole(wire.playedMs, "playedMs", 0...Beat.weekInMilliseconds) ?? 0
        stalls = try Beat.whole(wire.stalls.map { Double($0) }, "stalls", 0...10_000_000) ?? 0
        stalled = try Beat.whole(wire.stallMs, "stallMs", 0...Beat.weekInMilliseconds) ?? 0
        droppedFrames =
            try Beat.whole(wire.droppedFrames.map { Double($0) }, "droppedFrames", 0...100_000_000) ?? 0
        if let text = wire.failure {
            guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ Beat.isPlain($0) || $0 == 0x20 })
            else { throw BeatFault("failure is 1 to 64 letters, digits and spaces") }
            failure = text
        }
        if let cmcd = wire.cmcd { try Beat.check(cmcd, of: self) }
    }

    private static func check(_ cmcd: Wire.Object, of beat: Beat) throws(BeatFault) {
        for (name, value) in [
            ("br", cmcd.br), ("bl", cmcd.bl), ("mtp", cmcd.mtp), ("rtp", cmcd.rtp), ("tb", cmcd.tb),
            ("pr", cmcd.pr),
        ] {
            _ = try whole(value, "cmcd.\(name)", 0...Int(Int32.max))
        }
        if let session = cmcd.sid, session != beat.session {
            throw BeatFault("cmcd.sid is not the session of the beat")
        }
        if let content = cmcd.cid, content != beat.show.text {
            throw BeatFault("cmcd.cid is not the show of the beat")
        }
        if let format = cmcd.sf, CMCD.Format(rawValue: format) == nil {
            throw BeatFault("cmcd.sf is unknown")
        }
        if let type = cmcd.st, CMCD.StreamType(rawValue: type) == nil {
            throw BeatFault("cmcd.st is unknown")
        }
    }

    private static func whole(
        _ value: Double?, _ name: String, _ range: ClosedRange<Int>
    ) throws(BeatFault) -> Int? {
        guard let value else { return nil }
        guard value.isFinite, value >= Double(range.lowerBound), value <= Double(range.upperBound) else {
            throw BeatFault("\(name) is out of range")
        }
        return Int(value.rounded())
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension RenditionName {
    /// `source`, `audio`, or two to four digits and `p`: nothing else becomes a label of a metric.
    package init?(ofBeat text: String) {
        let isSide =
            (3...5).contains(text.utf8.count) && text.utf8.last == UInt8(ascii: "p")
            && text.utf8.dropLast().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isSide || text == "source" || text == "audio" else { return nil }
        self.init(text)
    }
}
