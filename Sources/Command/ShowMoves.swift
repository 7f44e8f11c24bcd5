import ArgumentParser

/// A command that moves a show on, and needs nothing but its name.
protocol ShowMove: AsyncParsableCommand {
    var show: NamedShow { get }
    /// What the server is told: the command's own name.
    static var word: String { get }
}

extension ShowMove {
    func run() async throws { try await show.say(Self.word) }

    fileprivate static func move(_ abstract: String) -> CommandConfiguration {
        CommandConfiguration(commandName: word, abstract: abstract)
    }
}

extension ShowCommand {
    struct Schedule: ShowMove {
        static let word = "schedule"
        static let configuration = move("Announce a draft.")
        @OptionGroup var show: NamedShow
    }

    struct Cancel: ShowMove {
        static let word = "cancel"
        static let configuration = move("Cancel a show that is not live yet; whoever publishes is cut.")
        @OptionGroup var show: NamedShow
    }

    struct Rehearse: ShowMove {
        static let word = "rehearse"
        static let configuration = move(
            "Let the feed that comes be seen by its host only, until the show goes live.")
        @OptionGroup var show: NamedShow
    }

    struct GoLive: ShowMove {
        static let word = "go-live"
        static let configuration = move("Put a rehearsing show on air, from the picture of now on.")
        @OptionGroup var show: NamedShow
    }

    struct End: ShowMove {
        static let word = "end"
        static let configuration = move("End a live show; its playlists get their end mark.")
        @OptionGroup var show: NamedShow
    }

    struct Reopen: ShowMove {
        static let word = "reopen"
        static let configuration = move("Open an ended show again, as a new run.")
        @OptionGroup var show: NamedShow
    }
}
