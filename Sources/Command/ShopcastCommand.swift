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
            ShowCommand.self,
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
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the server.")

    @OptionGroup var place: Place

    func run() async throws {
        let settings = try place.settings()
        do {
            try await Server(settings: settings).run()
        } catch {
            throw Complaint.exit(error)
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
            throw Complaint.exit(error)
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

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Tell the running server what to do with a show.",
        subcommands: [
            List.self, Rehearse.self, GoLive.self, End.self, Reopen.self, Switch.self, Token.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the shows and their states.")
        @OptionGroup var place: Place

        func run() async throws { try await say(["show", "list"], place) }
    }

    struct Rehearse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let the feed that comes be seen by its host only, until the show goes live.")
        @Argument(help: "The show's id.") var id: String
        @OptionGroup var place: Place

        func run() async throws { try await say(["show", "rehearse", id], place) }
    }

    struct GoLive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "go-live",
            abstract: "Put a rehearsing show on air, from the picture of now on.")
        @Argument(help: "The show's id.") var id: String
        @OptionGroup var place: Place

        func run() async throws { try await say(["show", "go-live", id], place) }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a live show; its playlists get their end mark.")
        @Argument(help: "The show's id.") var id: String
        @OptionGroup var place: Place

        func run() async throws { try await say(["show", "end", id], place) }
    }

    struct Reopen: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Open an ended show again, as a new run.")
        @Argument(help: "The show's id.") var id: String
        @OptionGroup var place: Place

        func run() async throws { try await say(["show", "reopen", id], place) }
    }

    struct Switch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a show's primary or backup feed on air.",
            discussion: "It stays there for as long as it sends.")
        @Argument(help: "The show's id.") var id: String
        @Argument(help: "primary or backup.") var feed: String
        @OptionGroup var place: Place

        func validate() throws {
            guard ["primary", "backup"].contains(feed) else {
                throw ValidationError("'\(feed)' is no feed: say primary or backup")
            }
        }

        func run() async throws { try await say(["show", "switch", id, feed], place) }
    }

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a playback token for a protected show; the server need not run.",
            discussion: "Players use it as /live/SHOW/t/TOKEN/index.m3u8, people as /shows/SHOW?token=TOKEN.")
        @Argument(help: "The show's id.") var id: String
        @Option(name: .long, help: "How long it is good from now on: 90s, 30m, 4h, 2d.")
        var expires = "4h"
        @Option(name: .long, help: "The largest rendition that it allows, such as 480p; without it, all.")
        var renditions: String?
        @Option(name: .long, help: "The country that it is good in, such as DE; without it, every one.")
        var country: String?
        @OptionGroup var place: Place

        func run() async throws {
            let settings = try place.settings()
            do {
                print(
                    try await TokenMaker.make(
                        settings, show: id, expires: expires, renditions: renditions, country: country))
            } catch {
                throw Complaint.exit(error)
            }
        }
    }

    private static func say(_ words: [String], _ place: Place) async throws {
        let settings = try place.settings()
        do {
            switch try await ControlClient.say(words, data: settings.data) {
            case .ok(let text): print(text)
            case .error(let text): throw Refusal(description: text)
            }
        } catch {
            throw Complaint.exit(error)
        }
    }

    private struct Refusal: Error, CustomStringConvertible {
        let description: String
    }
}
