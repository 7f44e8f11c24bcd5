package import M3U8
package import NIOCore

/// Why an answer is no playlist that can be used.
package enum ListingFault: Error, Hashable, Sendable {
    case notGzip
    case unreadable(PlaylistFault)
    /// A delta update that leaves out segments which are not known.
    case deltaDoesNotApply
    /// It lists nothing.
    case empty
}

/// Playlists that have been read already: viewers in step get the same bytes, which one of them reads for all.
///
/// That is the one thing in which these viewers are not alone in the world: two playlists of one address with the same
/// bytes are taken for the same, deltas too, so a server that lets them mean different things fools us.
package struct Library {
    private struct Entry {
        let body: ByteBuffer
        let listing: Listing
        /// Segments that a delta left out; 0 for whole playlists.
        let skipped: Int
    }

    /// Texts kept of an address, addresses, and the longest text (bytes).
    private static let textsAtMost = 6
    private static let addressesAtMost = 64
    static let longestText = 4 << 20

    private var shelves: [WebAddress: [Entry]] = [:]
    /// Playlists read, and asked for.
    package private(set) var read = 0
    package private(set) var asked = 0

    package init() {}

    /// Reads the answer to a request for `address`; `known` is what the viewer had before.
    package mutating func listing(
        of address: WebAddress, body: ByteBuffer, isGzip: Bool, known: Listing?
    ) throws(ListingFault) -> Listing {
        asked += 1
        if let entry = shelves[address]?.last(where: { $0.body == body }) {
            guard entry.skipped == 0 || known?.covers(entry.skipped, from: entry.listing.first) == true else {
                throw .deltaDoesNotApply
            }
            return entry.listing
        }
        read += 1
        let text = try Library.text(body, isGzip)
        let tag = SkipTag(reading: text)
        var playlist: MediaPlaylist
        do { playlist = try MediaPlaylist(parsing: text) } catch { throw .unreadable(error) }
        let skipped = tag.skipped ?? 0
        if skipped > 0 {
            guard let known, known.covers(skipped, from: playlist.mediaSequence),
                let index = known.index(of: playlist.mediaSequence)
            else { throw .deltaDoesNotApply }
            playlist.segments = known.kept(from: index, count: skipped) + playlist.segments
        }
        guard !playlist.segments.isEmpty, playlist.mediaSequence < 1 << 62 else { throw .empty }
        let listing = Listing(playlist, canSkipUntil: tag.canSkipUntil)
        if shelves.count >= Library.addressesAtMost, shelves[address] == nil { shelves = [:] }
        var shelf = shelves.removeValue(forKey: address) ?? []
        if shelf.count >= Library.textsAtMost { shelf.removeFirst() }
        shelf.append(Entry(body: body, listing: listing, skipped: skipped))
        shelves[address] = shelf
        return listing
    }

    package static func text(_ body: ByteBuffer, _ isGzip: Bool) throws(ListingFault) -> ByteBuffer {
        guard isGzip else { return body }
        guard let text = Gunzip.text(body, atMost: longestText) else { throw .notGzip }
        return text
    }
}

extension Listing {
    /// Whether all of so many segments are known, whole.
    fileprivate func covers(_ count: Int, from segment: UInt64) -> Bool {
        guard let index = index(of: segment), count <= playlist.segments.count - index else { return false }
        return playlist.segments[index + count - 1].uri != nil
    }

    /// Segments that go on being listed, with the init section written where the list begins.
    fileprivate func kept(from index: Int, count: Int) -> [MediaPlaylist.Segment] {
        var kept = Array(playlist.segments[index..<(index + count)])
        kept[0].map = maps[index]
        for number in kept.indices { kept[number].parts = [] }
        return kept
    }
}
