package import Media
package import Packaging

/// A show's recording as players see it: playlists in full, and where each file lies. Immutable, shared.
package final class Replay: Sendable {
    /// What is on disk of one rendition, small enough to keep for every recording.
    struct Files: Sendable {
        struct Entry: Sendable {
            var sequence: UInt64
            var bytes: UInt32
            var reel: UInt16
        }

        var kind: MediaObject.Kind
        /// In the order of their numbers.
        var segments: [Entry] = []
        var inits: [String: (reel: Int, bytes: Int)] = [:]
    }

    package let show: ShowID
    package let variants: PlaylistText
    /// The same for viewers who may not see all of it, and how large each picture is.
    package let capped: CappedVariants
    package let duration: MediaTime
    private let playlists: [RenditionName: PlaylistText]
    private let iFrames: [RenditionName: PlaylistText]
    private let texts: [RenditionName: any RecordedText]
    private let files: [RenditionName: Files]
    private let tags: [String]
    private let folder: ArchiveFolder

    init(
        show: ShowID, variants: PlaylistText, capped: CappedVariants,
        playlists: [RenditionName: PlaylistText],
        iFrames: [RenditionName: PlaylistText], files: [RenditionName: Files], tags: [String],
        duration: MediaTime, folder: ArchiveFolder, texts: [any RecordedText]
    ) {
        self.show = show
        self.variants = variants
        self.capped = capped
        self.playlists = playlists
        self.iFrames = iFrames
        self.files = files
        self.tags = tags
        self.duration = duration
        self.folder = folder
        self.texts = Dictionary(texts.map { ($0.rendition.name, $0) }) { first, _ in first }
    }

    package func playlist(_ rendition: RenditionName) -> PlaylistText? {
        playlists[rendition] ?? texts[rendition]?.playlist
    }

    /// The list of one picture of each segment.
    package func iFrames(_ rendition: RenditionName) -> PlaylistText? { iFrames[rendition] }

    /// The file `name` beside the playlist of `rendition`.
    package func object(_ rendition: RenditionName, file name: Substring) -> MediaObject? {
        if let text = texts[rendition] { return text.object(file: name) }
        guard let files = files[rendition] else { return nil }
        let isSound = files.kind == .audio
        if let known = files.inits[String(name)] {
            return object(isSound ? .audioInit : .videoInit, rendition, String(name), known.reel, known.bytes)
        }
        guard name.first == "s", let dash = name.firstIndex(of: "-"),
            let sequence = UInt64(name[name.index(after: name.startIndex)..<dash])
        else { return nil }
        var (low, high) = (0, files.segments.count)
        while low < high {
            let middle = (low + high) / 2
            if files.segments[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        while low < files.segments.count, files.segments[low].sequence == sequence {
            let entry = files.segments[low]
            if name == "s\(sequence)-\(tags[Int(entry.reel)]).mp4" {
                return object(files.kind, rendition, String(name), Int(entry.reel), Int(entry.bytes))
            }
            low += 1
        }
        return nil
    }

    private func object(
        _ kind: MediaObject.Kind, _ rendition: RenditionName, _ name: String, _ reel: Int, _ bytes: Int
    ) -> MediaObject {
        MediaObject(
            kind: kind, file: folder.file(show, tag: tags[reel], rendition: rendition, name: name),
            length: bytes)
    }
}
