import Media
import NIOPosix
import Outbound
import Synchronization
import Translation

/// An engine that does what a test tells it to, and remembers what it was asked.
final class ToldEngine: Translator {
    let name: EngineName
    let manner: TranslatorManner
    private let heard = Mutex<[String]>([])
    private let stopped = Mutex(false)
    private let answer: @Sendable (String) async throws -> String

    init(
        _ name: EngineName = .apertium, masks: TranslatorManner.Masks = .words, isPaid: Bool = false,
        deadline: Duration = .seconds(60), _ answer: @escaping @Sendable (String) async throws -> String
    ) {
        self.name = name
        manner = TranslatorManner(masks: masks, isPaid: isPaid, deadline: deadline)
        self.answer = answer
    }

    var texts: [String] { heard.withLock { $0 } }
    var isStopped: Bool { stopped.withLock { $0 } }

    func speaks(from: LanguageTag, to: LanguageTag) -> Bool { true }
    func reaches(_ language: LanguageTag) -> Bool { true }

    func translate(_ texts: [String], from: LanguageTag, to: LanguageTag) async throws -> [Rendering] {
        heard.withLock { $0 += texts }
        var renderings: [Rendering] = []
        for text in texts { renderings.append(Rendering(text: try await answer(text), engine: name)) }
        return renderings
    }

    func stop() { stopped.withLock { $0 = true } }
}

/// An engine of single pairs.
final class ToldPairs: PairTranslator {
    let name: EngineName
    let manner = TranslatorManner()
    let steps: [TranslationStep]
    private let answer: @Sendable (String, LanguageTag) throws -> String

    init(
        _ name: EngineName, _ steps: [TranslationStep],
        _ answer: @escaping @Sendable (String, LanguageTag) throws -> String
    ) {
        self.name = name
        self.steps = steps
        self.answer = answer
    }

    func translate(_ texts: [String], from: LanguageTag, to: LanguageTag) async throws -> [Rendering] {
        try texts.map { Rendering(text: try answer($0, to), engine: name) }
    }
}

/// Opens for all who wait, once.
final class Gate: Sendable {
    private let waiters = Mutex<(isOpen: Bool, waiting: [Waiter<Void>])>((false, []))

    var count: Int { waiters.withLock { $0.waiting.count } }

    func pass() async throws {
        let waiter = Waiter<Void>()
        let isOpen = waiters.withLock { state -> Bool in
            if !state.isOpen { state.waiting.append(waiter) }
            return state.isOpen
        }
        if !isOpen { try await waiter.value() }
    }

    func open() {
        let all = waiters.withLock { state -> [Waiter<Void>] in
            defer { state = (true, []) }
            return state.waiting
        }
        for waiter in all { waiter.resume(.success(())) }
    }
}

/// A client that may reach this machine.
func withClient<Result>(_ body: (OutboundClient) async throws -> Result) async throws -> Result {
    var settings = OutboundSettings()
    settings.policy = AddressPolicy(allow: ["127.0.0.1"].compactMap { AddressPolicy.Entry($0) })
    let client = try OutboundClient(settings: settings, group: MultiThreadedEventLoopGroup.singleton)
    do {
        let result = try await body(client)
        await client.shutDown()
        return result
    } catch {
        await client.shutDown()
        throw error
    }
}
