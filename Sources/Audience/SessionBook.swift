package import Media

/// What a beat adds to what its session has told before.
package struct BeatGain: Hashable, Sendable {
    package var isNew = false
    package var isReplay = false
    package var hasFailed = false
    package var played = 0
    package var stalls = 0
    package var stalled = 0
    package var droppedFrames = 0
    package var bitrate: Int?
    package var join: Int?
    package var latency: Int?
    package var rendition: String?
    package var country: String?
}

/// Everybody who watches, by what their players tell. Pure: time comes as an argument, in seconds of a steady clock.
///
/// A session counts for `life` seconds since its last beat. Bound: `most` sessions; policy: newcomers are not counted
/// (`Answer.full`); counter: whoever asks counts the answers.
package struct SessionBook: Sendable {
    package enum Answer: Hashable, Sendable {
        case gained(BeatGain)
        /// Older than what the session has told already, or the same again.
        case stale
        case full
    }

    /// By which way viewers are known.
    package enum Source: String, Hashable, Sendable, CaseIterable {
        case beats, cmcd
    }

    package struct Count: Hashable, Sendable {
        package var beats = 0
        package var cmcd = 0
        /// Who watches the recording.
        package var replay = 0

        package var live: Int { beats + cmcd }

        package init() {}
    }

    private struct Session {
        var show: ShowID
        var source: Source
        var isReplay: Bool
        var hasLeft = false
        var hasJoined: Bool
        var hasFailed = false
        var seen: Int64
        var sequence: Int
        var played: Int
        var stalls: Int
        var stalled: Int
        var droppedFrames: Int
    }

    /// Seconds for which a session counts since its last beat: three beats.
    package static let life: Int64 = 30
    /// Seconds after which a session that is heard of no more is forgotten, so that one that comes back is not new.
    static let memory: Int64 = 300

    private var sessions: [UInt64: Session] = [:]
    private let most: Int

    package init(most: Int = 200_000) {
        self.most = max(1, most)
    }

    package var count: Int { sessions.count }

    /// What is known of one session. Nothing more is, and nothing of it is kept for longer than `memory` seconds after the
    /// last beat.
    package struct Record: Hashable, Sendable {
        package var show: ShowID
        package var source: Source
        package var isReplay: Bool
        /// Seconds since it was heard of last.
        package var silence: Int64
        /// Milliseconds.
        package var played: Int
        package var stalls: Int
        /// Milliseconds.
        package var stalled: Int
        package var droppedFrames: Int
    }

    /// The shows that sessions are of.
    package var shows: Set<ShowID> { Set(sessions.values.lazy.map(\.show)) }

    package func record(of session: UInt64, at second: Int64) -> Record? {
        sessions[session].map {
            Record(
                show: $0.show, source: $0.source, isReplay: $0.isReplay, silence: second - $0.seen,
                played: $0.played, stalls: $0.stalls, stalled: $0.stalled, droppedFrames: $0.droppedFrames)
        }
    }

    /// False where it is not known.
    package mutating func forget(_ session: UInt64) -> Bool { sessions.removeValue(forKey: session) != nil }

    /// Notes a beat; `session` is its name as a number that nobody outside can choose.
    package mutating func note(_ beat: Beat, session: UInt64, country: String?, at second: Int64) -> Answer {
        var gain = BeatGain()
        gain.isReplay = beat.isReplay
        gain.country = country
        gain.rendition = beat.rendition?.text
        guard var known = sessions[session], known.show == beat.show else {
            guard beat.state != .ended else { return .stale }
            guard sessions.count < most else { return .full }
            // One that is not new and not known either was here before the server's start: what it has told by now is
            // what it goes on from.
            gain.isNew = beat.sequence == 0
            let isFresh = gain.isNew
            sessions[session] = Session(
                show: beat.show, source: .beats, isReplay: beat.isReplay,
                hasJoined: beat.join != nil, seen: second, sequence: beat.sequence, played: beat.played,
                stalls: beat.stalls, stalled: beat.stalled, droppedFrames: beat.droppedFrames)
            if isFresh {
                gain.join = beat.join
                gain.hasFailed = beat.failure != nil
                sessions[session]?.hasFailed = gain.hasFailed
                gain.latency = latency(of: beat)
            }
            return .gained(gain)
        }
        guard beat.sequence > known.sequence else { return .stale }
        let time = Int(min(max(second - known.seen, 0), SessionBook.memory))
        gain.played = grown(from: known.played, to: beat.played, atMost: time * 1200 + 2000)
        gain.stalled = grown(from: known.stalled, to: beat.stalled, atMost: time * 1000 + 2000)
        gain.stalls = grown(from: known.stalls, to: beat.stalls, atMost: time * 5 + 5)
        gain.droppedFrames = grown(
            from: known.droppedFrames, to: beat.droppedFrames, atMost: time * 120 + 240)
        gain.bitrate = beat.bitrate
        gain.latency = latency(of: beat)
        if !known.hasJoined {
            gain.join = beat.join
            gain.hasFailed = beat.join == nil && beat.failure != nil && !known.hasFailed
        }
        known.hasJoined = known.hasJoined || beat.join != nil
        known.hasFailed = known.hasFailed || gain.hasFailed
        known.isReplay = beat.isReplay
        known.hasLeft = beat.state == .ended
        known.seen = second
        known.sequence = beat.sequence
        known.played = beat.played
        known.stalls = beat.stalls
        known.stalled = beat.stalled
        known.droppedFrames = beat.droppedFrames
        sessions[session] = known
        return .gained(gain)
    }

    /// Notes what a player said beside a media request.
    package mutating func note(
        _ data: CMCD, of report: CMCDReport, session: UInt64, at second: Int64
    ) -> Answer {
        var gain = BeatGain()
        gain.isReplay = report.isReplay
        gain.country = report.country
        gain.rendition = report.rendition?.text
        var known = sessions[session]
        if known?.show != report.show || second - (known?.seen ?? 0) > SessionBook.life { known = nil }
        gain.isNew = known == nil
        if known == nil, sessions[session] == nil, sessions.count >= most { return .full }
        let starved = data.isStarved ? 1 : 0
        // Of pictures only: their sound is asked for beside them.
        let isPicture = report.isMedia && (data.objectType == .video || data.objectType == .muxed)
        if isPicture {
            gain.played = min(data.objectDuration ?? 0, 20_000)
            gain.bitrate = data.encodedBitrate.map { min($0, 1_000_000) }
        }
        // A player that starves says so beside each request until it does no more.
        gain.stalls = known.map { $0.stalls == 0 } ?? !data.isStarting ? starved : 0
        sessions[session] = Session(
            show: report.show, source: .cmcd, isReplay: report.isReplay, hasJoined: true, seen: second,
            sequence: 0, played: 0, stalls: isPicture ? starved : max(starved, known?.stalls ?? 0),
            stalled: 0, droppedFrames: 0)
        return .gained(gain)
    }

    /// Counts who is here, and forgets who has been away for long. Looks at everybody.
    package mutating func counts(at second: Int64) -> [ShowID: Count] {
        var counts: [ShowID: Count] = [:]
        var gone: [UInt64] = []
        for (key, session) in sessions {
            let age = second - session.seen
            if age > SessionBook.memory || age > SessionBook.life && session.source == .cmcd {
                gone.append(key)
            } else if age <= SessionBook.life, !session.hasLeft {
                if session.isReplay {
                    counts[session.show, default: Count()].replay += 1
                } else if session.source == .cmcd {
                    counts[session.show, default: Count()].cmcd += 1
                } else {
                    counts[session.show, default: Count()].beats += 1
                }
            }
        }
        for key in gone { sessions[key] = nil }
        return counts
    }

    /// A player that counts anew is taken at its word from here on.
    private func grown(from old: Int, to new: Int, atMost most: Int) -> Int {
        new > old ? min(new - old, most) : 0
    }

    /// Only of a picture that moves at the live edge.
    private func latency(of beat: Beat) -> Int? {
        beat.state == .playing && !beat.isReplay ? beat.latency : nil
    }
}

/// What stood beside a media request, as it came.
package struct CMCDReport: Hashable, Sendable {
    package var show: ShowID
    package var rendition: RenditionName?
    package var isReplay: Bool
    /// Of a segment or part, not of a playlist.
    package var isMedia: Bool
    /// From a query, percent-encoded; or else from header fields.
    package var isEncoded: Bool
    package var text: String
    /// What tells the viewer from others where the data has no session.
    package var viewer: UInt64
    package var country: String?

    package init(
        show: ShowID, rendition: RenditionName?, isReplay: Bool, isMedia: Bool, isEncoded: Bool, text: String,
        viewer: UInt64, country: String?
    ) {
        self.show = show
        self.rendition = rendition
        self.isReplay = isReplay
        self.isMedia = isMedia
        self.isEncoded = isEncoded
        self.text = text
        self.viewer = viewer
        self.country = country
    }
}
