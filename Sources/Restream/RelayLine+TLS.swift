import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import RTMP

// How a target is called over TLS, and what a failed call means.

extension RelayLine {
    /// What a call over TLS needs; nil for plain RTMP. Certificates are files: read on a thread of the pool.
    static func context(_ target: RelayTarget, _ loop: any EventLoop) -> EventLoopFuture<NIOSSLContext?> {
        guard target.address.isSecure else { return loop.makeSucceededFuture(nil) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            do {
                if let file = target.certificate {
                    configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
                }
                return try NIOSSLContext(configuration: configuration)
            } catch {
                throw RelayTrouble.noCertificates
            }
        }
    }

    /// An address in figures is not sent as a name: the certificate must hold the address itself.
    static func client(_ tls: NIOSSLContext, _ host: String) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host)
    }

    func trouble(of error: any Error) -> RelayTrouble {
        switch error {
        case let trouble as RelayTrouble: trouble
        case let fault as RTMPFault: trouble(of: fault)
        case let error as NIOConnectionError: RelayLine.trouble(of: error)
        case let error as IOError: .unreachable(RelayLine.words(of: error))
        case ChannelError.connectTimeout: .unreachable("no answer")
        case is ChannelError: .closed
        case is NIOSSLError, is NIOSSLExtraError: .untrusted("its issuer or its name")
        default: .unreachable("")
        }
    }

    private func trouble(of fault: RTMPFault) -> RelayTrouble {
        switch fault {
        case .refused: .refused(harmless(fault.description))
        case .outOfOrder: .closed
        default: .foreign(fault.description)
        }
    }

    private static func trouble(of error: NIOConnectionError) -> RelayTrouble {
        guard let last = error.connectionErrors.last?.error else { return .unknownName }
        switch last {
        case let error as IOError: return .unreachable(words(of: error))
        default: return .unreachable("no answer")
        }
    }

    /// A server's own words, without the key, which it may have repeated.
    private func harmless(_ words: String) -> String {
        let key = target.address.key
        return RelayTrouble.harmless(words, hiding: [key, String(key.prefix { $0 != "?" })])
    }

    private static func words(of error: IOError) -> String {
        String(cString: strerror(error.errnoCode)).lowercased()
    }
}
