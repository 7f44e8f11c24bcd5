import Ingest
import Media
import Shopcast
import Telemetry
import Testing

@Suite struct SettingsTests {
    private let show = "shows: [{id: demo, title: A show, streamKey: demo-key-1}]"

    @Test func defaultsNeedNoFile() throws {
        let settings = try Settings(yaml: "", environment: [:])
        #expect(settings.http.host == "127.0.0.1" && settings.http.port == 8080 && settings.rtmp.port == 1935)
        #expect(settings.https.port == 8443 && settings.https.certificate == nil)
        #expect(settings.ladder.steps == Ladder.standardSteps && settings.shows.isEmpty)
    }

    /// What has them is put into logs whole, by others too.
    @Test func printedTheyTellNoKeys() throws {
        struct Holder { let settings: Settings }
        let yaml = show + "\nprotection: {secrets: [{kid: one, secret: 0123456789abcdef0123456789abcdef}]}"
        let settings = try Settings(yaml: yaml, environment: [:])
        for text in [
            "\(settings)", "\(Holder(settings: settings))", String(reflecting: settings), "\(settings.shows)",
            "\(settings.playback)",
        ] {
            #expect(!text.contains("demo-key-1") && !text.contains("0123456789abcdef"), "\(text)")
        }
    }

    @Test func aShowMayAskForARehearsal() throws {
        #expect(try Settings(yaml: show, environment: [:]).shows.first?.rehearsal == false)
        let asks = "shows: [{id: demo, streamKey: demo-key-1, rehearsal: true}]"
        #expect(try Settings(yaml: asks, environment: [:]).shows.first?.rehearsal == true)
        let name = "preview-0123456789abcdef0123456789abcdef"
        #expect(throws: SettingsFault.self) {
            try Settings(yaml: "shows: [{id: \(name), streamKey: demo-key-1}]", environment: [:])
        }
    }

    @Test func fileIsReadAndEnvironmentLiesOverIt() throws {
        let yaml = """
            host: 0.0.0.0
            http: {port: 9000}
            rtmp: {host: 127.0.0.2}
            log: {format: json}
            ladder:
              steps: [{shortSide: 360, kilobits: 600}]
              maximumFrameRate: 60
            \(show)
            """
        let settings = try Settings(
            yaml: yaml,
            environment: ["SHOPCAST_HTTP_PORT": "9001", "SHOPCAST_LADDER_MAXIMUM_FRAME_RATE": "25"])
        #expect(settings.http.host == "0.0.0.0" && settings.rtmp.host == "127.0.0.2")
        #expect(settings.http.port == 9001 && settings.ladder.maximumFrameRate == 25)
        #expect(settings.ladder.steps == [Ladder.Step(shortSide: 360, kilobits: 600)])
        #expect(settings.shows.first?.title == "A show")
        #expect(settings.logFormat == .json)
    }

    @Test func listsComeFromTheEnvironmentToo() throws {
        let settings = try Settings(
            yaml: "",
            environment: ["SHOPCAST_SHOWS": "[{id: a, streamKey: aaaaaaaa}]", "SHOPCAST_LADDER_STEPS": "[]"])
        #expect(settings.shows.map(\.id.text) == ["a"] && settings.ladder.steps.isEmpty)
    }

    @Test(arguments: [
        ("http: {port: 70000}", "http.port", "70000"), ("http: {port: eighty}", "http.port", "eighty"),
        ("htp: {port: 1}", "htp.port", "unknown"), ("http: {prt: 1}", "http.prt", "did you mean 'http.port'"),
        ("log: {format: xml}", "log.format", "text, json"),
        ("metrics: {public: maybe}", "metrics.public", "true"),
        ("https: {certificate: a.pem}", "https.key", "both"),
        ("ladder: {preset: warp}", "ladder.preset", "superfast"),
        ("ladder: {steps: [{shortSide: 361, kilobits: 9}]}", "ladder.steps[0]", "even"),
        ("shows: [{id: Demo, streamKey: aaaaaaaa}]", "shows[0]", "Demo"),
        ("shows: [{id: demo, streamKey: short}]", "streamKey", "8 to 200"),
        ("shows: [{id: demo, streamKey: aaaaaaaa, colour: red}]", "colour", "unknown"),
        ("shows: [{id: a, streamKey: aaaaaaaa}, {id: a, streamKey: bbbbbbbb}]", "shows", "once"),
        ("shows: [{id: a, streamKey: aaaaaaaa}, {id: b, streamKey: aaaaaaaa}]", "shows", "its own"),
        ("steering: {pathways: [{id: 'a b'}]}", "steering.pathways[0]", "letters"),
        ("steering: {pathways: [{id: a, host: 'x/y'}]}", "steering.pathways[0]", "host name"),
        ("steering: {pathways: [{id: a}, {id: b}]}", "steering.pathways", "one without a host"),
        ("steering: {lifetime: 5}", "steering.lifetime", "10"), ("shows: 5", "shows", "a list"),
        ("[1, 2]", "settings file", "keys"),
        ("a: [", "settings file", "YAML"),
        ("window: {dvrSeconds: 5}", "window.dvrSeconds", "12"),
        ("recording: {keepDays: -1}", "recording.keepDays", "0"), ("http: {port: [1]}", "http.port", "list"),
    ])
    func faultsNameTheKeyAndWhatIsAllowed(yaml: String, key: String, hint: String) {
        let fault = #expect(throws: SettingsFault.self) { try Settings(yaml: yaml, environment: [:]) }
        #expect(fault?.description.contains(key) == true, "\(fault?.description ?? "")")
        #expect(fault?.description.contains(hint) == true, "\(fault?.description ?? "")")
    }

    @Test func steeringIsOptIn() throws {
        #expect(try Settings(yaml: "", environment: [:]).steering.pathways.isEmpty)
        let settings = try Settings(
            yaml: "steering: {lifetime: 60, pathways: [{id: edge, host: 'cdn.example:8443'}, {id: origin}]}",
            environment: [:])
        #expect(
            settings.steering.lifetime == 60 && settings.steering.pathways.map(\.id) == ["edge", "origin"])
        #expect(settings.steering.pathways.map(\.host) == ["cdn.example:8443", nil])
    }

    @Test func sectionsMayBeEmpty() throws {
        #expect(try Settings(yaml: "web:\nhttp:\n  # port: 1\n", environment: [:]).http.port == 8080)
        #expect(throws: SettingsFault.self) { try Settings(yaml: "wep:", environment: [:]) }
    }

    @Test func secretsStayOutOfFaults() {
        let yaml = "shows: [{id: a, streamKey: 'very secret/key'}]"
        let fault = #expect(throws: SettingsFault.self) { try Settings(yaml: yaml, environment: [:]) }
        #expect(fault?.description.contains("very secret") == false)
    }

    @Test func strangeVariablesAreToldNotRefused() throws {
        let settings = try Settings(yaml: "", environment: ["SHOPCAST_HTP_PORT": "1", "PATH": "/bin"])
        #expect(settings.warnings.count == 1 && settings.warnings[0].contains("SHOPCAST_HTP_PORT"))
    }

    @Test func hostsHaveThreePorts() throws {
        let plain = try Settings(yaml: "", environment: [:])
        #expect(
            plain.rtmps.port == 1936 && plain.srt.port == 8890 && plain.srt.latency == 500 && plain.srt.isOn)
        #expect(try !Settings(yaml: "srt: {enabled: false}", environment: [:]).srt.isOn)
        let settings = try Settings(
            yaml: """
                host: 0.0.0.0
                srt: {port: 9000, latencyMilliseconds: 1200}
                rtmps: {port: 443}
                shows: [{id: a, streamKey: 12345678, srtPassphrase: ten letters and more}]
                """, environment: [:])
        #expect(settings.srt.host == "0.0.0.0" && settings.srt.port == 9000 && settings.srt.latency == 1200)
        #expect(settings.rtmps.port == 443 && settings.warnings.isEmpty)
        #expect(settings.shows[0].srtPassphrase == "ten letters and more")
    }

    @Test func feedsThatGoAway() throws {
        let plain = try Settings(yaml: "", environment: [:])
        #expect(plain.feed.reconnectWindow == .seconds(60) && plain.feed.isObserved)
        #expect(plain.feed.policy == FeedSwitch.Policy())
        let settings = try Settings(
            yaml: """
                feed: {reconnectSeconds: 0, frozenMilliseconds: 700, returnByItself: false, observed: false}
                shows: [{id: a, streamKey: 12345678, backupKey: 123456789, slate: soon.png}]
                """, environment: [:])
        #expect(settings.feed.reconnectWindow == .zero && !settings.feed.isObserved)
        #expect(
            settings.feed.policy.comeback == .manual && settings.feed.policy.frozen == .milliseconds(700))
        #expect(settings.shows[0].backupKey == "123456789" && settings.shows[0].slate == "soon.png")
        let twice = "shows: [{id: a, streamKey: 12345678, backupKey: 12345678}]"
        let fault = #expect(throws: SettingsFault.self) { try Settings(yaml: twice, environment: [:]) }
        #expect(
            fault?.description.contains("twice") == true && fault?.description.contains("12345678") == false)
        #expect(throws: SettingsFault.self) {
            try Settings(yaml: "feed: {reconnectSeconds: 90000}", environment: [:])
        }
    }

    @Test func aPassphraseThatSRTDoesNotTakeIsRefusedUnsaid() {
        let yaml = "shows: [{id: a, streamKey: 12345678, srtPassphrase: tooshort}]"
        let fault = #expect(throws: SettingsFault.self) { try Settings(yaml: yaml, environment: [:]) }
        #expect(fault?.description.contains("srtPassphrase") == true)
        #expect(fault?.description.contains("tooshort") == false)
    }

    private let secret = "secret: 0123456789abcdef0123456789abcdef"

    @Test func protectionIsRead() throws {
        let settings = try Settings(
            yaml: """
                protection:
                  secrets: [{kid: "2026-11", \(secret)}, {kid: old, \(secret)}]
                  jwks: keys.json
                  edgeSecret: sixteen-or-more-
                  countryField: CF-IPCountry
                shows:
                  - {id: a, streamKey: aaaaaaaa, protect: {tokens: true, encrypt: aes-128, keyMinutes: 5}}
                  - {id: b, streamKey: bbbbbbbb}
                """, environment: [:])
        #expect(settings.playback.secrets.map(\.kid) == ["2026-11", "old"])
        #expect(settings.playback.jwks == "keys.json" && settings.playback.countryField == "cf-ipcountry")
        #expect(settings.playback.edgeSecret == "sixteen-or-more-")
        #expect(
            settings.shows.map(\.protect) == [
                .init(tokens: true, encrypt: .aes128, keyMinutes: 5), .init(),
            ])
    }

    @Test func protectionThatCannotHoldIsRefused() {
        let keys = "protection: {secrets: [{kid: a, \(secret)}]}\n"
        func show(_ protect: String) -> String {
            "shows: [{id: a, streamKey: aaaaaaaa, protect: {\(protect)}}]\n"
        }
        for (yaml, named) in [
            (show("tokens: true"), "no keys"), (show("encrypt: aes-128"), "protect.encrypt"),
            (keys + show("tokens: true, encrypt: aes-256"), "protect.encrypt"),
            (keys + show("tokens: true, keyMinutes: 0"), "protect.keyMinutes"),
            (keys + show("token: true"), "protect.token"),
            ("protection: {secrets: [{kid: a, secret: short}]}", "5 bytes"),
            ("protection: {secrets: [{kid: 'a b', \(secret)}]}", "kid"),
            ("protection: {edgeSecret: short}", "protection.edgeSecret"),
            ("protection: {countryField: 'a b'}", "protection.countryField"),
        ] {
            do {
                _ = try Settings(yaml: yaml, environment: [:])
                Issue.record("\(yaml) was taken")
            } catch {
                #expect(error.description.contains(named), "\(error)")
                #expect(!error.description.contains("0123456789abcdef"))
            }
        }
    }
}
