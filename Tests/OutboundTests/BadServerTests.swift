import Foundation
import NIOCore
import Outbound
import Receiving
import Testing

/// Servers that are slow, silent, endless or broken.
@Suite struct BadServerTests {
    private func fault(
        _ conduct: Receiver.Conduct, deadline: Duration = .seconds(5),
        _ change: (inout OutboundRequest) -> Void = { _ in }
    ) async throws -> OutboundFault? {
        try await Receiver.run(conduct: { _ in conduct }) { receiver in
            try await Outside.run { client in
                var request = try Outside.get("http://hooks.invalid:\(receiver.port)/", deadline: deadline)
                change(&request)
                do throws(OutboundFault) {
                    _ = try await client.send(request)
                    return nil
                } catch {
                    return error
                }
            }
        }
    }

    @Test func silenceAndDripsEndAtTheDeadline() async throws {
        #expect(try await fault(.hang, deadline: .milliseconds(300)) == .timedOut)
        #expect(try await fault(.drip, deadline: .milliseconds(300)) == .timedOut)
    }

    @Test func brokenAnswersAreTold() async throws {
        #expect(try await fault(.cut) == .brokenOff)
        #expect(try await fault(.close) == .brokenOff)
        #expect(try await fault(.raw("SSH-2.0-OpenSSH_9.2\r\n")) == .garbled)
    }

    @Test func anEndlessAnswerIsNotCollected() async throws {
        #expect(try await fault(.endless) { $0.answerLimit = 100_000 } == .tooLarge(limit: 100_000))
        try await Receiver.run(conduct: { _ in .endless }) { receiver in
            try await Outside.run { client in
                var request = try Outside.get("http://hooks.invalid:\(receiver.port)/")
                request.answerLimit = 100_000
                request.excess = .cut
                let response = try await client.send(request)
                #expect(response.status == 200 && response.isCut && response.body.readableBytes == 100_000)
            }
        }
    }

    @Test func anAnswerOfTheVeryLimitIsWhole() async throws {
        let body = String(repeating: "b", count: 5000)
        try await Receiver.run(conduct: { _ in .answer(200, body: body) }) { receiver in
            try await Outside.run { client in
                var request = try Outside.get("http://hooks.invalid:\(receiver.port)/")
                request.answerLimit = 5000
                let response = try await client.send(request)
                #expect(!response.isCut && String(buffer: response.body) == body)
                request.answerLimit = 4999
                await #expect(throws: OutboundFault.tooLarge(limit: 4999)) { try await client.send(request) }
            }
        }
    }

    @Test func theNextAddressIsTried() async throws {
        let names = Names(["127.0.0.2", "127.0.0.1"])
        try await Receiver.run(conduct: { _ in .answer(200) }) { receiver in
            try await Outside.run(allow: ["127.0.0.0/8"], lookup: names.lookup) { client in
                let request = try Outside.get("http://hooks.invalid:\(receiver.port)/")
                #expect(try await client.send(request).status == 200)
                let only = Names(["127.0.0.2"])
                await #expect(throws: OutboundFault.unreachable("connection refused")) {
                    try await Outside.run(allow: ["127.0.0.0/8"], lookup: only.lookup) {
                        try await $0.send(request)
                    }
                }
            }
        }
    }

    @Test func aNameWithoutAnAddressIsTold() async throws {
        try await Outside.run(lookup: NameLookup.system) { client in
            let request = try Outside.get("http://no-such-host.invalid/")
            await #expect { try await client.send(request) } throws: { error in
                if case .unresolved(host: "no-such-host.invalid", _)? = error as? OutboundFault {
                    true
                } else {
                    false
                }
            }
        }
    }

    @Test func aSilentResolverHoldsNobodyElse() async throws {
        let gate = Gate()
        defer { gate.open() }
        try await Receiver.run(conduct: { _ in .answer(200) }) { receiver in
            try await Outside.run(lookup: { name in
                if name == "slow.invalid" { gate.wait() }
                return [.v4(0x7F00_0001)]
            }) { client in
                let slow = try Outside.get(
                    "http://slow.invalid:\(receiver.port)/", deadline: .milliseconds(200))
                await withTaskGroup(of: Void.self) { group in
                    // More than the resolver has threads: they ask for one name, and so hold one.
                    for _ in 0..<20 {
                        group.addTask {
                            await #expect(throws: OutboundFault.timedOut) { try await client.send(slow) }
                        }
                    }
                }
                // The name is still being looked up.
                let quick = try Outside.get("http://quick.invalid:\(receiver.port)/")
                #expect(try await client.send(quick).status == 200)
            }
        }
    }

    @Test func requestsAboveTheBoundAreRefused() async throws {
        try await Receiver.run(conduct: { $0.uri == "/hang" ? .hang : .answer(200) }) { receiver in
            try await Outside.run(requests: 1) { client in
                let hanging = try Outside.get("http://hooks.invalid:\(receiver.port)/hang")
                let other = try Outside.get("http://hooks.invalid:\(receiver.port)/")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await #expect(throws: OutboundFault.cancelled) { try await client.send(hanging) }
                    }
                    #expect(await within { !receiver.messages.isEmpty })
                    await #expect(throws: OutboundFault.busy) { try await client.send(other) }
                    group.cancelAll()
                    try await group.waitForAll()
                }
                #expect(try await client.send(other).status == 200)
            }
        }
    }

    @Test func aClosedClientSendsNothing() async throws {
        try await Receiver.run(conduct: { _ in .answer(200) }) { receiver in
            let request = try Outside.get("http://127.0.0.1:\(receiver.port)/")
            let client = try await Outside.run { client in
                _ = try await client.send(request)
                return client
            }
            await #expect(throws: OutboundFault.cancelled) { try await client.send(request) }
            #expect(receiver.messages.count == 1)
        }
    }

    @Test func theAgentAndTheWishToBeLeftAloneAreRead() async throws {
        let conduct: @Sendable (Receiver.Message) -> Receiver.Conduct = { message in
            .answer(503, fields: [("Retry-After", message.uri == "/bad" ? "soon" : "120")])
        }
        try await Receiver.run(conduct: conduct) { receiver in
            try await Outside.run { client in
                let url = "http://hooks.invalid:\(receiver.port)"
                let response = try await client.send(Outside.get(url + "/"))
                #expect(response.status == 503 && response.retryAfter == .seconds(120))
                #expect(try await client.send(Outside.get(url + "/bad")).retryAfter == nil)
            }
            #expect(receiver.messages.allSatisfy { $0.field("user-agent") == "Shopcast" })
        }
    }
}

/// Blocks threads until it is opened.
private final class Gate: Sendable {
    private let isOpen = DispatchSemaphore(value: 0)

    func open() { isOpen.signal() }

    func wait() {
        isOpen.wait()
        isOpen.signal()
    }
}
