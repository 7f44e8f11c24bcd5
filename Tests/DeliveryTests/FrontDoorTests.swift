import Delivery
import HTTPTypes
import Media
import Testing

@Suite struct FrontDoorTests {
    static let proxy = "10.0.0.5"

    func door(
        _ field: FrontDoor.Field = .xForwarded, _ trusted: [String] = ["10.0.0.0/8", "::1", "2001:db8::/32"]
    )
        -> FrontDoor
    {
        FrontDoor(FrontDoor.Rules(trusted: trusted.compactMap { NetworkBlock($0) }, field: field))
    }

    func origin(_ door: FrontDoor, from peer: String = proxy, _ fields: [(String, String)]) throws
        -> ClientOrigin
    {
        var headers = HTTPFields()
        for (name, value) in fields {
            headers.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
        }
        return door.origin(of: headers, peer: NetworkAddress(peer))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("0.0.0.0/0", "8.8.8.8", true),
        ("0.0.0.0/0", "2001:db8::1", false), ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::/0", "10.1.2.3", true),
    ])
    func blocks(_ block: String, _ address: String, _ isInside: Bool) throws {
        #expect(try #require(NetworkBlock(block)).contains(try #require(NetworkAddress(address))) == isInside)
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/-1", "10.0.0/8", "::1/129", "2001:db8::1/32", "a.b.c.d",
        "10.0.0.0/8/8", "fe80::1%eth0",
    ])
    func blocksThatAreSlips(_ text: String) {
        #expect(NetworkBlock(text) == nil)
    }

    @Test func addressesAreWrittenOneWay() {
        #expect(NetworkAddress("::ffff:192.0.2.1")?.description == "192.0.2.1")
        #expect(NetworkAddress("2001:DB8:0:0::1")?.description == "2001:db8::1")
        #expect(NetworkAddress("2001:db8:1:2:3::4")?.limitKey == "2001:db8:1:2::/64")
        #expect(NetworkAddress("192.0.2.1")?.limitKey == "192.0.2.1")
        #expect(NetworkAddress("127.8.8.8")?.isLoopback == true && NetworkAddress("::1")?.isLoopback == true)
        #expect(
            NetworkAddress("::ffff:127.0.0.1")?.isLoopback == true
                && NetworkAddress("128.0.0.1")?.isLoopback == false)
    }

    @Test func nobodyIsBelievedWhoIsNotTrusted() throws {
        for door in [door(), FrontDoor()] {
            let origin = try origin(
                door, from: "203.0.113.9",
                [
                    ("X-Forwarded-For", "10.0.0.7"), ("Forwarded", "for=10.0.0.7"),
                    ("X-Forwarded-Proto", "https"),
                ])
            #expect(origin.address?.description == "203.0.113.9" && origin.scheme == nil && origin.isProxied)
        }
    }

    @Test func aProxiedRequestNeverIsThisMachines() throws {
        let door = door(.xForwarded, ["127.0.0.1"])
        #expect(try origin(door, from: "127.0.0.1", [("X-Forwarded-For", "127.0.0.1")]).isLoopback == false)
        // The proxy says nothing of whom it asks for: it is not this machine for that.
        #expect(try origin(door, from: "127.0.0.1", []).isLoopback == false)
        // A proxy on this machine that nobody has named.
        for field in ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"] {
            #expect(try origin(FrontDoor(), from: "127.0.0.1", [(field, "127.0.0.1")]).isLoopback == false)
        }
        #expect(try origin(FrontDoor(), from: "127.0.0.1", [("User-Agent", "x")]).isLoopback)
        #expect(door.origin(of: [:], peer: nil).isLoopback == false)
    }

    @Test func theLastThatIsNotTrustedAsks() throws {
        let door = door()
        for (list, client) in [
            ("203.0.113.9", "203.0.113.9"), ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("127.0.0.1, 203.0.113.9", "203.0.113.9"), ("203.0.113.9, 10.0.0.6, 10.0.0.7", "203.0.113.9"),
            ("203.0.113.9:4711", "203.0.113.9"), ("[2001:db9::1]:443", "2001:db9::1"),
            ("2001:db9::1", "2001:db9::1"),
            // All are proxies: the outermost asks.
            ("10.0.0.8, 10.0.0.7", "10.0.0.8"),
            // What is before something that cannot be read is not believed.
            ("203.0.113.9, junk, 10.0.0.7", "10.0.0.7"), ("203.0.113.9, unknown", "10.0.0.5"),
            ("", "10.0.0.5"),
            ("203.0.113.9,", "10.0.0.5"), ("999.1.1.1", "10.0.0.5"),
        ] {
            let origin = try origin(door, [("X-Forwarded-For", list)])
            #expect(origin.address?.description == client, "\(list)")
            #expect(origin.isProxied)
        }
        // HAProxy adds a field of its own behind the client's.
        let two = try origin(door, [("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", "203.0.113.9")])
        #expect(two.address?.description == "203.0.113.9")
    }

    @Test func onlyTheFieldThatTheProxyWritesIsRead() throws {
        let fields = [("Forwarded", "for=198.51.100.1"), ("X-Forwarded-For", "203.0.113.9")]
        #expect(try origin(door(.xForwarded), fields).address?.description == "203.0.113.9")
        #expect(try origin(door(.forwarded), fields).address?.description == "198.51.100.1")
        #expect(try origin(door(.forwarded), [fields[1]]).address?.description == "10.0.0.5")
    }

    @Test func forwardedAsTheStandardHasIt() throws {
        let door = door(.forwarded)
        for (text, client, scheme) in [
            ("for=203.0.113.9;proto=https;by=10.0.0.5", "203.0.113.9", "https"),
            ("For=\"[2001:db9:cafe::17]:4711\"; Proto=HTTPS", "2001:db9:cafe::17", "https"),
            ("for=192.0.2.43, for=203.0.113.9;proto=http", "203.0.113.9", "http"),
            ("for=203.0.113.9;proto=https, for=10.0.0.9;proto=http", "203.0.113.9", "https"),
            ("for=\"203.0.113.9:_port\"", "203.0.113.9", nil),
            ("for=_hidden;proto=https", "10.0.0.5", "https"),
            ("for=unknown", "10.0.0.5", nil), ("for=203.0.113.9;for=127.0.0.1", "10.0.0.5", nil),
            ("for=\"203.0.113.9", "10.0.0.5", nil), ("for=203.0.113.9;proto=gopher", "203.0.113.9", nil),
            ("for=127.0.0.1, \"for=10.0.0.1, for=203.0.113.9\"", "10.0.0.5", nil), (";", "10.0.0.5", nil),
        ] as [(String, String, String?)] {
            let origin = try origin(door, [("Forwarded", text)])
            #expect(origin.address?.description == client, "\(text)")
            #expect(origin.scheme == scheme, "\(text)")
        }
    }

    @Test func listsAreBounded() throws {
        let long = "203.0.113.9, " + String(repeating: "10.0.0.7, ", count: 1000) + "10.0.0.8"
        #expect(try origin(door(), [("X-Forwarded-For", long)]).address?.description == "10.0.0.5")
        let many = "203.0.113.9, " + Array(repeating: "10.0.0.7", count: 100).joined(separator: ", ")
        #expect(try origin(door(), [("X-Forwarded-For", many)]).address?.description == "10.0.0.7")
    }

    @Test func theBaseIsWhatPeopleCallIt() throws {
        let door = door()
        let origin = try origin(
            door,
            [
                ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"),
                ("X-Forwarded-Host", "evil.example, Shop.example:8443"),
            ])
        #expect(door.base(for: origin, authority: "10.0.0.1", isSecure: false) == "https://shop.example:8443")
        let plain = ClientOrigin(address: nil)
        #expect(door.base(for: plain, authority: "a.example", isSecure: true) == "https://a.example")
        #expect(
            door.base(for: plain, authority: "a.example/\"><script>", isSecure: false) == "http://localhost")
        door.change(to: FrontDoor.Rules(publicURL: "https://live.example"))
        #expect(door.base(for: origin, authority: "a.example", isSecure: false) == "https://live.example")
    }
}

