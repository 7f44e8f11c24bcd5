import ArgumentParser
import Checker
import Foundation

/// `shopcast check`: a presentation of any server against the rules of Low-Latency HLS.
struct Check: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
        case junit
    }

    enum FailOn: String, ExpressibleByArgument, CaseIterable {
        case fail
        case warn
    }

    static let configuration = CommandConfiguration(
        abstract: "Check an HLS presentation, of any server, against the rules of (Low-Latency) HLS.",
        discussion: """
            Loads the multivariant playlist and every rendition, follows the live edge, tries the delivery \
            directives, reads the media, and says which rules are kept. Exit code 0: no failure; 1: failures, or the \
            address could not be had; 64: misuse.
            """)

    @Argument(help: "http:// or https:// address of a multivariant or media playlist.")
    var url: String

    @Option(name: .long, help: "How long to follow the live edge, in seconds (1 to 3600).")
    var seconds: Double = 30

    @Option(name: .long, help: "text, json or junit.")
    var format: Format = .text

    @Option(name: .long, help: "What makes the exit code 1: 'fail', or 'warn' for warnings too.")
    var failOn: FailOn = .fail

    @Flag(name: .long, help: "Take any certificate.")
    var insecure = false

    func validate() throws {
        guard (1...3600).contains(seconds) else {
            throw ValidationError("--seconds is a number from 1 to 3600.")
        }
        guard let address = URL(string: url), ["http", "https"].contains(address.scheme?.lowercased()),
            address.host?.isEmpty == false
        else { throw ValidationError("The address begins with http:// or https:// and names a host.") }
    }

    func run() async throws {
        let fetcher = AsyncFetcher(isInsecure: insecure)
        do {
            let report = try await Survey(fetcher: fetcher, options: .init(seconds: seconds)).run(url)
            await fetcher.close()
            let output =
                switch format {
                case .text: report.text
                case .json: try report.json()
                case .junit: report.junit(warningsCount: failOn == .warn)
                }
            FileHandle.standardOutput.write(Data(output.utf8))
            if report.isFailure(warningsCount: failOn == .warn) { throw ExitCode(1) }
        } catch let code as ExitCode {
            throw code
        } catch {
            await fetcher.close()
            throw Complaint.exit(error)
        }
    }
}
