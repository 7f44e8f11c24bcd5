import CSRT
import NIOCore

/// The sending end of a connection. Every call may block: for the handshake, and for room in the sender's buffer.
/// Used by one thread at a time.
package struct SRTCaller: ~Copyable {
    /// What a live sender puts into one datagram: seven packets of a transport stream.
    package static let messageSize = 1316

    private let socket: SRTSocket

    /// Calls and waits for the answer. Throws `SRTFault` with the other end's reason where it says no.
    package static func connect(_ address: SRTAddress) throws(SRTFault) -> SRTCaller {
        let socket = try SRTSocket.make()
        do throws(SRTFault) {
            try socket.set(SRTO_CONNTIMEO, 5000)
            if let latency = address.latency { try socket.set(SRTO_LATENCY, Int32(clamping: latency)) }
            if !address.streamID.isEmpty { try socket.set(SRTO_STREAMID, address.streamID) }
            if let passphrase = address.passphrase { try socket.set(SRTO_PASSPHRASE, passphrase) }
            guard let place = SocketPlace(host: address.host, port: address.port) else {
                throw SRTFault(
                    call: "srt_connect", reason: "there is no host '\(address.host)'", isInUse: false)
            }
            guard place.with({ srt_connect(socket.number, $0, $1) }) != SRT_ERROR else {
                let why = srt_getrejectreason(socket.number)
                throw SRTFault(call: "srt_connect", reason: SRTCaller.words(why), isInUse: false)
            }
        } catch {
            socket.close()
            throw error
        }
        return SRTCaller(socket: socket)
    }

    private static func words(_ rejection: Int32) -> String {
        switch rejection {
        case SRT_REJX_FORBIDDEN: "the server does not know the stream key, or takes no feed for it now"
        case SRT_REJX_BAD_REQUEST: "the server cannot read the stream ID"
        case SRT_REJX_OVERLOAD: "the server takes no more connections"
        case 0: String(cString: srt_getlasterror_str())
        default: "the server says no (\(String(cString: srt_rejectreason_str(rejection))))"
        }
    }

    private init(socket: SRTSocket) {
        self.socket = socket
    }

    deinit { socket.close() }

    /// Sends one message of at most `messageSize` bytes. Throws `SRTFault` where the connection is over.
    package func send(_ message: UnsafeRawBufferPointer) throws(SRTFault) {
        guard let base = message.baseAddress else { return }
        let bytes = base.assumingMemoryBound(to: CChar.self)
        guard srt_sendmsg(socket.number, bytes, Int32(message.count), -1, 1) != SRT_ERROR else {
            throw .last("srt_sendmsg")
        }
    }
}
