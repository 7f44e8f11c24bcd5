import NIOPosix
import Outbound
import Receiving
import Synchronization

/// A client for the length of a test. By default it may reach 127.0.0.1 only, and every name leads there.
enum Outside {
    static let group = MultiThreadedEventLoopGroup.singleton

    @discardableResult static func run<Result>(
        allow: [String] = ["127.0.0.1"], trust: String? = nil, requests: Int = 256,
        lookup: @escaping NameBook.Lookup = { _ in [.v4(0x7F00_0001)] },
        _ body: (OutboundClient) async throws -> Result
    ) async throws -> Result {
        var settings = OutboundSettings()
        settings.policy = AddressPolicy(allow: allow.compactMap { AddressPolicy.Entry($0) })
        settings.trust = trust
        settings.requests = requests
        settings.nameMemory = .zero
        let client = try OutboundClient(
            settings: settings, group: group, lookup: lookup)
        do {
            let result = try await body(client)
            await client.shutDown()
            return result
        } catch {
            await client.shutDown()
            throw error
        }
    }

    static func get(_ url: String, deadline: Duration = .seconds(120)) throws -> OutboundRequest {
        var request = OutboundRequest(.get, try WebTarget(url), purpose: "test")
        request.deadline = deadline
        return request
    }
}

/// Answers names from a list, one answer after the other; the last stays.
final class Names: Sendable {
    private struct State {
        var answers: [[String]]
        var asked = 0
    }

    private let state: Mutex<State>

    init(_ answers: [String]...) {
        state = Mutex(State(answers: answers))
    }

    var asked: Int { state.withLock { $0.asked } }

    func lookup(_ host: String) throws -> [IPAddress] {
        state.withLock { state in
            state.asked += 1
            let answer = state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
            return answer.compactMap { IPAddress($0) }
        }
    }
}
