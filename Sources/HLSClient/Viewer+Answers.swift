import M3U8
import Media

/// What comes of an answer.
extension Viewer {
    mutating func take(
        _ answer: HTTPAnswer, of request: Pending, at now: MonotonicTime, _ library: inout Library,
        _ actions: inout [Action]
    ) {
        switch request.purpose {
        case .multivariant: takeMultivariant(answer, of: request, at: now)
        case .playlist(let index, let isBlocking, let isDelta):
            takePlaylist(
                answer, of: request, index, isBlocking: isBlocking, isDelta: isDelta, at: now, &library)
        case .initSection(let index, let uri):
            tracks[index].media = nil
            tracks[index].mediaFailures = 0
            tracks[index].initSection = uri
        case .media(let index, let piece):
            tracks[index].media = nil
            // Sound comes in pieces too small to tell anything.
            if index == 0 {
                throughput.note(bytes: answer.bytes, seconds: (now - request.sent).inSeconds)
            }
            tracks[index].take(piece, &figures)
        case .hint(let index, let uri):
            if index == 0 {
                throughput.note(bytes: answer.bytes, seconds: (now - answer.began).inSeconds)
            }
            guard tracks[index].hint?.uri == uri else { return }
            tracks[index].hint?.state = .here
            figures.hints += 1
        }
    }

    private mutating func takeMultivariant(
        _ answer: HTTPAnswer, of request: Pending, at now: MonotonicTime
    ) {
        guard let text = try? Library.text(answer.body, answer.head.isGzip) else {
            return fail(request, .badPlaylist, at: now)
        }
        let playlist: MultivariantPlaylist
        do {
            playlist = try MultivariantPlaylist(parsing: text)
        } catch .wrongKind {
            // A rendition's own playlist.
            tracks = [TrackReading(address: request.address, due: now)]
            return
        } catch {
            return fail(request, .badPlaylist, at: now)
        }
        guard !playlist.variants.isEmpty else { return fail(request, .badPlaylist, at: now) }
        let chosen: Int
        if let name = settings.rendition {
            guard let found = playlist.variants.firstIndex(where: { $0.names.contains(name) }) else {
                return fail(request, .noRendition, at: now)
            }
            chosen = found
        } else {
            chosen = 0
        }
        masterFailures = 0
        master = request.address
        variants = playlist.variants
        variant = chosen
        let choice = variants[chosen]
        guard let picture = request.address.resolving(choice.uri) else {
            return fail(request, .badAddress, at: now)
        }
        tracks = [TrackReading(address: picture, due: now)]
        let sounds = playlist.audio.filter { $0.group == choice.audioGroup }
        if let sound = sounds.first(where: \.isDefault) ?? sounds.first, sound.uri != choice.uri {
            guard let address = request.address.resolving(sound.uri) else {
                return fail(request, .badAddress, at: now)
            }
            tracks.append(TrackReading(address: address, due: now))
        }
    }

    private mutating func takePlaylist(
        _ answer: HTTPAnswer, of request: Pending, _ index: Int, isBlocking: Bool, isDelta: Bool,
        at now: MonotonicTime, _ library: inout Library
    ) {
        let listing: Listing
        do {
            listing = try library.listing(
                of: tracks[index].address, body: answer.body, isGzip: answer.head.isGzip,
                known: tracks[index].listing)
        } catch .deltaDoesNotApply {
            guard !tracks[index].needsWhole else { return fail(request, .badPlaylist, at: now) }
            figures.misfits += 1
            tracks[index].needsWhole = true
            tracks[index].reload = .due(now)
            return
        } catch {
            return fail(request, .badPlaylist, at: now)
        }
        if isDelta { figures.deltas += 1 } else { figures.wholePlaylists += 1 }
        let other = tracks.indices.first { $0 != index && tracks[$0].listing != nil }
        let anchor = oldAnchors[index] ?? other.flatMap { tracks[$0].anchor }
        let isNews = tracks[index].take(listing, at: now, anchor: anchor)
        oldAnchors[index] = nil
        tracks[index].needsWhole = false
        tracks[index].reloadFailures = 0
        tracks[index].reported = nil
        if isBlocking, !isNews, !listing.playlist.isEnded { figures.note(.notHeld) }
        tracks[index].reload = tracks[index].nextReload(
            isNews: isNews, isBlocking: isBlocking, asked: request.sent, at: now)
        enter()
    }

