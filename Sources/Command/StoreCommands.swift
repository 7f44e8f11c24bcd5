import ArgumentParser
import Foundation
import Shopcast

struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "People who may do everything.", subcommands: [Add.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a new API token for an operator, who is made where missing.",
            discussion:
                "The token is alone on standard output, and is not shown again. The server need not run.")
        @Argument(help: "The operator's login: a name or an e-mail address.") var name: String
        @OptionGroup var place: Place

        func run() async throws {
            let settings = try place.settings()
            try await Answer.print {
                try await StoreDesk.carryOut(["operator", "add", name], data: settings.data)
            }
        }
    }
}

struct ViewerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "viewer", abstract: "What is kept of one viewer: tell it, or forget it.",
        discussion: "A viewer is named as their page names itself: 'shopcast.session' in its console.",
        subcommands: [Export.self, Erase.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print everything that is kept of a viewer, as JSON.")
        @Argument(help: "The viewer's name.") var name: String
        @OptionGroup var place: Place

        func run() async throws { try await ViewerCommand.say("export", name, place) }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a viewer; figures stay, which are about nobody.")
        @Argument(help: "The viewer's name.") var name: String
        @OptionGroup var place: Place

        func run() async throws { try await ViewerCommand.say("erase", name, place) }
    }

    private static func say(_ word: String, _ name: String, _ place: Place) async throws {
        let settings = try place.settings()
        try await Answer.print {
            try await ControlClient.say(["viewer", word, name], data: settings.data, patience: 60)
        }
    }
}

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy people, shows, keys and logs into one file, while the server runs or not.",
        discussion: "Recordings and covers are files in the data folder already: any tool copies those.")
    @Argument(help: "The file to write; what is there is replaced.") var file: String
    @OptionGroup var place: Place

    func run() async throws {
        let settings = try place.settings()
        // The server may run in another folder.
        let path = URL(fileURLWithPath: file).standardizedFileURL.path
        try await Answer.print { try await StoreDesk.carryOut(["backup", path], data: settings.data) }
    }
}

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a backup in the place of what the data folder has; the server must not run.")
    @Argument(help: "A file that 'shopcast backup' has written.") var file: String
    @OptionGroup var place: Place

    func run() async throws {
        let settings = try place.settings()
        try await Answer.print { .ok(try StoreDesk.restore(file, data: settings.data)) }
    }
}

/// What a command is answered: on standard output, or as an error.
enum Answer {
    static func print(_ ask: () async throws -> ControlReply) async throws {
        do {
            switch try await ask() {
            case .ok(let text): Swift.print(text)
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
