import Foundation
import Ingest
import Logging
import Media

extension Settings {
    private static let presets = [
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
    ]

    /// Reads the file at `path` (none: the defaults) with `environment` over it.
    /// Throws `SettingsFault` with a sentence for the operator.
    package static func load(path: String?, environment: [String: String]) throws(SettingsFault) -> Settings {
        guard let path else { return try Settings(yaml: "", environment: environment) }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsFault(
                "the settings file '\(path)' cannot be read: check the path and its permissions")
        }
        guard data.count <= 1 << 20, let text = String(data: data, encoding: .utf8) else {
            throw SettingsFault("the settings file '\(path)' must be UTF-8 text of at most 1 MiB")
        }
        var settings = try Settings(yaml: text, environment: environment)
        settings.file = path
        return settings
    }

    package init(yaml: String, environment: [String: String]) throws(SettingsFault) {
        var reader = try SettingsReader(yaml: yaml, environment: environment)
        if let host = try reader.text("host") {
            http.host = host
            rtmp.host = host
            srt.host = host
        }
        http.host = try reader.text("http.host") ?? http.host
        http.port = try reader.whole("http.port", 0...65535) ?? http.port
        try readFrontDoor(&reader)
        https.port = try reader.whole("https.port", 0...65535) ?? https.port
        https.certificate = try reader.text("https.certificate")
        https.key = try reader.text("https.key")
        if (https.certificate == nil) != (https.key == nil) {
            let missing = https.certificate == nil ? "https.certificate" : "https.key"
            throw .bad(missing, read: "", allowed: "a PEM file: HTTPS needs both certificate and key")
        }
        rtmp.host = try reader.text("rtmp.host") ?? rtmp.host
        rtmp.port = try reader.whole("rtmp.port", 0...65535) ?? rtmp.port
        rtmps.port = try reader.whole("rtmps.port", 0...65535) ?? rtmps.port
        srt.isOn = try reader.flag("srt.enabled") ?? srt.isOn
        srt.host = try reader.text("srt.host") ?? srt.host
        srt.port = try reader.whole("srt.port", 0...65535) ?? srt.port
        srt.latency = try reader.whole("srt.latencyMilliseconds", 20...10_000) ?? srt.latency
        try readFeed(&reader)
        data = try reader.text("data") ?? data
        logFormat = try reader.choice("log.format", type(of: logFormat)) ?? logFormat
        logLevel = try reader.choice("log.level", Logger.Level.self) ?? logLevel
        metricsPublic = try reader.flag("metrics.public") ?? metricsPublic
        player = try reader.text("web.player")
        try readLadder(&reader)
        try readRecording(&reader)
        try readSteering(&reader)
        limits.connections = try reader.whole("limits.connections", 10...1_000_000) ?? limits.connections
        limits.feeds = try reader.whole("limits.feeds", 1...10_000) ?? limits.feeds
        limits.feedsPerAddress =
            try reader.whole("limits.feedsPerAddress", 1...10_000) ?? limits.feedsPerAddress
        try readPlayback(&reader)
        try readOutbound(&reader)
        try readChat(&reader)
        try readTranslation(&reader)
        try readSpeech(&reader)
        shows = try reader.list("shows", Settings.readShow) ?? []
        try refuseTwins()
        try refuseKeyless()
        try reader.refuseUnknown()
        warnings += reader.strangeVariables().map { "the environment variable \($0) names no setting" }
    }

    private mutating func readRecording(_ reader: inout SettingsReader) throws(SettingsFault) {
        window.dvrSeconds = try reader.whole("window.dvrSeconds", 0...604_800) ?? window.dvrSeconds
        guard window.dvrSeconds == 0 || window.dvrSeconds >= 12 else {
            throw .bad(
                "window.dvrSeconds", read: "\(window.dvrSeconds)",
                allowed: "12 to 604800 seconds, or 0 for the whole show")
        }
        recording.isOn = try reader.flag("recording.enabled") ?? recording.isOn
        recording.keepDays = try reader.whole("recording.keepDays", 0...36_500) ?? recording.keepDays
        recording.maximumGigabytes =
            try reader.number("recording.maximumGigabytes", 0.001...1_000_000) ?? recording.maximumGigabytes
        recording.minimumFreeMegabytes =
            try reader.whole("recording.minimumFreeMegabytes", 0...1_000_000)
            ?? recording.minimumFreeMegabytes
        recording.waitingMegabytes =
            try reader.whole("recording.waitingMegabytes", 1...65_536) ?? recording.waitingMegabytes
        recording.sweepSeconds =
            try reader.whole("recording.sweepSeconds", 1...3600) ?? recording.sweepSeconds
    }

    private mutating func readLadder(_ reader: inout SettingsReader) throws(SettingsFault) {
        let steps = try reader.list("ladder.steps") { (item) throws(SettingsFault) in
            guard let side = try item.whole("shortSide", 64...4320), side % 2 == 0 else {
                throw SettingsFault.bad(
                    "shortSide", read: "nothing or an odd number", allowed: "an even number of pixels")
            }
            guard let kilobits = try item.whole("kilobits", 50...50_000) else {
                throw SettingsFault.bad("kilobits", read: "", allowed: "kbit/s from 50 to 50000")
            }
            return Ladder.Step(shortSide: side, kilobits: kilobits)
        }
        if let steps {
            guard steps.count <= 8, Set(steps.map(\.shortSide)).count == steps.count else {
                throw .bad(
                    "ladder.steps", read: "\(steps.count) steps", allowed: "at most 8, each shortSide once")
            }
            ladder.steps = steps
        }
        ladder.maximumFrameRate =
            try reader.whole("ladder.maximumFrameRate", 10...60) ?? ladder.maximumFrameRate
        if let preset = try reader.text("ladder.preset") {
            guard Settings.presets.contains(preset) else {
                throw .bad("ladder.preset", read: preset, allowed: Settings.presets.joined(separator: ", "))
            }
            ladder.preset = preset
        }
        ladder.rateControl =
            try reader.choice("ladder.rateControl", type(of: ladder.rateControl)) ?? ladder.rateControl
        ladder.crf = try reader.number("ladder.crf", 10...40) ?? ladder.crf
        ladder.audio = try reader.choice("ladder.audio", type(of: ladder.audio)) ?? ladder.audio
        ladder.audioKilobits = try reader.whole("ladder.audioKilobits", 32...320) ?? ladder.audioKilobits
        ladder.sourceMaximumKilobits =
            try reader.whole("ladder.sourceMaximumKilobits", 100...100_000) ?? ladder.sourceMaximumKilobits
        ladder.admission = try reader.flag("ladder.admission") ?? ladder.admission
        ladder.governed = try reader.flag("ladder.governed") ?? ladder.governed
        ladder.recoverySeconds =
            try reader.whole("ladder.recoverySeconds", 1...600) ?? ladder.recoverySeconds
    }

    private mutating func readSteering(_ reader: inout SettingsReader) throws(SettingsFault) {
        steering.lifetime = try reader.whole("steering.lifetime", 10...86_400) ?? steering.lifetime
        let pathways = try reader.list("steering.pathways") { (item) throws(SettingsFault) in
            let id = try item.text("id") ?? ""
            guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy(Settings.isNameByte) else {
                throw SettingsFault.bad("id", read: id, allowed: "1 to 64 letters, digits, '.', '-' and '_'")
            }
            let host = try item.text("host")
            if let host,
                !(1...260).contains(host.utf8.count)
                    || !host.utf8.allSatisfy({ Settings.isNameByte($0) || ":[]".utf8.contains($0) })
            {
                throw SettingsFault.bad("host", read: host, allowed: "a host name, perhaps with :PORT")
            }
            return Steering.Pathway(id: id, host: host)
        }
        guard let pathways else { return }
        guard pathways.count <= 8, Set(pathways.map(\.id)).count == pathways.count,
            pathways.filter({ $0.host == nil }).count <= 1
        else {
            throw .bad(
                "steering.pathways", read: "\(pathways.count) pathways",
                allowed: "at most 8, each id once, one without a host")
        }
        steering.pathways = pathways
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func readShow(_ item: inout SettingsReader) throws(SettingsFault) -> Show {
        let text = try item.text("id") ?? ""
        guard let id = ShowID(text), !id.isPreview else {
            throw .bad(
                "id", read: text, allowed: "1 to 64 of a-z, 0-9, '-' and '_', starting with a letter or digit"
            )
        }
        let title = try item.text("title") ?? id.text
        guard (1...200).contains(title.count) else {
            throw .bad("title", read: "\(title.count) characters", allowed: "1 to 200 characters")
        }
        var show = Show(
            id: id, title: title,
            streamKey: try Settings.checked(try item.text("streamKey") ?? "", "streamKey"))
        if let backup = try item.text("backupKey") {
            show.backupKey = try Settings.checked(backup, "backupKey")
        }
        show.slate = try item.text("slate")
        show.profile = try item.choice("profile", Show.Profile.self) ?? show.profile
        show.source = try item.flag("source") ?? show.source
        show.language = try item.text("language")
        if let language = show.language {
            let parts = language.split(separator: "-", omittingEmptySubsequences: false)
            guard
                parts.allSatisfy({
                    (1...8).contains($0.count) && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
                }),
                (2...3).contains(parts[0].count)
            else {
                throw .bad("language", read: language, allowed: "a BCP 47 tag such as en, pt-BR or zh-Hans")
            }
        }
        show.srtPassphrase = try item.text("srtPassphrase")
        if let passphrase = show.srtPassphrase, !(10...79).contains(passphrase.utf8.count) {
            // Never repeated: it is a secret.
            throw .bad("srtPassphrase", read: "\(passphrase.utf8.count) bytes", allowed: "10 to 79 bytes")
        }
        show.protect = try readProtect(&item)
        show.rehearsal = try item.flag("rehearsal") ?? show.rehearsal
        show.restream = try readRestream(&item, of: show)
        show.captions = try readCaptions(&item)
        try show.readAnnouncement(&item)
        return show
    }

    /// A stream key, which is never repeated in a message: it is a secret.
    private static func checked(_ key: String, _ name: String) throws(SettingsFault) -> String {
        guard (8...200).contains(key.utf8.count),
            key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"/?&#%\\\"".utf8.contains($0) })
        else {
            throw .bad(
                name, read: "\(key.utf8.count) bytes",
                allowed: "8 to 200 ASCII characters without spaces, quotes and / ? & # % \\")
        }
        return key
    }

    private mutating func readFeed(_ reader: inout SettingsReader) throws(SettingsFault) {
        if let seconds = try reader.whole("feed.reconnectSeconds", 0...3600) {
            feed.reconnectWindow = .seconds(seconds)
        }
        if let milliseconds = try reader.whole("feed.frozenMilliseconds", 300...10_000) {
            feed.policy.frozen = .milliseconds(milliseconds)
        }
        feed.isObserved = try reader.flag("feed.observed") ?? feed.isObserved
        let seconds = try reader.whole("feed.returnSeconds", 0...3600) ?? 10
        let isAutomatic = try reader.flag("feed.returnByItself") ?? true
        feed.policy.comeback = isAutomatic ? .automatic(after: .seconds(seconds)) : .manual
    }

    private func refuseTwins() throws(SettingsFault) {
        var ids: Set<ShowID> = []
        var keys: Set<String> = []
        for show in shows {
            guard ids.insert(show.id).inserted else {
                throw .bad("shows", read: show.id.text, allowed: "each id once")
            }
            for key in [show.streamKey] + [show.backupKey].compactMap({ $0 }) {
                guard keys.insert(key).inserted else {
                    throw SettingsFault(
                        "setting 'shows': '\(show.id)' has a stream key twice, or that of another show; each needs its own"
                    )
                }
            }
        }
    }
}
