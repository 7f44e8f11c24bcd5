import M3U8
import Media

/// One rendition that a viewer follows: its playlist, the place to fetch next, what there is to play.
struct TrackReading {
    enum Reload: Hashable {
        case due(MonotonicTime)
        case asked(Int)
        /// The playlist has ended.
        case never
    }

    struct Hint: Hashable {
        enum State: Hashable { case asked(Int), here, failed }

        let uri: String
        var state: State
    }

    /// What is to be fetched next.
    enum Step: Hashable {
        case initSection(String)
        case piece(Piece)
        /// Everything that is listed is there; the hinted part could be asked for.
        case edge
        /// Everything there will ever be is there.
        case all
    }

    struct Piece: Hashable {
        let uri: String
        let start: Double
        let duration: Double
        let next: Place
        let isPart: Bool
    }

    /// What listing a track's times are in step with.
    struct Anchor {
        let listing: Listing
        let offset: Double
    }

    var address: WebAddress
    private(set) var listing: Listing?
    /// Added to a listing's times where they are no dates (seconds).
    private(set) var offset = 0.0
    /// When the playlist last had something new.
    private(set) var changed = MonotonicTime(nanoseconds: 0)
    var reload: Reload
    var reloadFailures = 0
    var needsWhole = false
    /// The place that another rendition's report has told.
    var reported: Place?
    var cursor: Place?
    /// The request for media or an init section that is under way.
    var media: Int?
    var mediaDue = MonotonicTime(nanoseconds: 0)
    var mediaFailures = 0
    var initSection: String?
    var hint: Hint?
    var buffer = Buffered()
    var isStale = false

    init(address: WebAddress, due: MonotonicTime) {
        self.address = address
        self.reload = .due(due)
    }

    /// The end of what is listed, on the viewer's timeline (seconds).
    var end: Double { (listing?.end ?? 0) + offset }

    var anchor: Anchor? { listing.map { Anchor(listing: $0, offset: offset) } }

    /// Takes a playlist; true where it has something new.
    mutating func take(_ new: Listing, at now: MonotonicTime, anchor: Anchor?) -> Bool {
        let old = listing
        listing = new
        if new.isDated {
            offset = 0
        } else if let before = old.map({ Anchor(listing: $0, offset: offset) }) ?? anchor {
            offset = TrackReading.offset(of: new, after: before)
        }
        let isNews =
            old.map {
                $0.next != new.next || $0.first != new.first || $0.playlist.isEnded != new.playlist.isEnded
            }
            ?? true
        if isNews {
            changed = now
            isStale = false
        }
        return isNews
    }

    /// Undated times go on from another listing's by the numbers of the segments.
    private static func offset(of new: Listing, after old: Anchor) -> Double {
        if let index = old.listing.index(of: new.first), let start = new.starts.first {
            return old.listing.starts[index] + old.offset - start
        }
        if let index = new.index(of: old.listing.first), let start = old.listing.starts.first {
            return start + old.offset - new.starts[index]
        }
        return old.listing.end + old.offset - (new.starts.first ?? 0)
    }

    /// Puts the cursor where a decoder can start for a time.
    mutating func enter(at time: Double) {
        guard let listing else { return }
        let own = time - offset
        cursor =
            own >= listing.end - 0.05 && listing.next.part == 0 ? listing.next : listing.entry(at: own + 0.05)
    }

