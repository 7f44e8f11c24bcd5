import NIOCore
import Outbound
import Receiving
import Testing

/// What the client must never connect to, however it is asked.
@Suite struct GuardTests {
    private let well: @Sendable (Receiver.Message) -> Receiver.Conduct = { _ in .answer(200, body: "well") }

    @Test func itConnectsToTheAddressThatWasChecked() async throws {
        // No resolver in the world knows the name: nobody but the client's own look-up can have led here.
        let names = Names(["127.0.0.1"])
        try await Receiver.run(conduct: well) { receiver in
            try await Outside.run(lookup: names.lookup) { client in
                let url = "http://hooks.invalid:\(receiver.port)/a%2Fb/?q=%20x&y=1"
                let response = try await client.send(Outside.get(url))
                #expect(response.status == 200 && String(buffer: response.body) == "well")
            }
            let message = try #require(receiver.messages.first)
            #expect(message.field("host") == "hooks.invalid:\(receiver.port)")
            #expect(message.uri == "/a%2Fb/?q=%20x&y=1")
        }
        #expect(names.asked == 1)
    }

    @Test func aNameThatChangesIsCheckedAgain() async throws {
        let names = Names(["127.0.0.1"], ["10.0.0.7"], ["127.0.0.1"])
        try await Receiver.run(conduct: well) { receiver in
            try await Outside.run(lookup: names.lookup) { client in
                let request = try Outside.get("http://hooks.invalid:\(receiver.port)/")
                #expect(try await client.send(request).status == 200)
                let fault = OutboundFault.refused(host: "hooks.invalid", kind: .privateUse)
                await #expect(throws: fault) { try await client.send(request) }
                await #expect(throws: Never.self) { try await client.check(request.target) }
            }
            #expect(receiver.messages.count == 1)
        }
    }

    @Test(arguments: [
        ["127.0.0.1", "10.0.0.7"], ["10.0.0.7", "127.0.0.1"], ["127.0.0.1", "::1"], ["169.254.169.254"],
        ["127.0.0.1", "::ffff:192.168.0.1"], ["0.0.0.0"], ["127.0.0.2"],
    ])
    func oneAddressThatIsNotPublicIsEnough(_ answer: [String]) async throws {
        let names = Names(answer)
        try await Receiver.run(conduct: well) { receiver in
            try await Outside.run(lookup: names.lookup) { client in
                let request = try Outside.get("http://hooks.invalid:\(receiver.port)/")
                for _ in 0..<2 {
                    await #expect { try await client.send(request) } throws: { isRefusal($0) }
                }
                await #expect { try await client.check(request.target) } throws: { isRefusal($0) }
            }
            #expect(receiver.messages.isEmpty)
        }
    }

    @Test(arguments: [
        "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "169.254.169.254", "[fe80::1]",
        "10.1.1.1",
        "[64:ff9b::7f00:1]", "192.168.1.1", "100.64.0.1", "[fd00::1]", "localhost",
    ])
    func addressesThatAreWrittenOutAreCheckedToo(_ host: String) async throws {
        try await Receiver.run(conduct: well) { receiver in
            try await Outside.run(allow: [], lookup: NameLookup.system) { client in
                let request = try Outside.get("http://\(host):\(receiver.port)/")
                await #expect { try await client.send(request) } throws: { isRefusal($0) }
            }
            #expect(receiver.messages.isEmpty)
        }
    }

    @Test func aHostOnTheListMayLeadAnywhere() async throws {
        try await Receiver.run(conduct: well) { receiver in
            try await Outside.run(allow: ["localhost"], lookup: { _ in [.v4(0x7F00_0001)] }) { client in
                let response = try await client.send(Outside.get("http://LocalHost:\(receiver.port)/"))
                #expect(response.status == 200)
                let other = try Outside.get("http://other.localhost:\(receiver.port)/")
                await #expect { try await client.send(other) } throws: { isRefusal($0) }
            }
            #expect(receiver.messages.count == 1)
        }
    }

    @Test func redirectsAreAnswersUnlessAskedFor() async throws {
        try await Receiver.run(conduct: { _ in .answer(302, fields: [("Location", "/elsewhere")]) }) {
            receiver in
            try await Outside.run { client in
                let url = "http://hooks.invalid:\(receiver.port)/"
                #expect(try await client.send(Outside.get(url)).status == 302)
                var post = try Outside.get(url)
                post.method = .post
                post.redirects = 5
                #expect(try await client.send(post).status == 302)
            }
            #expect(receiver.messages.count == 2)
        }
    }

