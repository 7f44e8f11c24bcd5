import Foundation
import Hooks
import NIOCore
import Outbound
import Persistence
import Receiving
import ServiceLifecycle
import Synchronization
import Testing

/// What a stop, a kill and a failing disk leave behind.
@Suite struct RestartTests {
    private func hook(_ port: Int) -> Webhook {
        Webhook(url: "http://hooks.invalid:\(port)/", createdAt: Date())
    }

    @Test func aKilledServerSendsAfterItsNextStart() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store.sqlite"
        let answers = Answers([.hang, .answer(200)])
        var settings = Dispatch.settings
        settings.deadline = .seconds(30)
        try await Receiver.run(conduct: { _ in answers.next() }) { receiver in
            let store = try Stores.open(path)
            #expect(try store.keep(hook(receiver.port)))
            try await Dispatch.run(store, settings: settings) { [settings] dispatcher in
                _ = settings
                for _ in 0..<3 { try await dispatcher.emit(Dispatch.event()) }
                #expect(await within { receiver.messages.count == 1 })
            }
            // The first attempt was under way and has left nothing.
            let again = try Stores.open(path)
            #expect(try again.counts() == [.pending: 3])
            #expect(try again.deliveries(DeliveryQuery()).allSatisfy { $0.attempt == 0 })
            try await Dispatch.run(again) { _ async throws in
                #expect(try await within { try again.counts() == [.delivered: 3] })
            }
            let names = receiver.messages.map { $0.field("shopcast-delivery") }
            // In the order of the events, and the first twice under one name.
            let stored = try again.deliveries(DeliveryQuery()).reversed().map { $0.id.text as String? }
            #expect(names == [stored[0]] + stored)
        }
    }

    @Test func waitsGoOnAfterARestart() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store.sqlite"
        let answers = Answers([.answer(500), .answer(200)])
        var settings = Dispatch.settings
        settings.backoff.first = .milliseconds(600)
        try await Receiver.run(conduct: { _ in answers.next() }) { receiver in
            let store = try Stores.open(path)
            #expect(try store.keep(hook(receiver.port)))
            let failed = try await Dispatch.run(store, settings: settings) { dispatcher in
                try await dispatcher.emit(Dispatch.event())
                #expect(try await within { try store.deliveries(DeliveryQuery()).first?.attempt == 1 })
                return try #require(try store.deliveries(DeliveryQuery()).first)
            }
            let again = try Stores.open(path)
            try await Dispatch.run(again, settings: settings) { _ async throws in
                #expect(try await within { try again.counts() == [.delivered: 1] })
            }
            let delivered = try #require(try again.deliveries(DeliveryQuery()).first)
            #expect(delivered.attempt == 2 && delivered.id == failed.id)
            #expect(try #require(delivered.settledAt) >= failed.nextAttempt)
        }
    }

    @Test func aGracefulStopStoresWhatWasPosted() async throws {
        let store = MemoryHookStore()
        try await Receiver.run(conduct: { _ in .late(.milliseconds(60), 200) }) { receiver in
            #expect(try store.keep(hook(receiver.port)))
            var settings = Dispatch.settings
            settings.grace = .seconds(5)
            let client = try Dispatch.client()
            let dispatcher = HookDispatcher(
                store: store, client: client, settings: settings, logger: Dispatch.quiet)
            let group = ServiceGroup(
                configuration: .init(services: [.init(service: dispatcher)], logger: Dispatch.quiet))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await dispatcher.emit(Dispatch.event())
                #expect(await within { receiver.messages.count == 1 })
                await group.triggerGracefulShutdown()
                dispatcher.post(Dispatch.event())
                try await tasks.waitForAll()
            }
            await client.shutDown()
            // The one under way came to its end, the other waits for the next start or made it too.
            #expect(try store.deliveries(DeliveryQuery()).last?.state == .delivered)
        }
    }

    @Test func theMailboxIsBounded() async throws {
        let store = MemoryHookStore()
        var settings = Dispatch.settings
        settings.mailboxLimit = 5
        #expect(try store.keep(Webhook(url: "http://private.invalid/", createdAt: Date())))
        let client = try Dispatch.client()
        let dispatcher = HookDispatcher(
            store: store, client: client, settings: settings, logger: Dispatch.quiet)
        for _ in 0..<9 { dispatcher.post(Dispatch.event()) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await dispatcher.run() }
            #expect(try await within { try store.counts() == [.dead: 5] })
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
        await client.shutDown()
    }

    @Test func aFailingDiskDoesNotFloodTheReceiver() async throws {
        let (store, book) = (MemoryHookStore(), LogBook())
        let isFailing = Mutex(true)
        try await Receiver.run(conduct: { _ in
            if isFailing.withLock({ $0 }) { store.setBroken(true) }
            return .answer(200)
        }) { receiver in
            #expect(try store.keep(hook(receiver.port)))
            try await Dispatch.run(store, logger: book.logger) { dispatcher in
                try await dispatcher.emit(Dispatch.event())
                #expect(await within { receiver.messages.count == 1 })
                #expect(await within { book.lines.contains { $0.contains("cannot be read or written") } })
                await #expect(throws: MemoryHookStore.DiskFull.self) {
                    try await dispatcher.emit(Dispatch.event())
                }
                // It works again, and the one that could not be written down waits all the same.
                isFailing.withLock { $0 = false }
                store.setBroken(false)
                #expect(await !within(.milliseconds(300)) { receiver.messages.count > 1 })
                #expect(try store.counts() == [.pending: 1])
            }
        }
    }

    @Test func aDisabledWebhookHoldsWhatWaits() async throws {
        let store = MemoryHookStore()
        try await Receiver.run(conduct: { _ in .answer(200) }) { receiver in
            var hook = hook(receiver.port)
            #expect(try store.keep(hook))
            #expect(try store.append(Dispatch.event(), at: Date(), waitingLimit: 9).accepted == 1)
            hook.isEnabled = false
            #expect(try store.keep(hook))
            hook.isEnabled = true
            try await Dispatch.run(store) { [hook] dispatcher async throws in
                #expect(try await dispatcher.emit(Dispatch.event()) == HookReceipt(accepted: 0, dropped: []))
                #expect(await !within(.milliseconds(200)) { !receiver.messages.isEmpty })
                #expect(try store.keep(hook))
                dispatcher.wake()
                #expect(try await within { try store.counts() == [.delivered: 1] })
            }
        }
    }
}

/// One conduct after the other; the last stays.
final class Answers: Sendable {
    private let left: Mutex<[Receiver.Conduct]>

    init(_ all: [Receiver.Conduct]) { left = Mutex(all) }

    func next() -> Receiver.Conduct {
        left.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }
}
