// One viewer as a state machine, without a clock and without I/O: answers and time come in, requests go out.
// It follows a multivariant playlist's rendition and its sound as hls.js and AVPlayer do: blocking reloads, delta
// updates, parts at the live edge, hints, a picture that plays, stalls and catches up.
// Bound: a track has at most one playlist, one piece of media and one hinted part under way.

import M3U8
package import Media

package struct Viewer {
    package enum Action: Sendable {
        case get(HTTPGet, number: Int)
        case cancel(Int)
        /// The show is over and has been seen to its end.
        case done
    }

    enum Purpose: Hashable {
        case multivariant
        case playlist(Int, isBlocking: Bool, isDelta: Bool)
        case initSection(Int, String)
        case media(Int, TrackReading.Piece)
        case hint(Int, String)

        var track: Int? {
            switch self {
            case .multivariant: nil
            case .playlist(let track, _, _), .initSection(let track, _), .media(let track, _),
                .hint(let track, _):
                track
            }
        }
    }

    struct Pending {
        let purpose: Purpose
        let address: WebAddress
        var redirects = 0
        let sent: MonotonicTime
        let deadline: MonotonicTime
    }

    /// The longest media file and init section that are taken for real (bytes).
    static let longestMedia = 64 << 20
    static let redirectsAtMost = 5

    package let settings: ViewerSettings
    package let address: WebAddress
    package internal(set) var figures = ViewerFigures()
    package internal(set) var playhead = Playhead()
    package internal(set) var throughput = Throughput()
    /// When `tick` is next needed; nil: not before something comes.
    package internal(set) var wake: MonotonicTime?
    /// Picture (with sound in it or not) first, then separate sound.
    var tracks: [TrackReading] = []
    var variants: [MultivariantPlaylist.Variant] = []
    var master: WebAddress?
    var variant = 0
    var pending: [Int: Pending] = [:]
    var nextNumber = 0
    var started: MonotonicTime
    var masterDue: MonotonicTime?
    var masterFailures = 0
    /// The listing that a track's next one goes on from, after a change of rendition.
    var oldAnchors: [Int: TrackReading.Anchor] = [:]
    var isPositioned = false
    /// The picture has jumped over a hole and not gone on yet.
    var hasSkipped = false
    var isDone = false

    package init(_ address: WebAddress, settings: ViewerSettings, at now: MonotonicTime) {
        self.address = address
        self.settings = settings
        started = now
        masterDue = now
    }

    /// The name of the rendition that is watched; nil before one is chosen.
    package var rendition: String? {
        variants.indices.contains(variant) ? variants[variant].names.first : nil
    }

    // MARK: Events

    /// The first event, and whenever `wake` has come.
    package mutating func tick(at now: MonotonicTime) -> [Action] {
        var actions: [Action] = []
        advance(to: now)
        for (number, request) in pending where request.deadline <= now {
            pending[number] = nil
            actions.append(.cancel(number))
            fail(request, .timeout, at: now)
        }
        proceed(at: now, &actions)
        return actions
    }

    /// An answer, or the failure of a request.
    package mutating func receive(
        _ number: Int, _ result: Result<HTTPAnswer, HTTPFailure>, at now: MonotonicTime,
        library: inout Library
    ) -> [Action] {
        var actions: [Action] = []
        guard let request = pending.removeValue(forKey: number) else { return actions }
        advance(to: now)
        switch result {
        case .failure(let failure): fail(request, Trouble(failure), at: now)
        case .success(let answer):
            switch answer.head.status {
            case 200, 206: take(answer, of: request, at: now, &library, &actions)
            case 301, 302, 303, 307, 308: redirect(request, answer, at: now, &actions)
            default: fail(request, Trouble(status: answer.head.status), at: now)
            }
        }
        proceed(at: now, &actions)
        return actions
    }

    /// How far the picture is behind now by the stream's dates (seconds); nil where there are none, or no picture.
    package mutating func latency(at now: MonotonicTime) -> Double? {
        advance(to: now)
        guard figures.join != nil, playhead.state != .ended, tracks.first?.listing?.isDated == true else {
            return nil
        }
        return Double(now.nanoseconds) / 1e9 + settings.unixOffset - playhead.position
    }

    /// How far the picture is behind the end of the playlist, as players tell it (seconds).
    package mutating func distance(at now: MonotonicTime) -> Double? {
        advance(to: now)
        guard figures.join != nil, playhead.state != .ended, let track = tracks.first else { return nil }
        return track.end + (now - track.changed).inSeconds - playhead.position
    }

    private mutating func advance(to now: MonotonicTime) {
        playhead.advance(to: now, over: tracks.map(\.buffer), isAll: isAll)
        for index in tracks.indices { tracks[index].buffer.forget(before: playhead.position) }
    }

    /// Everything that there will ever be has come.
    var isAll: Bool {
        !tracks.isEmpty
            && tracks.allSatisfy { track in
                guard let listing = track.listing, listing.playlist.isEnded, let cursor = track.cursor else {
                    return false
                }
                return cursor >= listing.next
            }
    }

    // MARK: What to do next

    private mutating func proceed(at now: MonotonicTime, _ actions: inout [Action]) {
        guard !isDone else { return }
        if let due = masterDue, due <= now {
            masterDue = nil
            ask(for: address, .multivariant, at: now, &actions)
        }
        adapt(at: now, &actions)
        for index in tracks.indices {
            reload(index, at: now, &actions)
            fetch(index, at: now, &actions)
        }
        play(at: now)
        // A picture that jumped over a hole, or has just begun, may have room for more.
        if playhead.state == .ended {
            isDone = true
            actions.append(.done)
        }
        schedule(at: now)
    }

    private mutating func reload(_ index: Int, at now: MonotonicTime, _ actions: inout [Action]) {
        if let listing = tracks[index].listing, !tracks[index].isStale, !listing.playlist.isEnded {
            let patience = max(3 * Double(listing.playlist.targetDuration), 3)
            if (now - tracks[index].changed).inSeconds > patience {
                tracks[index].isStale = true
                figures.note(.standsStill)
            }
        }
        guard case .due(let due) = tracks[index].reload, due <= now else { return }
        let (query, isBlocking, isDelta) = tracks[index].query(at: now, usesDeltas: settings.usesDeltas)
        let address = query.map { tracks[index].address.adding(query: $0) } ?? tracks[index].address
        let purpose = Purpose.playlist(index, isBlocking: isBlocking, isDelta: isDelta)
        tracks[index].reload = .asked(ask(for: address, purpose, at: now, &actions))
    }

    private mutating func fetch(_ index: Int, at now: MonotonicTime, _ actions: inout [Action]) {
        guard tracks[index].media == nil, tracks[index].mediaDue <= now, tracks[index].cursor != nil else {
            return
        }
        if let end = tracks[index].buffer.end, end - playhead.position > settings.bufferAtMost { return }
        switch tracks[index].step(&figures) {
        case .initSection(let uri):
            tracks[index].media = ask(index, uri, .initSection(index, uri), at: now, &actions)
        case .piece(let piece):
            if let hint = tracks[index].hint, hint.uri == piece.uri, hint.state != .failed { return }
            dropHint(index, &actions)
            tracks[index].media = ask(index, piece.uri, .media(index, piece), at: now, &actions)
        case .edge:
            guard settings.usesHints, let hinted = tracks[index].listing?.playlist.hintedPart,
                tracks[index].hint?.uri != hinted
            else { return }
            dropHint(index, &actions)
            let number = ask(index, hinted, .hint(index, hinted), at: now, &actions)
            if let number { tracks[index].hint = .init(uri: hinted, state: .asked(number)) }
        case .all: break
        }
    }

    private mutating func dropHint(_ index: Int, _ actions: inout [Action]) {
        guard let hint = tracks[index].hint else { return }
        tracks[index].hint = nil
        guard hint.state != .failed else { return }
        figures.hintMisses += 1
        guard case .asked(let number) = hint.state, pending.removeValue(forKey: number) != nil else { return }
        actions.append(.cancel(number))
    }

    /// A wait for the soonest of what has a time of its own.
    private mutating func schedule(at now: MonotonicTime) {
        var soonest: MonotonicTime? = isDone ? nil : masterDue
        func consider(_ time: MonotonicTime) {
            if soonest.map({ time < $0 }) ?? true { soonest = time }
        }
        if !isDone {
            for request in pending.values { consider(request.deadline) }
            for track in tracks {
                if case .due(let due) = track.reload { consider(due) }
                if track.mediaDue > now { consider(track.mediaDue) }
                let ahead = (track.buffer.end ?? 0) - playhead.position - settings.bufferAtMost
                if ahead > 0, track.buffer.end != nil { consider(now + .seconds(min(ahead, 60) + 0.01)) }
                if track.reload == .never, track.media == nil { consider(now + .milliseconds(250)) }
            }
        }
        wake = soonest
    }

    // MARK: Requests

    @discardableResult
    mutating func ask(
        for address: WebAddress, _ purpose: Purpose, redirects: Int = 0, at now: MonotonicTime,
        _ actions: inout [Action]
    ) -> Int {
        nextNumber += 1
        pending[nextNumber] = Pending(
            purpose: purpose, address: address, redirects: redirects, sent: now,
            deadline: now + .seconds(settings.timeout))
        figures.requests += 1
        let keepsBody =
            switch purpose {
            case .multivariant, .playlist: true
            case .initSection, .media, .hint: false
            }
        let limit = keepsBody ? Library.longestText : Viewer.longestMedia
        actions.append(
            .get(HTTPGet(address: address, keepsBody: keepsBody, bodyLimit: limit), number: nextNumber))
        return nextNumber
    }

    /// Asks for something that a playlist names; nil where the address is none.
    private mutating func ask(
        _ index: Int, _ uri: String, _ purpose: Purpose, at now: MonotonicTime, _ actions: inout [Action]
    ) -> Int? {
        guard let address = tracks[index].address.resolving(uri) else {
            figures.note(.badAddress)
            giveUp(purpose, at: now)
            return nil
        }
        return ask(for: address, purpose, at: now, &actions)
    }
}
