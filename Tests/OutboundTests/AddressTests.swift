import Outbound
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "127.0.0.1.", "127.0.0.01", "256.1.1.1", "1.2.3",
        "",
        "1.2.3.4.5", " 1.2.3.4", "::1%lo", "fe80::1%eth0", "1:2:3:4:5:6:7:8:9", "::ffff:1.2.3", "12345::",
        "[::1]",
    ])
    func textThatIsNoAddress(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("8.8.8.8", "8.8.8.8"), ("255.255.255.255", "255.255.255.255"), ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::", "::"), ("::ffff:10.0.0.1", "::ffff:10.0.0.1"), ("fe80::0:1", "fe80::1"),
    ])
    func addressesAreReadAndWritten(_ text: String, _ written: String) {
        #expect(IPAddress(text)?.description == written)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.9.8.7/8", "10.0.0.1", true), ("1.2.3.4", "1.2.3.4", true), ("1.2.3.4", "1.2.3.5", false),
        ("0.0.0.0/0", "200.1.1.1", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001::1", true),
        ("::/0", "1.1.1.1", false), ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false),
        ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
        ("2001:db8::5", "2001:db8::5", true), ("172.16.0.0/12", "172.32.0.0", false),
    ])
    func rangesContain(_ range: String, _ address: String, _ expected: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == expected)
    }

    @Test(arguments: [
        "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "fd00::/129", "/8", "10/8", "a/8",
    ])
    func rangesThatAreNone(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        arguments: [
            ("0.0.0.0", .local), ("0.1.2.3", .local), ("10.0.0.1", .privateUse), ("100.64.0.1", .carrier),
            ("100.100.100.200", .carrier), ("100.127.255.255", .carrier), ("127.0.0.1", .loopback),
            ("127.255.255.254", .loopback), ("168.63.129.16", .linkLocal), ("169.254.169.254", .linkLocal),
            ("172.16.0.1", .privateUse), ("172.31.255.255", .privateUse), ("192.0.0.192", .reserved),
            ("192.0.2.1", .documentation), ("192.88.99.1", .tunnel), ("192.168.1.1", .privateUse),
            ("198.18.0.1", .reserved), ("198.19.255.255", .reserved), ("198.51.100.7", .documentation),
            ("203.0.113.9", .documentation), ("224.0.0.1", .multicast), ("239.255.255.255", .multicast),
            ("240.0.0.1", .reserved), ("255.255.255.255", .reserved),
            ("::", .local), ("::1", .loopback), ("::7f00:1", .tunnel), ("::10.0.0.1", .tunnel),
            ("::ffff:127.0.0.1", .loopback), ("::ffff:10.1.2.3", .privateUse),
            ("::ffff:169.254.169.254", .linkLocal),
            ("::ffff:0.0.0.0", .local), ("64:ff9b::7f00:1", .loopback), ("64:ff9b::a9fe:a9fe", .linkLocal),
            ("64:ff9b::10.0.0.1", .privateUse), ("64:ff9b:1::1", .privateUse), ("100::1", .reserved),
            ("2001::1", .tunnel), ("2001:0:53aa::1", .tunnel), ("2001:2::1", .reserved),
            ("2001:10::1", .reserved),
            ("2001:20::1", .reserved), ("2001:db8::1", .documentation), ("2002:7f00:1::1", .tunnel),
            ("2002:c0a8:101::", .tunnel), ("3fff::1", .documentation), ("fc00::1", .privateUse),
            ("fd12:3456::1", .privateUse), ("fd00:ec2::254", .privateUse), ("fe80::1", .linkLocal),
            ("febf::1", .linkLocal), ("fec0::1", .privateUse), ("ff02::1", .multicast),
            ("5f00::1", .reserved),
            ("4000::1", .reserved), ("::ffff:0:7f00:1", .reserved),
        ] as [(String, AddressPolicy.Kind)])
    func whatIsNotPublic(_ text: String, _ kind: AddressPolicy.Kind) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy.kind(of: address) == kind)
        #expect(AddressPolicy().refusal(of: address, host: nil) == kind)
        #expect(AddressPolicy().refusal(of: address, host: "example.com") == kind)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255",
        "128.0.0.1", "169.253.1.1", "169.255.1.1", "172.15.255.255", "172.32.0.1", "192.167.1.1",
        "192.169.1.1",
        "198.17.1.1", "198.20.0.1", "223.255.255.255", "168.63.129.17", "2606:4700:4700::1111",
        "2a00:1450::1",
        "2001:200::1", "2001:4860:4860::8888", "2620:fe::fe", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "3ffe::1",
    ])
    func whatIsPublic(_ text: String) throws {
        #expect(AddressPolicy().refusal(of: try #require(IPAddress(text)), host: nil) == nil)
    }

    @Test func theOperatorAllowsMore() throws {
        let entries = try ["10.20.0.0/16", "Shop.Internal", "fd00:20::/32", "127.0.0.1"].map {
            try #require(AddressPolicy.Entry($0))
        }
        let policy = AddressPolicy(allow: entries)
        func isAllowed(_ address: String, _ host: String? = nil) throws -> Bool {
            policy.refusal(of: try #require(IPAddress(address)), host: host) == nil
        }
        #expect(try isAllowed("10.20.3.4") && isAllowed("10.20.3.4", "anything.example"))
        #expect(try isAllowed("::ffff:10.20.3.4") && isAllowed("64:ff9b::10.20.3.4"))
        #expect(try !isAllowed("10.21.0.1") && !isAllowed("127.0.0.2") && !isAllowed("169.254.169.254"))
        #expect(
            try isAllowed("192.168.9.9", "shop.internal") && !isAllowed("192.168.9.9", "not.shop.internal"))
        #expect(try isAllowed("fd00:20::1") && !isAllowed("fd00:21::1") && isAllowed("127.0.0.1"))
    }

    @Test(arguments: [
        "", "10.0.0.0/40", "http://shop", "shop internal", "*.internal", "shop:80", "127.1", "a..b",
    ])
    func linesOfTheListThatAreRefused(_ text: String) {
        #expect(AddressPolicy.Entry(text) == nil)
    }
}