@Suite struct PlayerWordsTests {
    func request(_ target: String, _ fields: String = "") throws -> MediaRequest {
        let bytes = Array("GET \(target) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n".utf8)
        guard case .head(let head) = RequestHead.read(bytes.span),
            let request = MediaRequest(head, bytes.span)
        else {
            Issue.record("no media request")
            return MediaRequest(method: .other, target: .nothing)
        }
        return request
    }

    @Test func whatIsNotThereCostsNothing() throws {
        #expect(try request("/live/a/720p/index.m3u8?_HLS_msn=1&_HLS_part=2").words == nil)
        #expect(try request("/live/a/720p/1.mp4").words == nil)
        #expect(try request("/live/a/720p/1.mp4?XCMCD=br&CMCD").words == nil)
        #expect(try request("/live/a/720p/1.mp4?CMCD=").words == nil)
    }

    @Test func queryAndFieldsAreHeard() throws {
        let query = try request("/live/a/720p/1.mp4?x=1&CMCD=br%3D900&y")
        #expect(query.words == PlayerWords(text: "br%3D900", isEncoded: true))
        let note = try #require(query.note(viewer: 7))
        #expect(note.isMedia && note.rendition?.text == "720p" && note.show.text == "a" && !note.isReplay)
        let fields = try request(
            "/replay/a/720p/index.m3u8",
            "CMCD-Object: br=900\r\ncmcd-session: sid=\"x\"\r\nCMCD-Custom: y\r\n")
        #expect(fields.words == PlayerWords(text: "br=900,sid=\"x\"", isEncoded: false))
        #expect(try #require(fields.note(viewer: 7)).isReplay)
        // The query of a file is no part of its name.
        let show = try #require(ShowID("a"))
        #expect(query.target == .target(.file(show, RenditionName("720p"), file: "1.mp4")))
    }

    @Test func isBounded() throws {
        let long = String(repeating: "a", count: 4000)
        #expect(try request("/live/a/720p/1.mp4?CMCD=\(long)").words == nil)
        #expect(try request("/live/a/720p/1.mp4", "CMCD-Object: \(long)\r\n").words == nil)
    }
}
