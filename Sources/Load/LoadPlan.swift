package import HLSClient

/// What a run of synthetic viewers is to be.
package struct LoadPlan: Sendable {
    package var address: WebAddress
    /// Viewers at once, 1 to 100,000.
    package var viewers = 10
    /// Seconds over which they come.
    package var ramp = 5.0
    /// Seconds that are measured after that.
    package var seconds = 30.0
    /// The mean stay of a viewer in seconds, after which another takes the place; nil: they all stay.
    package var stay: Double?
    package var viewer = ViewerSettings()
    /// Any certificate is taken.
    package var isInsecure = false
    /// HTTP/1.1 even where the server would speak HTTP/2.
    package var isHTTP1Only = false
    /// Event loops; nil: as many as there are processors, at most four.
    package var threads: Int?
    /// The process whose CPU and memory are the server's.
    package var serverProcess: Int?
    package var limits = Limits()

    /// What the run may show without failing.
    package struct Limits: Hashable, Sendable {
        package var errors: Int? = 0
        /// Seconds, of the 95th percentile.
        package var latency: Double?
        /// A viewer's minute, on average.
        package var stalls: Double?

        package init() {}
    }

    package init(address: WebAddress) { self.address = address }
}

/// Why a run could not be made.
package enum LoadFault: Error, CustomStringConvertible {
    case address(String)
    case host(String)
    case process(Int)
    case openFiles(needed: Int, allowed: Int)
    case tls(String)

    package var description: String {
        switch self {
        case .address(let text):
            "'\(text)' is no address of a playlist; give one like http://127.0.0.1:8080/live/evening/index.m3u8."
        case .host(let name): "There is no host '\(name)'; check the address."
        case .process(let number):
            "No process has the number \(number); give the server's process id with --server-pid."
        case .openFiles(let needed, let allowed):
            "\(needed) connections need more open files than the \(allowed) allowed; raise `ulimit -n` or lower --viewers."
        case .tls(let reason):
            "TLS could not be set up (\(reason)); try --insecure or another certificate store."
        }
    }
}
