import Foundation
import Hooks
import NIOCore
import Outbound
import People
import Receiving
import ServiceLifecycle
import Testing

@Suite struct DispatcherTests {
    private func hook(_ port: Int, _ path: String = "", events: Set<HookEvent.Kind>? = nil) -> Webhook {
        Webhook(url: "http://hooks.invalid:\(port)/\(path)", events: events, createdAt: Date())
    }

    private func states(_ store: any HookStore) throws -> [Delivery.State: Int] { try store.counts() }

    @Test(arguments: Stores.allCases) func whoWantsItIsTold(_ kind: Stores) async throws {
        let store = try kind.make()
        try await Receiver.run(conduct: { _ in .answer(204) }) { receiver in
            let (all, live) = (hook(receiver.port, "all"), hook(receiver.port, "live", events: [.showLive]))
            #expect(try store.keep(all) && store.keep(live))
            let (first, second) = (Dispatch.event(.live), Dispatch.event(.ended))
            try await Dispatch.run(store) { dispatcher async throws in
                #expect(try await dispatcher.emit(first) == HookReceipt(accepted: 2, dropped: []))
                dispatcher.post(second)
                #expect(try await within { try store.counts() == [.delivered: 3] })
            }
            let messages = receiver.messages
            #expect(messages.map(\.uri).sorted() == ["/all", "/all", "/live"])
            let message = try #require(messages.first { $0.uri == "/live" })
            #expect(try message.method == "POST" && message.body == first.body())
            #expect(message.field("content-type") == "application/json")
            #expect(message.field("shopcast-event") == "show.live")
            let delivery = try #require(try store.deliveries(DeliveryQuery(hook: live.id)).first)
            #expect(message.field("shopcast-delivery") == delivery.id.text)
            #expect(delivery.attempt == 1 && delivery.lastStatus == 204 && delivery.settledAt != nil)
            #expect(
                isSigned(message, by: [live.secrets.current]) && !isSigned(message, by: [all.secrets.current])
            )
        }
    }

    @Test func aRotatedSecretSignsToo() async throws {
        let store = MemoryHookStore()
        try await Receiver.run(conduct: { _ in .answer(200) }) { receiver in
            var rotated = hook(receiver.port)
            let old = rotated.secrets.current
            rotated.secrets.rotate(at: Date())
            #expect(try store.keep(rotated))
            try await Dispatch.run(store) { dispatcher in
                try await dispatcher.emit(Dispatch.event())
                #expect(try await within { try store.counts() == [.delivered: 1] })
            }
            let message = try #require(receiver.messages.first)
            #expect(isSigned(message, by: [rotated.secrets.current, old]))
        }
    }

    @Test func aSlowReceiverDelaysNobodyElse() async throws {
        let store = MemoryHookStore()
        var settings = Dispatch.settings
        settings.deadline = .seconds(600)
        try await Receiver.run(conduct: { $0.uri == "/hang" ? .hang : .answer(200) }) { receiver in
            let (slow, quick) = (hook(receiver.port, "hang"), hook(receiver.port, "quick"))
            #expect(try store.keep(slow) && store.keep(quick))
            try await Dispatch.run(store, settings: settings) { dispatcher in
                for _ in 0..<30 { try await dispatcher.emit(Dispatch.event()) }
                #expect(try await within { try store.counts()[.delivered] == 30 })
            }
            // The slow one's first is still on its way: one at a time.
            #expect(receiver.messages.count { $0.uri == "/hang" } == 1)
        }
    }

    @Test func manyThatHangLeaveRoom() async throws {
        let store = MemoryHookStore()
        var settings = Dispatch.settings
        settings.parallel = 4
        settings.deadline = .milliseconds(400)
        settings.backoff.attempts = 20
        try await Receiver.run(conduct: { $0.uri == "/quick" ? .answer(200) : .hang }) { receiver in
            for index in 0..<12 { #expect(try store.keep(hook(receiver.port, "hang\(index)"))) }
            let quick = hook(receiver.port, "quick")
            #expect(try store.keep(quick))
            try await Dispatch.run(store, settings: settings) { dispatcher in
                for _ in 0..<20 { try await dispatcher.emit(Dispatch.event()) }
                #expect(
                    try await within {
                        try store.deliveries(DeliveryQuery(hook: quick.id, state: .delivered)).count == 20
                    })
            }
        }
    }

    @Test func itIsTriedAgainUntilItIsTaken() async throws {
        let store = MemoryHookStore()
        let answers = Answers([.answer(500), .close, .answer(200)])
        try await Receiver.run(conduct: { _ in answers.next() }) { receiver in
            #expect(try store.keep(hook(receiver.port)))
            try await Dispatch.run(store) { dispatcher in
                try await dispatcher.emit(Dispatch.event())
                #expect(try await within { try store.counts() == [.delivered: 1] })
            }
            let messages = receiver.messages
            #expect(messages.count == 3 && Set(messages.map(\.body)).count == 1)
            #expect(Set(messages.map { $0.field("shopcast-delivery") }).count == 1)
            let delivery = try #require(try store.deliveries(DeliveryQuery()).first)
            #expect(delivery.attempt == 3 && delivery.lastStatus == 200 && delivery.lastError == nil)
        }
    }

    @Test func deadLettersAreListedAndSentAgain() async throws {
        let store = MemoryHookStore()
        let answers = Answers([.answer(503), .answer(503), .answer(503), .answer(200)])
        try await Receiver.run(conduct: { _ in answers.next() }) { receiver in
            let hook = hook(receiver.port)
            #expect(try store.keep(hook))
            try await Dispatch.run(store) { dispatcher in
                try await dispatcher.emit(Dispatch.event())
                #expect(try await within { try store.counts() == [.dead: 1] })
                let dead = try #require(
                    try store.deliveries(DeliveryQuery(hook: hook.id, state: .dead)).first)
                #expect(dead.attempt == 3 && dead.lastStatus == 503)
                #expect(dead.lastError == "the receiver answered 503")
                #expect(try await dispatcher.resend(dead.id))
                #expect(try await within { try store.counts() == [.delivered: 1] })
                #expect(try await !dispatcher.resend(dead.id))
                #expect(try await !dispatcher.resend(.random()))
                #expect(try await dispatcher.resendAll(of: hook.id) == 0)
            }
            #expect(Set(receiver.messages.map { $0.field("shopcast-delivery") }).count == 1)
        }
    }

    @Test(
        arguments: [
            (.hang, .pending, nil, "no answer in time"), (.drip, .pending, nil, "no answer in time"),
            (.close, .pending, nil, "the connection ended before the answer did"),
            (.cut, .pending, nil, "the connection ended before the answer did"),
            (.raw("SSH-2.0-x\r\n"), .pending, nil, "the answer is not HTTP"),
            (.endless, .delivered, 200, nil),
            (.answer(400), .pending, 400, "the receiver answered 400"),
            (
                .answer(302, fields: [("Location", "http://10.0.0.7/")]), .pending, 302,
                "the receiver answered 302, and redirects are not followed"
            ),
            (.answer(410), .dead, 410, "the receiver answered 410"),
        ] as [(Receiver.Conduct, Delivery.State, Int?, String?)])
    func badReceivers(
        _ conduct: Receiver.Conduct, _ state: Delivery.State, _ status: Int?, _ error: String?
    ) async throws {
        let store = MemoryHookStore()
        var settings = Dispatch.settings
        settings.backoff.first = .seconds(60)
        try await Receiver.run(conduct: { _ in conduct }) { receiver in
            #expect(try store.keep(hook(receiver.port)))
            try await Dispatch.run(store, settings: settings) { dispatcher in
                try await dispatcher.emit(Dispatch.event())
                #expect(
                    try await within { try store.deliveries(DeliveryQuery()).first?.attempt == 1 })
            }
            let delivery = try #require(try store.deliveries(DeliveryQuery()).first)
            #expect(delivery.state == state && delivery.lastStatus == status && delivery.lastError == error)
            #expect(receiver.messages.count == 1)
        }
    }

    @Test(arguments: ["http://private.invalid/", "http://10.0.0.7/", "http://[::1]/", "http://127.0.0.2:1/"])
    func privateAddressesAreGivenUpAtOnce(_ url: String) async throws {
        let store = MemoryHookStore()
        #expect(try store.keep(Webhook(url: url, createdAt: Date())))
        try await Dispatch.run(store) { dispatcher in
            try await dispatcher.emit(Dispatch.event())
            #expect(try await within { try store.counts() == [.dead: 1] })
        }
        let delivery = try #require(try store.deliveries(DeliveryQuery()).first)
        #expect(delivery.attempt == 1 && delivery.lastError?.contains("outbound.allow") == true)
    }

    @Test func anAddressThatCannotBeUsedIsGivenUp() async throws {
        let store = MemoryHookStore()
        #expect(try store.keep(Webhook(url: "ftp://example.com/", createdAt: Date())))
        try await Dispatch.run(store) { dispatcher in
            try await dispatcher.emit(Dispatch.event())
            #expect(try await within { try store.counts() == [.dead: 1] })
        }
    }

    @Test func whoFailsInARowIsLeftAlone() async throws {
        let store = MemoryHookStore()
        var settings = Dispatch.settings
        settings.breaker = .init(threshold: 2, pause: .seconds(60))
        let answers = Answers([.answer(500), .answer(500), .answer(200)])
        try await Receiver.run(conduct: { _ in answers.next() }) { receiver in
            let hook = hook(receiver.port)
            #expect(try store.keep(hook))
            try await Dispatch.run(store, settings: settings) { dispatcher in
                for _ in 0..<10 { try await dispatcher.emit(Dispatch.event()) }
                #expect(await within { receiver.messages.count == 2 })
                #expect(await !within(.milliseconds(300)) { receiver.messages.count > 2 })
                // A test that succeeds opens the way.
                #expect(try await dispatcher.sendTest(to: hook.id)?.state == .delivered)
                #expect(try await within { try store.counts() == [.delivered: 11] })
            }
        }
    }

    @Test func aTestIsOneAttemptWithItsOutcome() async throws {
        let store = MemoryHookStore()
        try await Receiver.run(conduct: { $0.uri == "/bad" ? .answer(500) : .answer(200) }) { receiver in
            var good = hook(receiver.port, "good")
            let bad = hook(receiver.port, "bad")
            good.isEnabled = false
            #expect(try store.keep(good) && store.keep(bad))
            let (goodID, badID) = (good.id, bad.id)
            try await Dispatch.run(store) { dispatcher in
                let well = try #require(try await dispatcher.sendTest(to: goodID))
                #expect(well.state == .delivered && well.event == "webhook.test" && well.sequence > 0)
                let ill = try #require(try await dispatcher.sendTest(to: badID))
                #expect(ill.state == .dead && ill.attempt == 1 && ill.lastStatus == 500)
                #expect(try await dispatcher.sendTest(to: .random()) == nil)
            }
            #expect(receiver.messages.count == 2)
        }
    }

    @Test func theLogHasNoSecrets() async throws {
        let (store, book) = (MemoryHookStore(), LogBook())
        try await Receiver.run(conduct: { _ in .answer(500) }) { receiver in
            let hook = hook(receiver.port, "services/T0P/S3CR3T?key=k3y")
            #expect(try store.keep(hook))
            try await Dispatch.run(store, logger: book.logger) { dispatcher in
                try await dispatcher.emit(Dispatch.event())
                #expect(try await within { try store.counts() == [.dead: 1] })
            }
            let text = book.lines.joined(separator: "\n")
            #expect(
                text.contains("given up") && text.contains("hooks.invalid") && text.contains(hook.id.text))
            for secret in ["T0P", "S3CR3T", "k3y", hook.secrets.current.text] {
                #expect(!text.contains(secret))
            }
        }
    }

    private func isSigned(_ message: Receiver.Message, by secrets: [HookSecret]) -> Bool {
        guard let value = message.field(HookSignature.field),
            let time = Int64(value.dropFirst(2).prefix { $0 != "," }),
            abs(Double(time) - Date().timeIntervalSince1970) < 60
        else { return false }
        return value == HookSignature.value(of: message.body, at: time, secrets: secrets)
    }
}
