// The one way out for requests of this process. In: a request. Out: its answer, or a fault in words. The target's name is
// resolved once, every address that it has is checked, and the connection goes to the address that was checked: the name
// cannot become another one in between. Nobody is blocked; everything together has a deadline. Requests above the bound
// are refused and counted.

import AsyncHTTPClient
package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

package final class OutboundClient: Sendable {
    private struct State {
        var shelf = LineShelf<HTTPClient>()
        var underWay = 0
    }

    let settings: OutboundSettings
    private let book: NameBook
    private let configuration: HTTPClient.Configuration
    let group: any EventLoopGroup
    let tls: TLSConfiguration
    private let metrics = OutboundMetrics()
    private let state = Mutex(State())

    /// More addresses of one name are not tried.
    private static let addressLimit = 4

    /// `lookup`: what the names resolve to; the system's own answer by default. Throws where the file of trusted
    /// certificates cannot be read.
    package init(
        settings: OutboundSettings, group: any EventLoopGroup, lookup: NameBook.Lookup? = nil
    ) throws(OutboundFault) {
        self.settings = settings
        self.group = group
        book = NameBook(memory: settings.nameMemory, lookup: lookup ?? NameLookup.system)
        var tls = TLSConfiguration.makeClientConfiguration()
        if let path = settings.trust {
            do {
                tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
            } catch {
                throw .failed("the trusted certificates in '\(path)' cannot be read")
            }
        }
        self.tls = tls
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .nanoseconds(settings.connectTime.wholeNanoseconds)),
            connectionPool: .init(idleTimeout: .seconds(15)))
        configuration.httpVersion = .http1Only
        // A connection that is refused is refused; the next address is tried instead.
        configuration.connectionPool.retryConnectionEstablishment = false
        self.configuration = configuration
    }

    /// Closes all connections and ends the resolver's threads. Requests that are under way come to their end.
    package func shutDown() async {
        for line in state.withLock({ $0.shelf.close() }) { try? await line.shutdown() }
        book.close()
    }

    /// The addresses of a target, all of which may be connected to. It is what an API asks before it keeps an address
    /// that somebody typed in; every request asks again.
    package func check(_ target: WebTarget, deadline: Duration = .seconds(5)) async throws(OutboundFault) {
        do {
            _ = try await withDeadline(deadline) { [self] in try await addresses(of: target) }
        } catch {
            throw OutboundFault(error)
        }
    }

    /// Sends the request and reads its answer. Any status is an answer.
    package func send(_ request: OutboundRequest) async throws(OutboundFault) -> OutboundResponse {
        let start = ContinuousClock.now
        do {
            guard enter() else { throw OutboundFault.busy }
            defer { leave() }
            let response = try await withDeadline(request.deadline) { [self] in try await walk(request) }
            metrics.answered(response.status, purpose: request.purpose, after: .now - start)
            return response
        } catch {
            let fault = OutboundFault(error)
            metrics.failed(fault, purpose: request.purpose)
            throw fault
        }
    }

    private func enter() -> Bool {
        state.withLock { state in
            guard state.underWay < settings.requests else { return false }
            state.underWay += 1
            return true
        }
    }

    private func leave() {
        state.withLock { $0.underWay -= 1 }
    }

    /// The request, and where redirects lead.
    private func walk(_ request: OutboundRequest) async throws -> OutboundResponse {
        var request = request
        let isFollowing = request.method == .get || request.method == .head
        var hops = isFollowing ? request.redirects : 0
        while true {
            let response = try await exchange(request)
            guard hops > 0, [301, 302, 303, 307, 308].contains(response.status),
                let location = response.field("location")
            else { return response }
            hops -= 1
            let next: WebTarget
            do {
                next = try request.target.following(location)
            } catch {
                throw OutboundFault.redirect("\(error)")
            }
            guard next.scheme == .https || request.target.scheme == .http else {
                throw OutboundFault.redirect("it leads from https to http")
            }
            if next.authority != request.target.authority || next.scheme != request.target.scheme {
                // What one server may know is not for another.
                request.fields.removeAll { ["authorization", "cookie"].contains($0.name.lowercased()) }
            }
            request.target = next
        }
    }

    private func exchange(_ request: OutboundRequest) async throws -> OutboundResponse {
        let addresses = try await addresses(of: request.target).prefix(OutboundClient.addressLimit)
        for address in addresses.dropLast() {
            do {
                return try await exchange(request, at: address)
            } catch  where OutboundFault(error).isBeforeSending && !Task.isCancelled {
                continue
            }
        }
        guard let last = addresses.last else {
            throw OutboundFault.unresolved(host: "\(request.target.host)", reason: "no address")
        }
        return try await exchange(request, at: last)
    }

    func addresses(of target: WebTarget) async throws -> [IPAddress] {
        let addresses: [IPAddress]
        var name: String?
        switch target.host {
        case .address(let address): addresses = [address]
        case .name(let host):
            name = host
            addresses = try await book.addresses(of: host)
        }
        for address in addresses {
            // One address that is not public is enough: whoever runs the name could have any of them answered.
            if let kind = settings.policy.refusal(of: address, host: name) {
                throw OutboundFault.refused(host: "\(target.host)", kind: kind)
            }
        }
        return addresses
    }

    private func exchange(_ request: OutboundRequest, at address: IPAddress) async throws -> OutboundResponse
    {
        var key = LineShelf<HTTPClient>.Key(host: nil, address: address)
        if case .name(let name) = request.target.host { key.host = name }
        guard let line = state.withLock({ $0.shelf.take(key, at: .now) { makeLine(key) } }) else {
            throw OutboundFault.cancelled
        }
        let result: Result<OutboundResponse, any Error>
        do {
            result = .success(try await exchange(request, over: line))
        } catch {
            result = .failure(error)
        }
        for old in state.withLock({ $0.shelf.giveBack(key, at: .now) }) { try? await old.shutdown() }
        return try result.get()
    }

    /// A client that reaches the name at this address only: the name stays in Host, in SNI and in the check of the
    /// certificate.
    private func makeLine(_ key: LineShelf<HTTPClient>.Key) -> HTTPClient {
        var configuration = configuration
        if let host = key.host { configuration.dnsOverride = [host: "\(key.address)"] }
        return HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }

    private func exchange(
        _ request: OutboundRequest, over line: HTTPClient
    ) async throws -> OutboundResponse {
        var message = HTTPClientRequest(url: request.target.text)
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        message.headers.add(name: "User-Agent", value: settings.agent)
        for field in request.fields { message.headers.add(name: field.name, value: field.value) }
        if request.closesConnection { message.headers.add(name: "Connection", value: "close") }
        if let body = request.body { message.body = .bytes(body) }
        let answer = try await line.execute(
            message, timeout: .nanoseconds(request.deadline.wholeNanoseconds))
        var response = OutboundResponse(
            status: Int(answer.status.code), fields: answer.headers.map { OutboundField($0.name, $0.value) },
            body: ByteBuffer(), isCut: false)
        for try await var piece in answer.body {
            let room = request.answerLimit - response.body.readableBytes
            guard piece.readableBytes > room else {
                response.body.writeBuffer(&piece)
                continue
            }
            guard request.excess == .cut else { throw OutboundFault.tooLarge(limit: request.answerLimit) }
            if var fitting = piece.readSlice(length: max(room, 0)) { response.body.writeBuffer(&fitting) }
            response.isCut = true
            break
        }
        // A cancelled body ends like a whole one.
        try Task.checkCancellation()
        return response
    }
}

extension Duration {
    /// For NIO's clock; what does not fit is the longest that does.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return isOver ? .max : product &+ attoseconds / 1_000_000_000
    }
}