    @Test(arguments: [
        "http://10.0.0.7/", "http://127.0.0.2:1/", "http://169.254.169.254/latest/meta-data/", "//[::1]/",
        "http://localhost.invalid/", "http://[::ffff:10.0.0.7]/", "http://127.1/", "file:///etc/passwd",
        "http://u:p@hooks.invalid/", "gopher://hooks.invalid/",
    ])
    func redirectsLeadNowhereElse(_ location: String) async throws {
        try await Receiver.run(conduct: { _ in .answer(307, fields: [("Location", location)]) }) { receiver in
            try await Outside.run(lookup: { name in
                name == "hooks.invalid" ? [.v4(0x7F00_0001)] : [.v4(0x0A00_0007)]
            }) { client in
                var request = try Outside.get("http://hooks.invalid:\(receiver.port)/")
                request.redirects = 3
                await #expect { try await client.send(request) } throws: { error in
                    if case .redirect? = error as? OutboundFault { true } else { isRefusal(error) }
                }
            }
            #expect(receiver.messages.count == 1)
        }
    }

    @Test func redirectsAreFollowedAsFarAsAsked() async throws {
        let conduct: @Sendable (Receiver.Message) -> Receiver.Conduct = { message in
            switch message.uri {
            case "/one": .answer(301, fields: [("Location", "two")])
            case "/two": .answer(303, fields: [("Location", "//other.invalid:\(portText(message))/three")])
            case "/three": .answer(200, body: "there")
            default: .answer(302, fields: [("Location", message.uri)])
            }
        }
        try await Receiver.run(conduct: conduct) { receiver in
            try await Outside.run { client in
                var request = try Outside.get("http://hooks.invalid:\(receiver.port)/one")
                request.redirects = 5
                request.fields = [OutboundField("Authorization", "Bearer x"), OutboundField("X-Plain", "y")]
                #expect(String(buffer: try await client.send(request).body) == "there")
                let messages = receiver.messages
                #expect(messages.map { $0.field("authorization") } == ["Bearer x", "Bearer x", nil])
                #expect(messages.map { $0.field("x-plain") } == ["y", "y", "y"])
                #expect(messages.last?.field("host") == "other.invalid:\(receiver.port)")

                request.target = try WebTarget("http://hooks.invalid:\(receiver.port)/round")
                request.redirects = 3
                #expect(try await client.send(request).status == 302)
                #expect(receiver.messages.count == 3 + 4)
            }
        }
    }

    @Test func theCertificateMustBeTheNames() async throws {
        let certificate = try Certificate(host: "hooks.invalid")
        try await Receiver.run(tls: certificate.context, conduct: well) { receiver in
            let good = try Outside.get("https://hooks.invalid:\(receiver.port)/")
            let bad = try Outside.get("https://other.invalid:\(receiver.port)/")
            let plain = try Outside.get("https://127.0.0.1:\(receiver.port)/")
            try await Outside.run(trust: certificate.file) { client in
                let response = try await client.send(good)
                #expect(response.status == 200)
                for request in [bad, plain] {
                    await #expect { try await client.send(request) } throws: { isUntrusted($0) }
                }
            }
            try await Outside.run { client in
                await #expect { try await client.send(good) } throws: { isUntrusted($0) }
            }
            #expect(receiver.messages.count == 1)
        }
    }

    @Test func fieldsCannotAddFields() async throws {
        try await Receiver.run(conduct: well) { receiver in
            try await Outside.run { client in
                var request = try Outside.get("http://hooks.invalid:\(receiver.port)/")
                request.fields = [OutboundField("X-One", "a\r\nX-Two: b")]
                await #expect(throws: OutboundFault.self) { try await client.send(request) }
                request.fields = [OutboundField("X-One: a\r\nX-Two", "b")]
                await #expect(throws: OutboundFault.self) { try await client.send(request) }
            }
            #expect(receiver.messages.isEmpty)
        }
    }

    @Test func aMissingFileOfCertificatesIsTold() {
        #expect(throws: OutboundFault.self) {
            var settings = OutboundSettings()
            settings.trust = "/nonexistent.pem"
            _ = try OutboundClient(settings: settings, group: Outside.group)
        }
    }

    private func isRefusal(_ error: any Error) -> Bool {
        if case .refused? = error as? OutboundFault { true } else { false }
    }

    private func isUntrusted(_ error: any Error) -> Bool {
        if case .untrusted? = error as? OutboundFault { true } else { false }
    }
}

private func portText(_ message: Receiver.Message) -> String {
    String(message.field("host")?.split(separator: ":").last ?? "")
}
