import Foundation
import Ingest
import Media
import Preflight
import Restream
import Shows
import Transcode

/// What `GET /api/v1/shows/SHOW/feed` answers: how a show and its feed stand, for its host.
struct FeedDocument: Encodable, Sendable {
    struct Feed: Encodable, Sendable {
        let `protocol`: String
        let connectedSince: String
        /// `off`: nobody looks at it, `starting`: it is too early to tell, `on`: what is not found is well.
        let observed: String
        @Nullable var encoder: String?
        @Nullable var video: Video?
        @Nullable var audio: Audio?
        let bitrate: Bitrate
        @Nullable var levels: Levels?
        @Nullable var srt: Line?
        /// Events of the feed that the observer had no room for.
        let unobserved: Int
    }

    struct Video: Encodable, Sendable {
        let codec: String
        let width: Int
        let height: Int
        @Nullable var framesPerSecond: Double?
        @Nullable var keyframeIntervalSeconds: Double?
        let bFrames: Bool
        let latenessSeconds: Double
    }

    struct Audio: Encodable, Sendable {
        let codec: String
        let sampleRate: Int
        let channels: Int
    }

    struct Bitrate: Encodable, Sendable {
        /// Of the last whole second.
        @Nullable var kilobits: Int?
        /// Each second of the last minute, oldest first.
        let kilobitsPerSecond: [Int]
    }

    struct Levels: Encodable, Sendable {
        /// dBFS, left and right.
        let peak: [Double]
        /// LUFS of the last 400 ms, 3 s, and of all.
        let momentary: Double
        let shortTerm: Double
        let integrated: Double
    }

    struct Line: Encodable, Sendable {
        let roundTripMilliseconds: Double
        let received: Int
        let lost: Int
        let retransmitted: Int
        let dropped: Int
        let bufferMilliseconds: Int
    }

    struct Told: Encodable, Sendable {
        let code: String
        let severity: String
        let title: String
        let fix: String
        let since: String
    }

    struct Rendition: Encodable, Sendable {
        let name: String
        @Nullable var width: Int?
        @Nullable var height: Int?
        @Nullable var framesPerSecond: Double?
        let kilobits: Int
        let isPassthrough: Bool
        /// Switched off for now, because this machine is overloaded.
        var isShed = false
        /// At half its frame rate for now.
        var isHalved = false
    }

    /// What the show does without because this machine is overloaded.
    struct Overload: Encodable {
        /// Steps that were taken, of those that there are.
        let level: Int
        let levels: Int
        let lessEffort: Bool
        let halved: [String]
        let shed: [String]
        let keyPicturesOnly: Bool
        let since: String
    }

    /// Where the stream is sent on to.
    struct Target: Encodable {
        let name: String
        let host: String
        /// `idle`, `connecting`, `connected`, `slow`, `retrying`.
        let state: String
        @Nullable var since: String?
        @Nullable var trouble: Trouble?
        /// Seconds until it is called again.
        @Nullable var retrySeconds: Double?
        let sentBytes: Int
        /// Pictures and frames of sound that it did not get since it was too slow.
        let dropped: Int
    }

    struct Trouble: Encodable {
        let code: String
        let title: String
        let fix: String
    }

    let id: String
    let title: String
    let state: String
    let isPaused: Bool
    /// A feed begins a rehearsal, not the show.
    let rehearsesFirst: Bool
    let viewers: Int
    @Nullable var feed: Feed?
    @Nullable var overload: Overload?
    let findings: [Told]
    let renditions: [Rendition]
    /// Why the host's own picture is not passed through, in plain words.
    let unfit: [String]
    let restream: [Target]
}

