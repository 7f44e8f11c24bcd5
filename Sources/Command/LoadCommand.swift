import ArgumentParser
import HLSClient
import Load

struct LoadCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }
    enum Version: String, ExpressibleByArgument, CaseIterable { case auto, h1 }

    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Synthetic viewers: watch a Low-Latency HLS stream many times over and report how it went.",
        discussion: "Exits with 1 where no viewer saw a picture, or a limit was passed.")

    @Argument(help: "The playlist: http(s)://HOST/live/SHOW/index.m3u8, or one rendition's.")
    var url: String

    @Option(help: "Viewers at once, 1 to 100000.")
    var viewers = 10

    @Option(help: "Seconds over which they come.")
    var ramp = 5.0

    @Option(help: "Seconds that are measured after the ramp.")
    var seconds = 30.0

    @Option(
        help: "Stay with this rendition (its name, 360p); without it, viewers take what the network carries.")
    var rendition: String?

    @Option(help: "Viewers leave after this mean stay in seconds, and others come.")
    var churn: Double?

    @Flag(help: "Ask for hinted parts before they are listed, as AVPlayer does; hls.js does not.")
    var hints = false

    @Flag(inversion: .prefixedNo, help: "Ask for delta updates where the server gives them.")
    var deltas = true

    @Option(help: "Playback rate while a viewer is later than the server asks for, 1 to 2.")
    var catchUp = 1.1

    @Option(help: "auto: HTTP/2 where the server speaks it over TLS; h1: HTTP/1.1 always.")
    var http = Version.auto

    @Flag(help: "Take any certificate.")
    var insecure = false

    @Option(help: "Event loops; without it, one a processor, at most 4.")
    var threads: Int?

    @Option(help: "The server's process id on this machine: its CPU and memory are reported too.")
    var serverPid: Int?

    @Option(help: "text or json.")
    var format = Format.text

    @Option(help: "Fail above so many errors.")
    var maxErrors = 0

    @Option(help: "Fail above this latency in seconds (95th percentile).")
    var maxLatency: Double?

    @Option(help: "Fail above so many stalls a viewer's minute.")
    var maxStalls: Double?

    func validate() throws {
        guard (1...100_000).contains(viewers) else { throw ValidationError("--viewers is 1 to 100000.") }
        guard (0...86_400).contains(ramp) else { throw ValidationError("--ramp is 0 to 86400 seconds.") }
        guard (1...604_800).contains(seconds) else {
            throw ValidationError("--seconds is 1 to 604800 seconds.")
        }
        guard (1...2).contains(catchUp) else { throw ValidationError("--catch-up is 1 to 2.") }
        if let churn, !(1...86_400).contains(churn) {
            throw ValidationError("--churn is 1 to 86400 seconds.")
        }
        if let threads, !(1...256).contains(threads) { throw ValidationError("--threads is 1 to 256.") }
        guard maxErrors >= 0 else { throw ValidationError("--max-errors is a whole number from 0.") }
    }

    func run() async throws {
        do {
            guard let address = WebAddress(url) else { throw LoadFault.address(url) }
            var plan = LoadPlan(address: address)
            plan.viewers = viewers
            plan.ramp = ramp
            plan.seconds = seconds
            plan.stay = churn
            plan.viewer.rendition = rendition
            plan.viewer.usesHints = hints
            plan.viewer.usesDeltas = deltas
            plan.viewer.catchUpRate = catchUp
            plan.isInsecure = insecure
            plan.isHTTP1Only = http == .h1
            plan.threads = threads
            plan.serverProcess = serverPid
            plan.limits.errors = maxErrors
            plan.limits.latency = maxLatency
            plan.limits.stalls = maxStalls
            let report = try await LoadRun(plan).run()
            print(format == .json ? report.json : report.text)
            if let failure = report.failure { throw LoadFailure(description: failure) }
        } catch {
            throw Complaint.exit(error)
        }
    }
}

/// A run that has passed a limit.
private struct LoadFailure: Error, CustomStringConvertible {
    let description: String
}
