import SRT
import Testing

@Suite struct SRTStreamIDTests {
    @Test(arguments: [
        ("#!::r=key-1,m=publish", "key-1"),
        ("#!::m=publish,r=key-1,u=anna,h=example.org", "key-1"),
        ("#!::r=a=b", "a=b"),
        ("#!::r=key-1", "key-1"),
        ("key-1", "key-1"),
        // An accent joins the sign before it to one character.
        ("#!::r=\u{488}g,\u{301}x=1,m=publish", "\u{488}g"),
    ])
    func aKeyIsRead(_ text: String, _ key: String) throws {
        #expect(try SRTStreamID(text).key == key)
    }

    @Test(
        arguments: [
            ("", .noStream), ("#!::", .noStream), ("#!::m=publish", .noStream),
            ("#!::r=,m=publish", .noStream),
            ("#!:r=key", .noStream), ("#!::r=key,m=request", .wrongMode("request")),
            ("#!::r=key,m=\u{1B}[2J", .wrongMode("J")), ("#!::rkey", .unreadable),
            (String(repeating: "k", count: 513), .unreadable),
        ] as [(String, SRTStreamID.Fault)])
    func nonsenseIsRefusedWithAReason(_ text: String, _ fault: SRTStreamID.Fault) {
        #expect(throws: fault) { try SRTStreamID(text) }
        #expect(!fault.reason.isEmpty)
    }
}

@Suite struct SRTAddressTests {
    @Test func anAddressIsReadAsPeopleWriteIt() throws {
        let plain = try #require(SRTAddress("srt://127.0.0.1:8890?streamid=#!::r=key,m=publish"))
        #expect(plain.host == "127.0.0.1" && plain.port == 8890 && plain.streamID == "#!::r=key,m=publish")
        #expect(plain.passphrase == nil && plain.latency == nil)
        let escaped = try #require(
            SRTAddress("srt://[::1]:9/?passphrase=a%20b&latency=800&streamid=%23!%3A%3Ar%3Dkey"))
        #expect(escaped.host == "::1" && escaped.port == 9 && escaped.streamID == "#!::r=key")
        #expect(escaped.passphrase == "a b" && escaped.latency == 800)
    }

    @Test(arguments: [
        "", "srt://", "srt://host", "srt://:1", "srt://h:0", "srt://h:65536", "rtmp://h:1",
        "srt://h:1?latency=x",
        "srt://h:x?\u{488}:1", "srt://h:1?streamid=%G0", "srt://h:1?streamid=%F", "srt://h:1?streamid",
    ])
    func whatIsNoneIsRefused(_ text: String) {
        #expect(SRTAddress(text) == nil)
    }
}
