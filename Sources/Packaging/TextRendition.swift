package import M3U8
package import Media
package import NIOCore

/// Captions in one language, as players are told of them.
package struct TextRendition: Hashable, Sendable {
    /// `captions-LANG`.
    package var name: RenditionName
    /// BCP 47.
    package var language: String
    /// What viewers choose it by; no other rendition of text has the same.
    package var title: String
    /// Heard or translated by a machine.
    package var isMachineMade: Bool

    package init(name: RenditionName, language: String, title: String, isMachineMade: Bool) {
        self.name = name
        self.language = language
        self.title = title
        self.isMachineMade = isMachineMade
    }
}

/// Where a segment of text stands.
package struct TextPlace: Hashable, Sendable {
    package var sequence: UInt64
    /// Where it starts on the media clock.
    package var start: MediaTime
    package var duration: MediaTime
    /// Unix milliseconds of its start, on the show clock.
    package var date: Int64

    package init(sequence: UInt64, start: MediaTime, duration: MediaTime, date: Int64) {
        self.sequence = sequence
        self.start = start
        self.duration = duration
        self.date = date
    }

    /// Unix milliseconds of its end.
    package var endDate: Int64 { date + duration.milliseconds }
}

/// Who writes what the renditions of text hold.
package protocol TextDesk: AnyObject, Sendable {
    /// The whole segment of the rendition `name` at `place`, asked for once, when the pictures' segment is complete, in
    /// the order of the numbers. Asked for under the window's lock: it must not block, nor call the window.
    func text(of name: RenditionName, at place: TextPlace) -> ByteBuffer
}

/// A rendition of text of a recording: small enough to be answered from memory.
package protocol RecordedText: AnyObject, Sendable {
    var rendition: TextRendition { get }
    var playlist: PlaylistText { get }
    /// The file `name` beside the playlist.
    func object(file name: Substring) -> MediaObject?
}

/// A number of a recording, for those who write its text.
package struct RecordedPlace: Hashable, Sendable {
    package var place: TextPlace
    /// DISCONTINUITY before it.
    package var isBreak: Bool

    package init(place: TextPlace, isBreak: Bool) {
        self.place = place
        self.isBreak = isBreak
    }
}

extension MultivariantPlaylist {
    package static let textGroup = "captions"

    /// Offers `texts` beside every variant. None is shown unless the viewer, or the system for them, asks for it.
    package mutating func add(_ texts: [TextRendition]) {
        guard !texts.isEmpty else { return }
        subtitles = texts.map { text in
            .init(
                group: MultivariantPlaylist.textGroup, name: text.title, language: text.language,
                characteristics: text.isMachineMade ? ["public.machine-generated"] : [],
                stableID: text.name.text, uri: "\(text.name)/index.m3u8")
        }
        for index in variants.indices { variants[index].subtitleGroup = MultivariantPlaylist.textGroup }
    }
}
