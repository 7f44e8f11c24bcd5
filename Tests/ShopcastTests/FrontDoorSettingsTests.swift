import Delivery
import Shopcast
import Testing

@Suite struct FrontDoorSettingsTests {
    @Test func defaultsTrustNobody() throws {
        let settings = try Settings(yaml: "", environment: [:])
        #expect(settings.http.trustedProxies.isEmpty && settings.http.publicURL == nil)
        #expect(settings.http.forwardedField == .xForwarded && settings.http.drainSeconds == 0)
        #expect(settings.audience.beatsPerAddress == 50 && settings.audience.keepDays == 400)
    }

    @Test func areRead() throws {
        let settings = try Settings(
            yaml: """
                http:
                  publicURL: HTTPS://Live.example:8443/
                  trustedProxies: [127.0.0.1, 10.0.0.0/8, "2001:db8::/32"]
                  forwardedField: forwarded
                  drainSeconds: 20
                """, environment: [:])
        #expect(settings.http.publicURL == "https://live.example:8443")
        #expect(
            settings.http.trustedProxies.map(\.description) == [
                "127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32",
            ])
        #expect(settings.http.forwardedField == .forwarded && settings.http.drainSeconds == 20)
        let other = try Settings(yaml: "", environment: ["SHOPCAST_HTTP_TRUSTED_PROXIES": "[192.0.2.1]"])
        #expect(other.http.trustedProxies.count == 1)
        let named = try Settings(yaml: "", environment: ["SHOPCAST_HTTP_PUBLIC_URL": "https://a.example"])
        #expect(named.http.publicURL == "https://a.example" && named.warnings.isEmpty)
    }

    @Test(arguments: [
        ("http: {publicURL: live.example}", "http.publicURL"),
        ("http: {publicURL: 'ftp://x'}", "http.publicURL"),
        ("http: {publicURL: 'https://x/path'}", "http.publicURL"),
        ("http: {publicURL: 'https://u:p@x'}", "http.publicURL"),
        ("http: {publicURL: 'https://x?y'}", "http.publicURL"),
        ("http: {publicURL: 'https://'}", "http.publicURL"),
        ("http: {trustedProxies: 10.0.0.1}", "no list"),
        ("http: {trustedProxies: [10.0.0.1/8]}", "10.0.0.1/8"),
        ("http: {trustedProxies: [proxy.example]}", "proxy.example"),
        ("http: {trustedProxies: [{a: 1}]}", "a list of texts"),
        ("http: {forwardedField: x-real-ip}", "x-forwarded, forwarded"),
        ("http: {drainSeconds: 301}", "0 to 300"),
        ("audience: {beatsPerAddress: 0}", "audience.beatsPerAddress"),
    ])
    func slipsAreNamed(_ yaml: String, _ words: String) {
        do {
            _ = try Settings(yaml: yaml, environment: [:])
            Issue.record("\(yaml) was taken")
        } catch {
            #expect(error.description.contains(words), "\(error)")
        }
    }

    @Test func aReloadNamesWhatChangesAndWhatWaits() {
        let old = """
            log: {level: info}
            http: {port: 8080, trustedProxies: [10.0.0.1]}
            shows: [{id: a, title: One, streamKey: secret-one}, {id: b, streamKey: secret-two}]
            """
        let new = """
            log: {level: debug}
            http: {port: 8081, trustedProxies: [10.0.0.1, 10.0.0.2]}
            limits: {feeds: 3}
            protection: {secrets: [{kid: x, secret: hush}]}
            shows: [{id: b, streamKey: secret-two}, {id: a, title: Two, streamKey: secret-one}]
            """
        let difference = SettingsDifference(from: old, to: new, environment: [:])
        #expect(
            difference.live == ["http.trustedProxies", "limits.feeds", "log.level", "protection.secrets"])
        #expect(difference.resting == ["http.port", "shows[a].title"])
        #expect(SettingsDifference(from: new, to: new, environment: [:]).isEmpty)
        let covered = SettingsDifference(from: old, to: new, environment: ["SHOPCAST_LOG_LEVEL": "error"])
        #expect(!covered.live.contains("log.level"))
    }
}
