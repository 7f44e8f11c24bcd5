/// The names of a window's files. Each carries a tag that no other start of the server has, so that no name is ever
/// used twice, whatever caches remember.
struct FileNames: Sendable, Hashable {
    let tag: String

    func initSection(_ count: Int) -> String { "init\(count)-\(tag).mp4" }
    func key(_ count: Int) -> String { "k\(count)-\(tag).key" }
    func segment(_ sequence: UInt64) -> String { "s\(sequence)-\(tag).mp4" }
    func part(_ key: PartKey) -> String { "s\(key.sequence).\(key.index)-\(tag).mp4" }
    func text(_ sequence: UInt64) -> String { "s\(sequence)-\(tag).vtt" }
    /// Named in playlists, never there to fetch.
    func gap(_ sequence: UInt64) -> String { "gap\(sequence)-\(tag).mp4" }
    func textGap(_ sequence: UInt64) -> String { "gap\(sequence)-\(tag).vtt" }
}
