import Hooks
import Outbound
import Shopcast
import Testing

@Suite struct OutboundSettingsTests {
    @Test func nothingPrivateIsReachedByDefault() throws {
        let settings = try Settings(yaml: "", environment: [:])
        #expect(settings.outbound.policy == AddressPolicy() && settings.outbound.trust == nil)
        #expect(settings.outbound.agent.hasPrefix("Shopcast/"))
        #expect(settings.webhooks == HookSettings())
    }

    @Test func hostsAddressesAndBlocksAreAllowed() throws {
        let settings = try Settings(
            yaml: """
                outbound: {allow: [shop.internal, 10.20.0.0/16, "::1"], certificates: ca.pem, requests: 64}
                webhooks: {deadlineSeconds: 5, attempts: 3, parallel: 4, waiting: 200, keepDays: 2}
                """, environment: [:])
        let policy = settings.outbound.policy
        #expect(policy.refusal(of: try #require(IPAddress("10.20.1.1")), host: nil) == nil)
        #expect(policy.refusal(of: try #require(IPAddress("10.21.1.1")), host: "shop.internal") == nil)
        #expect(policy.refusal(of: try #require(IPAddress("10.21.1.1")), host: nil) == .privateUse)
        #expect(policy.refusal(of: try #require(IPAddress("::1")), host: nil) == nil)
        #expect(settings.outbound.trust == "ca.pem" && settings.outbound.requests == 64)
        let webhooks = settings.webhooks
        #expect(webhooks.deadline == .seconds(5) && webhooks.backoff.attempts == 3 && webhooks.parallel == 4)
        #expect(webhooks.waitingLimit == 200 && webhooks.keepDead == 2 * 86_400)
    }

    @Test func theListComesFromTheEnvironmentToo() throws {
        let settings = try Settings(yaml: "", environment: ["SHOPCAST_OUTBOUND_ALLOW": "[127.0.0.1]"])
        #expect(settings.outbound.policy.refusal(of: try #require(IPAddress("127.0.0.1")), host: nil) == nil)
    }

    @Test(arguments: [
        ("outbound: {allow: [10.0.0.0/40]}", "outbound.allow[0]", "10.0.0.0/40"),
        ("outbound: {allow: [a.example, 'http://x/']}", "outbound.allow[1]", "host name"),
        ("outbound: {allow: 10.0.0.1}", "outbound.allow", "list"),
        ("outbound: {alow: []}", "outbound.alow", "outbound.allow"),
        ("webhooks: {attempts: 0}", "webhooks.attempts", "1 to 20"),
        ("webhooks: {deadlineSeconds: 61}", "webhooks.deadlineSeconds", "60"),
    ])
    func faultsNameTheKey(_ yaml: String, _ key: String, _ hint: String) {
        let fault = #expect(throws: SettingsFault.self) { try Settings(yaml: yaml, environment: [:]) }
        #expect(fault?.description.contains(key) == true && fault?.description.contains(hint) == true)
    }
}