extension FeedDocument {
    /// Reads everything that there is to tell of `show` now; findings are told in `language` where they can be.
    init(
        _ show: LiveShow, viewers: Int, in language: LanguageTag = .english, now: MonotonicTime = .now,
        date: Date = .now
    ) {
        let summary = show.summary
        let (session, plan) = show.onAir
        func text(_ time: MonotonicTime) -> String {
            let (seconds, attoseconds) = (now - time).components
            return (date - (Double(seconds) + Double(attoseconds) * 1e-18)).formatted(
                .iso8601.year().month().day().time(includingFractionalSeconds: false).timeZone(
                    separator: .omitted))
        }
        let report = session?.observer.report
        id = summary.id.text
        title = summary.title
        state = summary.state.rawValue
        isPaused = summary.isPaused
        rehearsesFirst = show.settings.rehearsal
        self.viewers = viewers
        feed = session.flatMap { session in
            report.map { Feed(session, $0, since: text(session.began)) }
        }
        let burden = show.relief
        overload = burden.map { .init($0.relief, since: text($0.since)) }
        var found = report?.findings ?? []
        if let own = burden.map({ $0.relief.finding(since: $0.since) }) {
            found.insert(own, at: found.firstIndex { $0.severity < own.severity } ?? found.endIndex)
        }
        findings = found.map {
            let words = $0.words(in: language)
            return Told(
                code: $0.code.rawValue, severity: $0.severity.rawValue, title: words.title, fix: words.fix,
                since: text($0.since))
        }
        renditions = (plan?.renditions ?? []).map { rendition in
            var told = Rendition(rendition)
            told.isShed = burden?.relief.shed.contains(rendition.name) == true
            told.isHalved = burden?.relief.halved.contains(rendition.name) == true
            return told
        }
        unfit = plan?.unfitReasons ?? []
        restream = (show.relay?.reports(now: now) ?? []).map { target in
            Target(
                name: target.name, host: target.host, state: target.state.rawValue,
                since: target.since.map(text),
                trouble: target.trouble.map { .init(code: $0.code, title: $0.title, fix: $0.fix) },
                retrySeconds: target.pause.map { rounded($0 / .seconds(1), 10) },
                sentBytes: target.bytes, dropped: target.dropped)
        }
    }
}

extension FeedDocument.Feed {
    init(_ session: FeedSession, _ report: FeedReport, since: String) {
        self.protocol = session.transport
        connectedSince = since
        observed = report.observed.rawValue
        encoder = report.encoder
        video = report.video.map {
            .init(
                codec: $0.codec, width: $0.width, height: $0.height,
                framesPerSecond: $0.framesPerSecond.map { rounded($0, 1000) },
                keyframeIntervalSeconds: $0.keyframeInterval.map { rounded($0, 1000) },
                bFrames: $0.hasBFrames,
                latenessSeconds: rounded($0.lateness, 1000))
        }
        audio = report.audio.map { .init(codec: $0.codec, sampleRate: $0.sampleRate, channels: $0.channels) }
        bitrate = .init(kilobits: report.kilobits.last, kilobitsPerSecond: report.kilobits)
        levels = report.levels.map { levels in
            .init(
                // JSON has no infinity; of what is no number `max` keeps its first argument.
                peak: [levels.left, levels.right].map {
                    rounded(min(40, max(-120, 20 * log10(Double($0) + 1e-6))), 10)
                },
                momentary: rounded(levels.momentary, 10), shortTerm: rounded(levels.shortTerm, 10),
                integrated: rounded(levels.integrated, 10))
        }
        srt = session.line.map {
            .init(
                roundTripMilliseconds: rounded($0.roundTrip, 100), received: $0.received, lost: $0.lost,
                retransmitted: $0.retransmitted, dropped: $0.dropped, bufferMilliseconds: $0.buffered)
        }
        unobserved = report.dropped
    }
}

extension FeedDocument.Rendition {
    init(_ rendition: RunPlan.Rendition) {
        name = rendition.name.text
        kilobits = rendition.peakBitsPerSecond / 1000
        isPassthrough = rendition.isPassthrough
        switch rendition.kind {
        case .video(let width, let height, let rate):
            self.width = width
            self.height = height
            framesPerSecond = rounded(rate.framesPerSecond, 1000)
        case .audio, .text:
            (width, height, framesPerSecond) = (nil, nil, nil)
        }
    }
}

/// Written as null where there is nothing, so that whoever reads finds every member.
@propertyWrapper
struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

/// To so many parts of one: what is measured is not known to the last digit.
private func rounded(_ value: Double, _ parts: Double) -> Double { (value * parts).rounded() / parts }
