// In: a viewer's requests. Out: their answers, over connections that are kept: one where the server speaks HTTP/2, up
// to six a host where it speaks HTTP/1.1, as browsers do. Nobody blocks; requests beyond `waitingAtMost` fail as busy.
// A request that a kept connection's end has hit before any byte of its answer is sent once more.

import DequeModule
import Media
package import NIOCore
import NIOPosix
package import NIOSSL

/// A viewer's connections, on one event loop.
package final class Lines: Transport {
    package struct Options: Sendable {
        /// What https needs; nil refuses it.
        package var tls: NIOSSLContext?
        /// HTTP/1.1: connections to one host.
        package var connections = 6
        package var connectTimeout = TimeAmount.seconds(10)
        /// Addresses that have been looked up already, by `host:port`.
        package var resolved: [String: SocketAddress] = [:]

        package init(tls: NIOSSLContext?) { self.tls = tls }
    }

    private final class Host {
        var lines: [Line] = []
        var opening = 0
        var isHTTP2: Bool?
        var waiting: Deque<Waiting> = []
    }

    private struct Waiting {
        let number: Int
        let get: HTTPGet
        let isSecondTry: Bool
    }

    /// Requests of a host that wait for a connection; hosts that one viewer talks to.
    private static let waitingAtMost = 32
    private static let hostsAtMost = 8

    package weak var listener: (any TransportListener)?
    package let budget: BodyBudget
    private let loop: any EventLoop
    private let options: Options
    private var hosts: [WebAddress.Origin: Host] = [:]
    /// Where each request is; nil while it waits for a connection.
    private var placed: [Int: Line?] = [:]
    private var secondTries: Set<Int> = []
    private var isClosed = false
    /// Bytes of all bodies so far, unfinished ones too.
    package private(set) var bytes = 0
    /// Connections opened so far.
    package private(set) var opened = 0

    package init(loop: any EventLoop, options: Options, budget: BodyBudget) {
        self.loop = loop
        self.options = options
        self.budget = budget
    }

    package func get(_ request: HTTPGet, number: Int) {
        guard !isClosed else { return }
        let origin = request.address.origin
        placed[number] = .some(nil)
        if hosts[origin] == nil {
            guard hosts.count < Lines.hostsAtMost else { return fail(number, .busy) }
            hosts[origin] = Host()
        }
        guard let host = hosts[origin] else { return }
        guard host.waiting.count < Lines.waitingAtMost else { return fail(number, .busy) }
        guard !origin.isSecure || options.tls != nil else { return fail(number, .tls) }
        host.waiting.append(Waiting(number: number, get: request, isSecondTry: false))
        pump(origin, host)
    }

    package func cancel(_ number: Int) {
        guard let place = placed.removeValue(forKey: number) else { return }
        secondTries.remove(number)
        if let line = place {
            line.cancel(number)
        } else {
            for host in hosts.values { host.waiting.removeAll { $0.number == number } }
        }
    }

    package func close() {
        isClosed = true
        placed = [:]
        for host in hosts.values {
            host.waiting = []
            for line in host.lines { line.abandon() }
        }
        hosts = [:]
    }

    /// Sends what waits, over lines that are there or new ones.
    private func pump(_ origin: WebAddress.Origin, _ host: Host) {
        while !isClosed, let next = host.waiting.first, let line = host.lines.last(where: \.hasRoom) {
            host.waiting.removeFirst()
            placed[next.number] = line
            if next.isSecondTry { secondTries.insert(next.number) }
            line.send(next.get, number: next.number)
        }
        // Until a TLS server has told its protocol, one connection is enough.
        let atMost = origin.isSecure && host.isHTTP2 != false ? 1 : options.connections
        while !isClosed, host.opening < host.waiting.count, host.opening + host.lines.count < atMost {
            open(origin, host)
        }
    }

    private func open(_ origin: WebAddress.Origin, _ host: Host) {
        host.opening += 1
        opened += 1
        let line = NIOLoopBound(Line(origin: origin, owner: self), eventLoop: loop)
        let tls = origin.isSecure ? options.tls : nil
        let isName = origin.host.contains { !$0.isHexDigit && $0 != "." && $0 != ":" }
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(options.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isName ? origin.host : nil))
                    }
                    try pipeline.addHandler(line.value)
                }
            }
        let known = options.resolved["\(origin.host):\(origin.port)"]
        let connecting =
            if let known {
                bootstrap.connect(to: known)
            } else {
                bootstrap.connect(host: origin.host, port: origin.port)
            }
        connecting.assumeIsolated().whenFailure { [weak self] _ in
            guard line.value.owner != nil else { return }
            line.value.owner = nil
            self?.gone(line.value, .connect)
        }
    }

    // MARK: What lines tell

    func opened(_ line: Line) {
        guard let host = hosts[line.origin] else { return line.close() }
        host.opening -= 1
        host.isHTTP2 = line.isHTTP2
        host.lines.append(line)
        pump(line.origin, host)
    }

    func gone(_ line: Line, _ failure: HTTPFailure) {
        guard let host = hosts[line.origin] else { return }
        if let index = host.lines.firstIndex(where: { $0 === line }) {
            host.lines.remove(at: index)
        } else {
            host.opening -= 1
            if let first = host.waiting.popFirst() { fail(first.number, failure) }
        }
        pump(line.origin, host)
    }

    func finished(_ line: Line, _ exchange: Exchange, _ failure: HTTPFailure?) {
        budget.giveBack(exchange.kept)
        guard placed.removeValue(forKey: exchange.number) != nil else { return }
        let isSecondTry = secondTries.remove(exchange.number) != nil
        if failure == .closed, line.isUsed, exchange.head == nil, !isSecondTry, let host = hosts[line.origin]
        {
            placed[exchange.number] = .some(nil)
            host.waiting.prepend(Waiting(number: exchange.number, get: exchange.get, isSecondTry: true))
            return
        }
        if let failure {
            listener?.finished(exchange.number, .failure(failure))
        } else if let head = exchange.head {
            listener?.finished(
                exchange.number,
                .success(
                    HTTPAnswer(head: head, body: exchange.body, bytes: exchange.bytes, began: exchange.began))
            )
        }
        if !isClosed, let host = hosts[line.origin], !host.waiting.isEmpty { pump(line.origin, host) }
    }

    func count(_ bytes: Int) { self.bytes += bytes }

    /// Tells a failure, but not from within the call that caused it.
    private func fail(_ number: Int, _ failure: HTTPFailure) {
        loop.assumeIsolated().execute { [weak self] in
            guard let self, placed.removeValue(forKey: number) != nil else { return }
            listener?.finished(number, .failure(failure))
        }
    }
}

/// Bytes that all unfinished playlists of one event loop may hold: what hostile servers can make us remember.
package final class BodyBudget {
    private var left: Int

    package init(bytes: Int = 64 << 20) { left = bytes }

    func take(_ bytes: Int) -> Bool {
        guard bytes <= left else { return false }
        left -= bytes
        return true
    }

    func giveBack(_ bytes: Int) { left += bytes }
}
