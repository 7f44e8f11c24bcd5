import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#endif

extension OutboundFault {
    /// What went wrong below, in this room's words.
    init(_ error: any Error) {
        switch error {
        case let fault as OutboundFault: self = fault
        case is CancellationError: self = .cancelled
        case let error as HTTPClientError: self.init(error)
        case let error as IOError: self.init(error)
        case let error as NIOConnectionError:
            if let reason = error.connectionErrors.first?.error {
                self.init(reason)
            } else {
                self = .unreachable("no address answered")
            }
        case ChannelError.connectTimeout: self = .unreachable("nobody answered in time")
        case ChannelError.eof, ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed,
            ChannelError.inputClosed:
            self = .brokenOff
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: self = .untrusted("\(error)")
        case HTTPParserError.invalidEOFState: self = .brokenOff
        case is HTTPParserError: self = .garbled
        default: self = .failed("\(type(of: error))")
        }
    }

    private init(_ error: HTTPClientError) {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout: self = .unreachable("nobody answered in time")
        case .deadlineExceeded, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout: self = .timedOut
        case .remoteConnectionClosed, .uncleanShutdown, .requestStreamCancelled: self = .brokenOff
        case .cancelled, .alreadyShutdown: self = .cancelled
        default: self = .failed(error.shortDescription)
        }
    }

    private init(_ error: IOError) {
        switch error.errnoCode {
        case ECONNRESET, EPIPE, ENOTCONN: self = .brokenOff
        case ECONNREFUSED: self = .unreachable("connection refused")
        case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, ENETDOWN: self = .unreachable("no way to the address")
        case ETIMEDOUT: self = .unreachable("nobody answered in time")
        default: self = .failed("\(String(cString: strerror(error.errnoCode)))")
        }
    }

    /// Nothing of the request has left, so that it can be tried at another address.
    var isBeforeSending: Bool {
        switch self {
        case .unreachable: true
        default: false
        }
    }
}
