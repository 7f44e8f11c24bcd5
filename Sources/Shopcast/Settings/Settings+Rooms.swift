import Codecs
import Delivery
import Media
import Packaging
import Preflight
import Shows
import Transcode

// How the operator's settings become those of the rooms.

extension TranscodeSettings {
    init(show: ShowPlan, ladder: Settings.LadderSettings) {
        self.init()
        steps = show.steps(of: ladder)
        source = show.source ? .auto : .never
        slate = show.slate
        maximumFrameRate = ladder.maximumFrameRate
        latency =
            switch show.profile {
            case .low: .low
            case .balanced: .balanced
            case .quality: .quality
            }
        rateControl = ladder.rateControl == .crf ? .cappedQuality(ladder.crf) : .average
        preset = ladder.preset
        audio =
            switch ladder.audio {
            case .auto: .auto
            case .encode: .encode
            case .copy: .copy
            }
        audioKilobits = ladder.audioKilobits
        fitness.maximumKilobits = ladder.sourceMaximumKilobits
        admits = ladder.admission
        var limits = OverloadGovernor.Limits()
        limits.hold = .seconds(ladder.recoverySeconds)
        limits.longestHold = max(limits.longestHold, limits.hold)
        governing = ladder.governed ? .byLoad(limits) : .off
    }
}

extension PreflightRules {
    init(show: ShowPlan, ladder: Settings.LadderSettings) {
        self.init()
        keyframeLimit = SourceFitness().maximumKeyFrameInterval
        maximumKilobits = ladder.sourceMaximumKilobits
        maximumFrameRate = ladder.maximumFrameRate
        isLowLatency = show.profile == .low
    }
}

extension DeliverySettings {
    init(_ settings: Settings) {
        var tls: TLS?
        if let certificate = settings.https.certificate, let key = settings.https.key {
            tls = TLS(
                address: Address(host: settings.http.host, port: settings.https.port),
                certificate: certificate,
                key: key)
        }
        self.init(http: Address(host: settings.http.host, port: settings.http.port), https: tls)
        limits.connections = settings.limits.connections
        limits.lines = settings.lines
    }
}

extension WindowSettings {
    init(_ settings: Settings, show: ShowPlan) {
        // The whole show: longer than any.
        let seconds = settings.window.dvrSeconds == 0 ? 1 << 30 : settings.window.dvrSeconds
        self.init(span: MediaTime(milliseconds: Int64(seconds) * 1000), language: show.language)
        guard !settings.steering.pathways.isEmpty else { return }
        steering = SteeringSettings(
            pathways: settings.steering.pathways.map { .init(id: $0.id, host: $0.host) },
            lifetime: settings.steering.lifetime)
    }

    /// With the encryption that a show asks for.
    func protected(as protect: Settings.Protect) -> WindowSettings {
        var settings = self
        if protect.encrypt == .aes128 {
            settings.segmentsPerKey = UInt64(max(1, protect.keyMinutes * 60 / targetSeconds))
            // It is kept in memory only.
            settings.span = min(span, MediaTime(milliseconds: 60_000))
        }
        return settings
    }
}
