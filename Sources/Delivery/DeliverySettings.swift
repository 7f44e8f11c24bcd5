/// Where Delivery listens and what it puts up with. Times that viewers can stretch are all bounded.
package struct DeliverySettings: Sendable {
    package struct Address: Sendable, Hashable {
        package var host: String
        /// 0 takes any free port.
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    package struct TLS: Sendable, Hashable {
        package var address: Address
        /// PEM file: the server's certificate, then its chain.
        package var certificate: String
        /// PEM file.
        package var key: String

        package init(address: Address, certificate: String, key: String) {
            self.address = address
            self.certificate = certificate
            self.key = key
        }
    }

    package struct Limits: Sendable {
        package var head = RequestHead.Limits()
        /// Connections at once, over all listeners; more are closed as they come.
        package var connections = 60_000
        /// Requests held at once; more get 503.
        package var held = 200_000
        /// Streams of one HTTP/2 connection.
        package var streams = 100
        /// From a head's first byte (or the connection's start) to its end, TLS handshake included.
        package var headDeadline = Duration.seconds(10)
        /// A connection without a request; held requests are not idle.
        package var idle = Duration.seconds(60)
        /// A reader that takes less than `stalledBytes` in this time is closed.
        package var stalled = Duration.seconds(30)
        static let stalledBytes = 32 * 1024
        /// What a graceful stop waits for answers that are being written.
        package var shutdown = Duration.seconds(3)
        package var lines = Lines()

        package init() {}
    }

    /// Plain HTTP/1.1; nil where it is off.
    package var http: Address?
    /// HTTP/2 and HTTP/1.1 over TLS; nil where it is off.
    package var https: TLS?
    package var limits = Limits()
    /// The target duration of every show; held requests wait for three of these.
    package var targetDuration = Duration.seconds(2)

    package init(http: Address?, https: TLS? = nil) {
        self.http = http
        self.https = https
    }
}

/// Why Delivery cannot start.
package enum DeliveryError: Error, CustomStringConvertible, Equatable {
    case addressInUse(host: String, port: Int)
    case cannotListen(host: String, port: Int, reason: String)
    case certificate(file: String, reason: String)
    case key(file: String, reason: String)

    package var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "Port \(port) on \(host) is taken by another program; stop it or set another port."
        case .cannotListen(let host, let port, let reason):
            "Cannot listen on \(host) port \(port): \(reason)."
        case .certificate(let file, let reason): "The certificate \(file) cannot be used: \(reason)."
        case .key(let file, let reason): "The key \(file) cannot be used: \(reason)."
        }
    }
}
