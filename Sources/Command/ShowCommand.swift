import ArgumentParser
import Shopcast

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Tell the running server what to do with a show.",
        subcommands: [
            List.self, Create.self, Keys.self, AddKey.self, RevokeKey.self, Schedule.self, Cancel.self,
            Rehearse.self, GoLive.self, End.self, Reopen.self, Switch.self,
            Token.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the shows and their states.")
        @OptionGroup var place: Place

        func run() async throws {
            let settings = try place.settings()
            try await Answer.print { try await StoreDesk.list(data: settings.data) }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a show, and print its id and its stream key.",
            discussion: "The key is not shown again. The server need not run.")
        @Argument(
            help: "The show's id in addresses: a-z, 0-9, '-' and '_'. Without it, one is made of the title.")
        var id: String?
        @Option(name: .long, help: "The title.") var title: String
        @Option(name: .long, help: "The language of the title, and what is spoken.") var language = "en"
        @Option(name: .long, help: "When it begins: 2026-12-01T18:00:00Z.") var start: String?
        @Option(name: .long, help: "How long it lasts, in minutes.") var minutes: Int?
        @Option(name: .long, help: "The time zone of the start: Europe/Berlin.") var zone: String?
        @Option(name: .long, help: "public, unlisted or token.") var visibility = "public"
        @Flag(name: .long, help: "It goes live when its feed arrives.") var startsWithFeed = false
        @Flag(name: .long, help: "Not to be announced yet.") var draft = false
        @OptionGroup var place: Place

        func run() async throws {
            let settings = try place.settings()
            try await Answer.print {
                let order = try ShowOrderReading.order(
                    id: id, title: title, language: language, start: start, minutes: minutes, zone: zone,
                    visibility: visibility, startsWithFeed: startsWithFeed, isDraft: draft)
                return try await StoreDesk.carryOut(["show", "create", order], data: settings.data)
            }
        }
    }

    struct Keys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a show's stream keys by their names; the server need not run.")
        @Argument(help: "The show's id.") var id: String
        @OptionGroup var place: Place

        func run() async throws { try await carryOut(["show", "keys", id], place) }
    }

    struct AddKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add-key", abstract: "Print a new stream key for a show; the others stay good.",
            discussion: "The key is not shown again. The server need not run.")
        @Argument(help: "The show's id.") var id: String
        @Option(name: .long, help: "primary or backup.") var role = "primary"
        @OptionGroup var place: Place

        func run() async throws { try await carryOut(["show", "add-key", id, role], place) }
    }

    struct RevokeKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke-key",
            abstract: "Make a stream key open nothing; a feed that came with it is cut.")
        @Argument(help: "The show's id.") var id: String
        @Argument(help: "The key's name, as 'show keys' tells it.") var key: String
        @OptionGroup var place: Place

        func run() async throws { try await carryOut(["show", "revoke-key", id, key], place) }
    }

    struct Schedule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Announce a draft.")
        @Argument(help: "The show's id.") var id: String
        @OptionGroup var place: Place

        func run() async throws { try await say(["show", "schedule", id], place) }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel a show that is not live yet; whoever publishes is cut.")
        @Argument(help: "The show's id.") var id: String
        @OptionGroup var place: Place

        func run() async throws { try await say(["show", "cancel", id], place) }
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

    private static func carryOut(_ words: [String], _ place: Place) async throws {
        let settings = try place.settings()
        try await Answer.print { try await StoreDesk.carryOut(words, data: settings.data) }
    }

    private static func say(_ words: [String], _ place: Place) async throws {
        let settings = try place.settings()
        try await Answer.print { try await ControlClient.say(words, data: settings.data) }
    }
}
