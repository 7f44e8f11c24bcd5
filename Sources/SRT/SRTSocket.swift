import CSRT
import Glibc

/// What libsrt refused: the call and libsrt's own words.
package struct SRTFault: Error, CustomStringConvertible {
    package let call: String
    package let reason: String
    /// The port is taken by somebody else.
    package let isInUse: Bool

    /// Reads what libsrt keeps of this thread's last fault.
    static func last(_ call: String) -> SRTFault {
        var system: Int32 = 0
        let code = srt_getlasterror(&system)
        let isInUse = system == EADDRINUSE || code == SRT_EBINDCONFLICT.rawValue
        return SRTFault(call: call, reason: String(cString: srt_getlasterror_str()), isInUse: isInUse)
    }

    package var description: String { "\(call): \(reason)" }
}

/// A libsrt socket by its number: what we need of the C API, with faults as errors. It does not own the socket.
struct SRTSocket: Hashable, Sendable {
    let number: SRTSOCKET

    /// libsrt starts once a process and is never ended: its threads have no owner but the process.
    private static let library: Int32 = {
        let code = srt_startup()
        srt_setloglevel(SRTSocket.quiet)
        return code
    }()

    /// LOG_CRIT: what matters is told by return values.
    private static let quiet: Int32 = 2

    static func make() throws(SRTFault) -> SRTSocket {
        guard library >= 0 else { throw .last("srt_startup") }
        let number = srt_create_socket()
        guard number != SRT_INVALID_SOCK else { throw .last("srt_create_socket") }
        return SRTSocket(number: number)
    }

    func set(_ option: SRT_SOCKOPT, _ value: Int32) throws(SRTFault) {
        var value = value
        guard srt_setsockflag(number, option, &value, 4) != SRT_ERROR else { throw .last("srt_setsockflag") }
    }

    func set(_ option: SRT_SOCKOPT, _ isOn: Bool) throws(SRTFault) {
        var value = isOn
        guard srt_setsockflag(number, option, &value, 1) != SRT_ERROR else { throw .last("srt_setsockflag") }
    }

    func set(_ option: SRT_SOCKOPT, _ text: String) throws(SRTFault) {
        var text = text
        let code = text.withUTF8 { srt_setsockflag(number, option, $0.baseAddress, Int32($0.count)) }
        guard code != SRT_ERROR else { throw .last("srt_setsockflag") }
    }

    /// Nil where it cannot be read.
    func text(_ option: SRT_SOCKOPT) -> String? {
        var bytes = [UInt8](repeating: 0, count: 513)
        var length = Int32(bytes.count)
        guard srt_getsockflag(number, option, &bytes, &length) != SRT_ERROR else { return nil }
        return String(validating: bytes.prefix(Int(max(0, length))), as: UTF8.self)
    }

    func close() {
        srt_close(number)
    }

    var statistics: SRTStatistics? {
        var measured = SRT_TRACEBSTATS()
        guard srt_bstats(number, &measured, 0) != SRT_ERROR else { return nil }
        return SRTStatistics(
            roundTrip: measured.msRTT, received: Int(measured.pktRecvTotal),
            lost: Int(measured.pktRcvLossTotal),
            // Never cleared, so since the beginning.
            retransmitted: Int(measured.pktRcvRetrans),
            dropped: Int(measured.pktRcvDropTotal), buffered: Int(measured.msRcvBuf),
            megabitsPerSecond: measured.mbpsRecvRate)
    }
}

/// An address of the system's, IPv4 or IPv6.
struct SocketPlace {
    private(set) var storage = sockaddr_storage()
    private(set) var length = socklen_t(0)

    /// A numeric address; nil where it is none.
    init?(host: String, port: Int) {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let name = host == "localhost" ? "127.0.0.1" : host
        guard getaddrinfo(name, String(port), &hints, &found) == 0, let found else { return nil }
        defer { freeaddrinfo(found) }
        length = found.pointee.ai_addrlen
        guard let address = found.pointee.ai_addr else { return nil }
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
        }
    }

    /// `127.0.0.1` and the port.
    static func read(_ address: UnsafePointer<sockaddr>?) -> (host: String, port: Int)? {
        guard let address else { return nil }
        let isFour = Int32(address.pointee.sa_family) == AF_INET
        let length = isFour ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        var host = [CChar](repeating: 0, count: 64)
        var port = [CChar](repeating: 0, count: 8)
        let code = getnameinfo(
            address, socklen_t(length), &host, 64, &port, 8, NI_NUMERICHOST | NI_NUMERICSERV)
        guard code == 0 else { return nil }
        func text(_ characters: [CChar]) -> String {
            String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return (text(host), Int(text(port)) ?? 0)
    }

    func with<Result>(_ body: (UnsafePointer<sockaddr>, Int32) -> Result) -> Result {
        var storage = storage
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, Int32(length)) }
        }
    }
}
