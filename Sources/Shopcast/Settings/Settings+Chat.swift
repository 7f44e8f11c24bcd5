import Chat
import Delivery
import Dispatch

// Reading what bounds chats, and what new rooms are run like.

extension Settings {
    mutating func readChat(_ reader: inout SettingsReader) throws(SettingsFault) {
        chat.longestText = try reader.whole("chat.longestText", 1...2000) ?? chat.longestText
        chat.longestName = try reader.whole("chat.longestName", 1...100) ?? chat.longestName
        chat.history = try reader.whole("chat.history", 50...10_000) ?? chat.history
        chat.heldLimit = try reader.whole("chat.held", 1...100_000) ?? chat.heldLimit
        chat.rooms = try reader.whole("chat.rooms", 1...100_000) ?? chat.rooms
        chat.waiting = try reader.whole("chat.waiting", 64...100_000) ?? chat.waiting
        chat.keepDays = try reader.whole("chat.keepDays", 0...36_500) ?? chat.keepDays
        try Settings.read(&chat.perAuthor, "chat.author", &reader)
        try Settings.read(&chat.perAddress, "chat.address", &reader)
        try Settings.read(&chat.perRoom, "chat.room", &reader)
        try Settings.read(&chat.guests, "chat.guests", &reader)
        chat.mode.writing = try reader.choice("chat.writing", ChatMode.Writing.self) ?? chat.mode.writing
        chat.mode.links = try reader.choice("chat.links", ChatMode.Links.self) ?? chat.mode.links
        chat.mode.hold = try reader.flag("chat.hold") ?? chat.mode.hold
        chat.mode.slowSeconds =
            try reader.whole("chat.slowSeconds", 0...ChatMode.slowest) ?? chat.mode.slowSeconds
        chatWords = try reader.text("chat.words")
        try readReaders(&reader)
    }

    /// Whom the room reaches, and how.
    private mutating func readReaders(_ reader: inout SettingsReader) throws(SettingsFault) {
        lines.most = try reader.whole("chat.readers.most", 1...1_000_000) ?? lines.most
        lines.perAddress = try reader.whole("chat.readers.perAddress", 1...1_000_000) ?? lines.perAddress
        if let kibibytes = try reader.whole("chat.readers.backlogKilobytes", 16...65_536) {
            fanout.backlog = kibibytes * 1024
        }
        if let seconds = try reader.whole("chat.readers.stalledSeconds", 1...600) {
            lines.stalled = .seconds(seconds)
        }
        if let milliseconds = try reader.whole("chat.readers.tickMilliseconds", 1...50) {
            fanout.tick = .milliseconds(milliseconds)
        }
        try Settings.read(&fanout.pace, "chat.readers.sample", &reader)
        try Settings.read(&fanout.words, "chat.readers.words", &reader)
    }

    private static func read(
        _ pace: inout ChatSettings.Pace, _ key: String, _ reader: inout SettingsReader
    ) throws(SettingsFault) {
        pace.burst = try reader.number("\(key).burst", 1...100_000) ?? pace.burst
        pace.perSecond = try reader.number("\(key).perSecond", 0.001...100_000) ?? pace.perSecond
    }
}
