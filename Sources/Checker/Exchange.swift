package import Media
package import NIOCore

/// What is asked for, and for which reason: some rules hold for some answers only.
package struct FetchRequest: Sendable {
    package enum Purpose: String, Sendable {
        case multivariant
        /// A media playlist, without directives.
        case playlist
        /// With `_HLS_msn`.
        case blockingPlaylist
        /// With `_HLS_skip`.
        case delta
        /// Directives whose answer is looked at by a rule of its own.
        case probe
        case initSection
        case part
        case hintedPart
        case segment
        /// A part or segment that has left the playlist.
        case removed
        case steering

        var isPlaylist: Bool {
            switch self {
            case .multivariant, .playlist, .blockingPlaylist, .delta: true
            default: false
            }
        }

        var isMedia: Bool {
            switch self {
            case .initSection, .part, .hintedPart, .segment: true
            default: false
            }
        }
    }

    package let url: String
    package let purpose: Purpose
    /// The stretch that is wanted; nil is all of it.
    package let range: Range<Int>?

    package init(_ url: String, for purpose: Purpose, range: Range<Int>? = nil) {
        self.url = url
        self.purpose = purpose
        self.range = range
    }
}

/// An answer, or why there was none.
package struct Exchange: Sendable {
    package let request: FetchRequest
    /// 0 where no answer came.
    package var status = 0
    package var isHTTP2 = false
    /// Names in lower case.
    package var headers: [(name: String, value: String)] = []
    /// Without its content coding.
    package var body = ByteBuffer()
    /// As it was sent, in bytes.
    package var wireSize = 0
    package var sent: MonotonicTime
    /// When the head of the answer came.
    package var headed: MonotonicTime
    /// When the first and the last byte of the body came.
    package var begun: MonotonicTime
    package var finished: MonotonicTime
    /// The addresses that were asked before the one that answered.
    package var redirects: [String] = []
    /// Why there is no answer, or not all of it.
    package var trouble: String?

    package init(_ request: FetchRequest, sent: MonotonicTime) {
        self.request = request
        self.sent = sent
        headed = sent
        begun = sent
        finished = sent
    }

    package var url: String { request.url }

    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// All of it came, and it is what was asked for.
    var isGood: Bool { trouble == nil && (status == 200 || status == 206) }

    /// `404`, or why there is no answer.
    var outcome: String { trouble ?? "the answer is \(status)" }

    /// Until the head came.
    var held: Double { (headed - sent).inSeconds }

    /// How long the body took.
    var bodyTime: Double { (finished - begun).inSeconds }

    /// Seconds of `max-age` in Cache-Control; nil where there is none.
    var maxAge: Double? {
        guard let control = header("cache-control") else { return nil }
        for field in control.split(separator: ",").map(\.trimmingBlanks) where field.hasPrefix("max-age=") {
            return Numeral(String(field.dropFirst(8)))?.value
        }
        return nil
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// Whoever gets answers: over the network, or from a script in tests.
///
/// Time goes through it, so that a script can have its own: every task of the survey carries its own present, hands it
/// in, and takes the answer's `finished` for the next one. A network's fetcher does not look at what is handed in.
package protocol Fetcher: Sendable {
    /// Answers take no real time: whatever would run beside is done in turn, so that nothing depends on scheduling.
    var isScripted: Bool { get }

    func now() -> MonotonicTime

    /// Never throws: trouble is in the exchange.
    func fetch(_ request: FetchRequest, at present: MonotonicTime) async -> Exchange

    /// Gives the time when it returns; less than `instant` only where the task was cancelled.
    func wait(until instant: MonotonicTime) async -> MonotonicTime
}

/// What must be known of a presentation to judge a single answer.
struct AnswerScene {
    let isSecure: Bool
    /// Seconds; 2 where nothing is known.
    var targetDuration: Double?
    /// The playlist has its end mark.
    var isEnded = false
}