    /// Passes what is marked as missing and says what is to be fetched. `jumped` tells that the place had left the list.
    mutating func step(_ figures: inout ViewerFigures) -> Step {
        guard let listing, var place = cursor else { return .edge }
        defer { cursor = place }
        if place.segment < listing.first {
            figures.jumps += 1
            place = listing.entry(at: listing.end - listing.holdBack)
        } else if place.segment > listing.next.segment &+ 3 {
            figures.note(.wentBack)
            place = listing.entry(at: listing.end - listing.holdBack)
        }
        while let index = listing.index(of: place.segment) {
            let segment = listing.playlist.segments[index]
            let start = listing.starts[index] + offset
            let piece: Piece
            let isGap: Bool
            if segment.parts.isEmpty {
                guard let uri = segment.uri else { break }
                piece = Piece(
                    uri: uri, start: start, duration: segment.duration, next: Place(place.segment + 1, 0),
                    isPart: false)
                isGap = segment.isGap
            } else if place.part < segment.parts.count {
                let part = segment.parts[place.part]
                let before = segment.parts[..<place.part].reduce(0) { $0 + $1.duration }
                piece = Piece(
                    uri: part.uri, start: start + before, duration: part.duration,
                    next: Place(place.segment, place.part + 1), isPart: true)
                isGap = part.isGap || segment.isGap
            } else if segment.uri != nil {
                place = Place(place.segment + 1, 0)
                continue
            } else {
                break
            }
            if isGap {
                figures.gaps += 1
                place = piece.next
                continue
            }
            if let map = listing.maps[index], map != initSection { return .initSection(map) }
            if hint == Hint(uri: piece.uri, state: .here) {
                hint = nil
                figures.parts += 1
                took(piece, segment, &figures)
                place = piece.next
                continue
            }
            return .piece(piece)
        }
        return listing.playlist.isEnded ? .all : .edge
    }

    /// Takes a piece that has come.
    mutating func take(_ piece: Piece, _ figures: inout ViewerFigures) {
        guard let cursor, let listing else { return }
        if piece.isPart { figures.parts += 1 } else { figures.segments += 1 }
        let segment = listing.index(of: cursor.segment).map { listing.playlist.segments[$0] }
        took(piece, segment, &figures)
        self.cursor = piece.next
    }

    private mutating func took(
        _ piece: Piece, _ segment: MediaPlaylist.Segment?, _ figures: inout ViewerFigures
    ) {
        mediaFailures = 0
        let isFirst = !piece.isPart || piece.next.part == 1
        if isFirst, segment?.isDiscontinuity == true { figures.discontinuities += 1 }
        buffer.append(from: piece.start, to: piece.start + piece.duration)
    }

    /// The query of the next reload (6.2.5); nil where the plain address is right.
    func query(at now: MonotonicTime, usesDeltas: Bool) -> (text: String?, isBlocking: Bool, isDelta: Bool) {
        guard let listing else {
            guard let reported else { return (nil, false, false) }
            return ("_HLS_msn=\(reported.segment)&_HLS_part=\(reported.part)", false, false)
        }
        var text: String?
        if listing.canBlock {
            text = "_HLS_msn=\(listing.next.segment)"
            if listing.hasParts { text? += "&_HLS_part=\(listing.next.part)" }
        }
        var isDelta = false
        // What is known must reach into what a delta still lists (6.3.7).
        if usesDeltas, !needsWhole, let until = listing.canSkipUntil, (now - changed).inSeconds < until / 2 {
            text = text.map { $0 + "&_HLS_skip=YES" } ?? "_HLS_skip=YES"
            isDelta = true
        }
        return (text, listing.canBlock, isDelta)
    }

    /// When the playlist is to be asked for again after an answer to a request of `asked` (6.3.4).
    func nextReload(isNews: Bool, isBlocking: Bool, asked: MonotonicTime, at now: MonotonicTime) -> Reload {
        guard let listing else { return .due(now + .seconds(1)) }
        if listing.playlist.isEnded { return .never }
        let part = min(max(listing.playlist.partTarget ?? 0, 0.2), 10)
        if listing.canBlock {
            // A server that answers at once, always with something new, is not asked without a breath.
            if isNews || !isBlocking { return .due(isBlocking ? max(now, asked + .milliseconds(20)) : now) }
            return .due(now + .seconds(max(0.2, part / 2)))
        }
        let target = min(max(Double(listing.playlist.targetDuration), 0.5), 60)
        let interval = listing.hasParts ? part : target
        let due = asked + .seconds(isNews ? interval : interval / 2)
        return .due(max(due, now + .milliseconds(50)))
    }

    /// The place that this playlist reports for another rendition (EXT-X-RENDITION-REPORT).
    func report(on other: WebAddress) -> Place? {
        for report in listing?.playlist.reports ?? [] where address.resolving(report.uri)?.path == other.path
        {
            guard report.lastSequence < 1 << 62 else { return nil }
            return Place(report.lastSequence, report.lastPart ?? 0)
        }
        return nil
    }
}