    /// Chooses where to begin, once the picture's playlist is there.
    private mutating func enter() {
        if !isPositioned, let listing = tracks.first?.listing, let start = listing.starts.first {
            isPositioned = true
            let live = max(start, listing.end - listing.holdBack)
            playhead.seek(to: (listing.playlist.isEnded ? start : live) + tracks[0].offset)
        }
        guard isPositioned else { return }
        for index in tracks.indices where tracks[index].cursor == nil && tracks[index].listing != nil {
            tracks[index].enter(at: tracks[index].buffer.end ?? playhead.position)
        }
    }

    mutating func redirect(
        _ request: Pending, _ answer: HTTPAnswer, at now: MonotonicTime, _ actions: inout [Action]
    ) {
        figures.redirects += 1
        guard request.redirects < Viewer.redirectsAtMost else { return fail(request, .redirects, at: now) }
        guard let location = answer.head.location, let address = request.address.resolving(location) else {
            return fail(request, .badAddress, at: now)
        }
        let number = ask(
            for: address, request.purpose, redirects: request.redirects + 1, at: now, &actions)
        switch request.purpose {
        case .multivariant: break
        case .playlist(let index, _, _): tracks[index].reload = .asked(number)
        case .initSection(let index, _), .media(let index, _): tracks[index].media = number
        case .hint(let index, _): tracks[index].hint?.state = .asked(number)
        }
    }

    /// Notes that a request came to nothing, and when to try again: after 1, 2, 4, then 8 s for playlists, after 0.5 s
    /// for media, which is given up at the third time.
    mutating func fail(_ request: Pending, _ trouble: Trouble, at now: MonotonicTime) {
        switch request.purpose {
        case .multivariant:
            figures.note(trouble)
            masterFailures += 1
            masterDue = now + Viewer.pause(after: masterFailures)
        case .playlist(let index, _, _):
            figures.note(trouble)
            tracks[index].reloadFailures += 1
            tracks[index].needsWhole = true
            tracks[index].reload = .due(now + Viewer.pause(after: tracks[index].reloadFailures))
        case .initSection(let index, _), .media(let index, _):
            figures.note(trouble)
            tracks[index].media = nil
            tracks[index].mediaFailures += 1
            tracks[index].mediaDue = now + .milliseconds(500)
            if tracks[index].mediaFailures >= 3 { giveUp(request.purpose, at: now) }
        case .hint(let index, let uri):
            // A hint may be withdrawn (404); the part is asked for again when it is listed.
            if trouble != Trouble(status: 404) { figures.note(trouble) }
            figures.hintMisses += 1
            if tracks[index].hint?.uri == uri { tracks[index].hint?.state = .failed }
        }
    }

    /// Leaves out what cannot be had.
    mutating func giveUp(_ purpose: Purpose, at now: MonotonicTime) {
        guard let index = purpose.track else { return }
        tracks[index].mediaFailures = 0
        tracks[index].mediaDue = now + .milliseconds(500)
        switch purpose {
        case .media(_, let piece):
            figures.note(.skipped)
            tracks[index].cursor = piece.next
        case .initSection(_, let uri):
            // Without it nothing that follows can be played, but the rest of the traffic is the same.
            figures.note(.skipped)
            tracks[index].initSection = uri
        case .multivariant, .playlist, .hint: break
        }
    }

    private static func pause(after failures: Int) -> Duration {
        .seconds(1 << min(failures - 1, 3))
    }
}

extension MultivariantPlaylist.Variant {
    /// What a variant may be called by: the folders of its address, from the last on, the file's name without its
    /// ending, and its short side (`360p`).
    var names: [String] {
        let pieces = uri.prefix { $0 != "?" && $0 != "#" }.split(separator: "/")
        var names = pieces.dropLast().reversed().map(String.init)
        if let file = pieces.last { names.append(String(file.prefix { $0 != "." })) }
        if let width, let height { names.append("\(min(width, height))p") }
        return names
    }
}
