import ArgumentParser
import Shopcast

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Tell the running server what to do with a show.",
        subcommands: [
            List.self, Create.self, Keys.self, AddKey.self, RevokeKey.self, Schedule.self, Cancel.self,
            Rehearse.self, GoLive.self, End.self, Reopen.self, Switch.self, Token.self,
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
        @OptionGroup var show: NamedShow

        func run() async throws { try await show.carryOut("keys") }
    }

    struct AddKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add-key", abstract: "Print a new stream key for a show; the others stay good.",
            discussion: "The key is not shown again. The server need not run.")
        @OptionGroup var show: NamedShow
        @Option(name: .long, help: "primary or backup.") var role = "primary"

        func run() async throws { try await show.carryOut("add-key", role) }
    }

    struct RevokeKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke-key",
            abstract: "Make a stream key open nothing; a feed that came with it is cut.")
        @OptionGroup var show: NamedShow
        @Argument(help: "The key's name, as 'show keys' tells it.") var key: String

        func run() async throws { try await show.carryOut("revoke-key", key) }
    }

    struct Switch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a show's primary or backup feed on air.",
            discussion: "It stays there for as long as it sends.")
        @OptionGroup var show: NamedShow
        @Argument(help: "primary or backup.") var feed: String

        func validate() throws {
            guard ["primary", "backup"].contains(feed) else {
                throw ValidationError("'\(feed)' is no feed: say primary or backup")
            }
        }

        func run() async throws { try await show.say("switch", feed) }
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
}

/// The show that a command is about.
struct NamedShow: ParsableArguments {
    @Argument(help: "The show's id.") var id: String
    @OptionGroup var place: Place

    /// To the running server.
    func say(_ word: String, _ more: String...) async throws {
        let settings = try place.settings()
        try await Answer.print {
            try await ControlClient.say(["show", word, id] + more, data: settings.data)
        }
    }

    /// To the running server, or straight to the store where none runs.
    func carryOut(_ word: String, _ more: String...) async throws {
        let settings = try place.settings()
        try await Answer.print {
            try await StoreDesk.carryOut(["show", word, id] + more, data: settings.data)
        }
    }
}
