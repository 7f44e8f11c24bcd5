// The SRT port. In: callers, checked before they are let in. Out: their bytes, to whom the door names, from this one
// thread, which waits in libsrt and blocks nobody. Turned away: callers above the limits (in all, from one address),
// unknown keys, wrong passphrases. What a receiver cannot take is its own to drop and count.

import CSRT
import Foundation
import NIOCore
import Synchronization

package final class SRTListener: Sendable {
    package struct Limits: Hashable, Sendable {
        package var connections: Int
        package var connectionsPerAddress: Int
        /// How long lost packets may be asked for again, milliseconds; a caller that wants more gets more.
        package var latency: Int
        /// Silence after which a caller is given up, milliseconds.
        package var idle: Int

        package init(
            connections: Int = 200, connectionsPerAddress: Int = 16, latency: Int = 500, idle: Int = 5000
        ) {
            self.connections = connections
            self.connectionsPerAddress = connectionsPerAddress
            self.latency = latency
            self.idle = idle
        }
    }

    /// What is asked of the thread from outside.
    private struct Orders {
        var isStopping = false
        var disconnects: [(SRTSOCKET, String)] = []
        /// Connections by address, those in their handshake included.
        var census: [String: Int] = [:]
        var count = 0
        var connections: Int
        var connectionsPerAddress: Int
    }

    private let limits: Limits
    private let door: any SRTDoor
    private let socket: SRTSocket
    private let orders: Mutex<Orders>
    private let ending = DispatchGroup()
    /// The port that it listens on.
    package let port: Int

    /// Opens the port (0: any free one); callers are served once `start` is called. Throws `SRTFault`.
    package init(host: String, port: Int, limits: Limits = Limits(), door: any SRTDoor) throws(SRTFault) {
        self.limits = limits
        self.door = door
        orders = Mutex(
            Orders(connections: limits.connections, connectionsPerAddress: limits.connectionsPerAddress))
        let socket = try SRTSocket.make()
        self.socket = socket
        do throws(SRTFault) {
            self.port = try SRTListener.open(socket, host: host, port: port, limits)
        } catch {
            socket.close()
            throw error
        }
    }

    /// Returns the port that it came to.
    private static func open(
        _ socket: SRTSocket, host: String, port: Int, _ limits: Limits
    ) throws(SRTFault) -> Int {
        try socket.set(SRTO_RCVSYN, false)
        try socket.set(SRTO_LATENCY, Int32(clamping: limits.latency))
        try socket.set(SRTO_PEERIDLETIMEO, Int32(clamping: limits.idle))
        guard let place = SocketPlace(host: host, port: port) else {
            throw SRTFault(call: "srt.host", reason: "'\(host)' is no address", isInUse: false)
        }
        guard place.with({ srt_bind(socket.number, $0, $1) }) != SRT_ERROR else { throw .last("srt_bind") }
        var own = sockaddr_storage()
        var length = Int32(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                srt_getsockname(socket.number, $0, &length) == SRT_ERROR ? nil : SocketPlace.read($0)?.port
            }
        } ?? port
    }

    /// Serves callers from here on, on a thread of its own; `stop` ends it. Throws `SRTFault`.
    package func start() throws(SRTFault) {
        // The listener outlives its socket: `stop` waits for the thread, which closes the socket first.
        let opaque = Unmanaged.passUnretained(self).toOpaque()
        // On libsrt's own thread; -1 turns the caller away.
        let hooked = srt_listen_callback(
            socket.number,
            { opaque, number, _, address, streamID in
                guard let opaque else { return -1 }
                let listener = Unmanaged<SRTListener>.fromOpaque(opaque).takeUnretainedValue()
                return listener.admit(SRTSocket(number: number), SocketPlace.read(address), streamID)
            }, opaque)
        guard hooked != SRT_ERROR else { throw .last("srt_listen_callback") }
        guard srt_listen(socket.number, 32) != SRT_ERROR else { throw .last("srt_listen") }
        ending.enter()
        let thread = Thread { [self] in
            work()
            ending.leave()
        }
        thread.name = "srt"
        thread.start()
    }

    /// Closes the port and every connection; each receiver hears that it ended. Blocks until that is done.
    package func stop() {
        orders.withLock { $0.isStopping = true }
        ending.wait()
    }

    /// The limits from now on; hosts that are in stay.
    package func limit(connections: Int, perAddress: Int) {
        orders.withLock { ($0.connections, $0.connectionsPerAddress) = (connections, perAddress) }
    }

    package var connectionCount: Int { orders.withLock { $0.count } }

    // MARK: The handshake

    private func admit(
        _ caller: SRTSocket, _ place: (host: String, port: Int)?, _ text: UnsafePointer<CChar>?
    ) -> Int32 {
        func refuse(_ code: Int32) -> Int32 {
            srt_setrejectreason(caller.number, code)
            return -1
        }
        let peer = place.map { "\($0.host):\($0.port)" } ?? "unknown"
        let isFull = orders.withLock { orders in
            orders.count >= orders.connections
                || orders.census[place?.host ?? "", default: 0] >= orders.connectionsPerAddress
        }
        guard !isFull else {
            door.turnedAway(peer: peer, reason: "too many SRT connections are open")
            return refuse(SRT_REJX_OVERLOAD)
        }
        do {
            let streamID = try SRTStreamID(text.map { String(cString: $0) } ?? "")
            switch door.verdict(on: streamID, peer: peer) {
            case .forbidden: return refuse(SRT_REJX_FORBIDDEN)
            case .welcome(let passphrase):
                if let passphrase { try caller.set(SRTO_PASSPHRASE, passphrase) }
                return 0
            }
        } catch let fault as SRTStreamID.Fault {
            door.turnedAway(peer: peer, reason: fault.reason)
            return refuse(SRT_REJX_BAD_REQUEST)
        } catch {
            door.turnedAway(peer: peer, reason: "\(error)")
            return refuse(SRT_REJX_ISE)
        }
    }

    // MARK: The thread

    /// One caller, on the thread.
    private struct Line {
        let socket: SRTSocket
        let host: String
        let receiver: any SRTReceiver
    }

    private func work() {
        let poll = srt_epoll_create()
        defer { srt_epoll_release(poll) }
        var wanted = Int32(SRT_EPOLL_IN.rawValue | SRT_EPOLL_ERR.rawValue)
        srt_epoll_add_usock(poll, socket.number, &wanted)
        var lines: [SRTSOCKET: Line] = [:]
        var ready = [SRT_EPOLL_EVENT](repeating: SRT_EPOLL_EVENT(), count: 64)
        var measured = ContinuousClock.now
        while !orders.withLock({ $0.isStopping }) {
            let count = srt_epoll_uwait(poll, &ready, Int32(ready.count), 50)
            for event in ready.prefix(Int(max(0, count))) {
                if event.fd == socket.number {
                    if let line = accept() {
                        lines[line.socket.number] = line
                        srt_epoll_add_usock(poll, line.socket.number, &wanted)
                    }
                } else if let line = lines[event.fd], let reason = read(line) {
                    lines[event.fd] = nil
                    end(line, reason)
                }
            }
            for (number, reason) in orders.withLock({ orders in
                defer { orders.disconnects = [] }
                return orders.disconnects
            }) {
                if let line = lines.removeValue(forKey: number) { end(line, reason) }
            }
            if ContinuousClock.now - measured > .seconds(1) {
                measured = .now
                for line in lines.values {
                    if let statistics = line.socket.statistics { line.receiver.measured(statistics) }
                }
            }
        }
        socket.close()
        for line in lines.values { end(line, "the server is shutting down") }
    }

    private func accept() -> Line? {
        var address = sockaddr_storage()
        var length = Int32(MemoryLayout<sockaddr_storage>.size)
        let (number, place) = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let number = srt_accept(socket.number, $0, &length)
                return (number, number == SRT_INVALID_SOCK ? nil : SocketPlace.read($0))
            }
        }
        guard number != SRT_INVALID_SOCK else { return nil }
        let caller = SRTSocket(number: number)
        let host = place?.host ?? "unknown"
        guard let text = caller.text(SRTO_STREAMID), let streamID = try? SRTStreamID(text),
            (try? caller.set(SRTO_RCVSYN, false)) != nil
        else {
            caller.close()
            return nil
        }
        orders.withLock { orders in
            orders.count += 1
            orders.census[host, default: 0] += 1
        }
        let receiver = door.connected(streamID, peer: "\(host):\(place?.port ?? 0)") { [weak self] reason in
            self?.orders.withLock { $0.disconnects.append((number, reason)) }
        }
        return Line(socket: caller, host: host, receiver: receiver)
    }

    /// Hands on what has come; the reason where the connection is over.
    private func read(_ line: Line) -> String? {
        var bytes = ByteBufferAllocator().buffer(capacity: 16 * 1316)
        defer { if bytes.readableBytes > 0 { line.receiver.receive(bytes) } }
        // Others are waiting too: what is left is told again at once.
        for _ in 0..<64 {
            let count = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: 1500) { room -> Int in
                let base = room.baseAddress?.assumingMemoryBound(to: CChar.self)
                return max(0, Int(srt_recvmsg(line.socket.number, base, Int32(min(room.count, 1500)))))
            }
            if count > 0 { continue }
            let code = srt_getlasterror(nil)
            if code == SRT_EASYNCRCV.rawValue { return nil }
            return srt_getsockstate(line.socket.number) == SRTS_BROKEN
                ? "the connection is broken" : "the host has closed the connection"
        }
        return nil
    }

    private func end(_ line: Line, _ reason: String) {
        line.socket.close()
        orders.withLock { orders in
            orders.count -= 1
            let left = (orders.census[line.host] ?? 1) - 1
            orders.census[line.host] = left > 0 ? left : nil
        }
        line.receiver.ended(reason: reason)
    }
}
