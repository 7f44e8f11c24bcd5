import Media
import Testing

@Suite struct ClientAddressTests {
    @Test(arguments: [
        ("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("2001:db8::1", "2001:db8:0::/48"), ("::ffff:192.0.2.77", "192.0.2.0/24"), ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"), ("fe80::1%eth0", "fe80:0:0::/48"), ("", "unknown"), ("host.example", "unknown"),
        ("1.2.3", "unknown"), ("1.2.3.4.5", "unknown"), ("1.2.3.400", "unknown"), (":::", "unknown"),
        ("1:2:3:4:5:6:7:8:9", "unknown"), ("12345::", "unknown"),
    ])
    func logsTellNetworksOnly(_ address: String, _ short: String) {
        #expect(ClientAddress.short(address) == short)
    }

    @Test func portsStay() {
        #expect(ClientAddress.short(peer: "192.0.2.77:1234") == "192.0.2.0/24:1234")
        #expect(ClientAddress.short(peer: "[2001:db8:1::9]:80") == "2001:db8:1::/48:80")
        #expect(ClientAddress.short(peer: "127.0.0.1:5") == "127.0.0.1:5")
        #expect(ClientAddress.short(peer: "unknown") == "unknown")
    }
}
