import ArgumentParser
import Foundation
import Shopcast

@main
struct ShopcastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shopcast", abstract: "A live-commerce broadcast streaming server.",
        version: "shopcast \(shopcastVersion)",
        subcommands: [
            Serve.self, Demo.self, DoctorCommand.self, Publish.self, Check.self, LoadCommand.self,
            ShowCommand.self, ViewerCommand.self, OperatorCommand.self, Backup.self, Restore.self,
        ])
}

/// The options that say where the settings and the data are.
struct Place: ParsableArguments {
    @Option(name: .long, help: "The settings file (YAML). Without it the defaults hold.")
    var config: String?

    @Option(name: .long, help: "The data folder; goes over the setting 'data'.")
    var data: String?

    /// Throws `ExitCode` after telling what is wrong with the settings.
    func settings() throws -> Settings {
        do {
            var settings = try Settings.load(path: config, environment: ProcessInfo.processInfo.environment)
            if let data { settings.data = data }
            return settings
        } catch {
            throw Complaint.exit(error, code: 2)
        }
    }
}

/// Errors go to standard error in one sentence.
enum Complaint {
    static func exit(_ error: any Error, code: Int32 = 1) -> ExitCode {
        FileHandle.standardError.write(Data("shopcast: \(error)\n".utf8))
        return ExitCode(code)
    }

    /// Ends a server that could not start. At once: threads of libsrt that it has started may not run while `exit` takes their
    /// library apart.
    static func end(_ error: any Error) -> Never {
        FileHandle.standardError.write(Data("shopcast: \(error)\n".utf8))
        fflush(nil)
        _exit(1)
    }
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the server.")

    @OptionGroup var place: Place

    func run() async throws {
        let settings = try place.settings()
        do {
            try await Server(settings: settings).run()
        } catch {
            Complaint.end(error)
        }
    }
}

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server with a show of its own, and a sample host that loops a file into it.")

    @OptionGroup var place: Place

    @Argument(
        help:
            "The clip that the sample host sends (H.264 and AAC); without it, the one that Deploy/demo made.")
    var file: String?

    func run() async throws {
        let settings = try place.settings()
        do {
            try await Demonstration(settings: settings, file: file).run()
        } catch {
            Complaint.end(error)
        }
    }
}

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check ports, codecs, disk and settings; each line says ok or what to do.")

    @OptionGroup var place: Place

    func run() async throws {
        let findings = await Doctor.examine(try place.settings())
        for finding in findings { print(finding.isGood ? "ok    \(finding.text)" : "do    \(finding.text)") }
        if findings.contains(where: { !$0.isGood }) { throw ExitCode(1) }
    }
}

struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A sample host: send a file to an RTMP address in real time, again and again.")

    @Argument(help: "A file with H.264 video and AAC audio (MP4, MKV, FLV, TS).")
    var file: String

    @Argument(help: "rtmp://HOST[:PORT]/live/STREAMKEY")
    var url: String

    @Option(name: .long, help: "How many times to send the file; without it, until stopped.")
    var times: Int?

    func validate() throws {
        if let times, times < 1 { throw ValidationError("--times is a whole number from 1.") }
    }

    func run() async throws {
        do {
            try await SampleHost(file: file, url: url, times: times).run()
        } catch is CancellationError {
        } catch {
            throw Complaint.exit(error)
        }
    }
}
