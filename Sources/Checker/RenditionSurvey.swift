import Media

/// Follows one media playlist: reads it, reloads it as a player does, and sends errands for what it lists.
///
/// In: playlists as they come. Out: the record of the rendition, and findings. Waits: for the playlist only; media,
/// hints and probes run beside it, so that they do not disturb the times that are measured.
struct RenditionSurvey {
    private(set) var record: RenditionRecord
    private(set) var findings = Findings()

    let fetcher: any Fetcher
    private let options: Survey.Options
    private let role: RenditionRole
    private var scene: AnswerScene
    private var present: MonotonicTime
    private var errands: Errands

    init(
        _ rendition: MultivariantDocument.Rendition, fetcher: any Fetcher, options: Survey.Options,
        isSecure: Bool,
        present: MonotonicTime
    ) {
        record = RenditionRecord(role: rendition.role, url: rendition.uri)
        self.fetcher = fetcher
        self.options = options
        role = rendition.role
        scene = AnswerScene(isSecure: isSecure)
        self.present = present
        errands = Errands(fetcher: fetcher, role: rendition.role)
    }

    mutating func run() async {
        guard let (first, _) = await read(.playlist, query: "") else { return }
        record.first = first
        scene.targetDuration = first.targetDuration
        scene.isEnded = first.isEnded
        errands.scene = scene
        look(at: first, after: nil)
        if first.isEnded {
            await surveyEnded(first)
        } else {
            await follow(first)
        }
    }

    /// Gives nothing where no playlist came; what came is examined as an answer and as a text.
    private mutating func read(
        _ purpose: FetchRequest.Purpose, query: String
    ) async -> (MediaDocument, Exchange)? {
        let exchange = await fetcher.fetch(
            FetchRequest(Errands.address(record.url, query), for: purpose), at: present)
        present = exchange.finished
        var scene = scene
        let text = PlaylistDocument(exchange.body, url: exchange.redirects.last ?? record.url)
        let document = MediaDocument(text)
        scene.targetDuration = scene.targetDuration ?? document.targetDuration
        scene.isEnded = document.isEnded
        findings.examine(exchange, scene)
        guard exchange.isGood else { return nil }
        if purpose == .blockingPlaylist || purpose == .playlist, record.refreshSizes.count < 10_000 {
            record.refreshSizes.append(exchange.wireSize)
        }
        return (document, exchange)
    }

    private mutating func look(at document: MediaDocument, after before: MediaDocument?) {
        findings.examine(document.text)
        findings.examine(MediaScene(document: document, role: role))
        if let before { findings.examine(Refresh(before: before, after: document, role: role)) }
        record.last = document
    }

    // MARK: - What has ended

    private mutating func surveyEnded(_ document: MediaDocument) async {
        if let (again, _) = await read(.playlist, query: "") { look(at: again, after: document) }
        await errands.probe(document, at: present).apply(&record, &findings)
        var chosen: [ListedSegment] = []
        var length = 0.0
        for segment in document.complete {
            guard length < options.seconds || chosen.count < 3 else { break }
            chosen.append(segment)
            length += segment.length
        }
        let rest = document.complete.dropFirst(chosen.count)
        chosen += rest.suffix(3)
        for segment in chosen {
            await prepare(segment, of: document)
            let reading = Errands.mapKey(segment, of: document).flatMap { record.inits[$0] }
            await errands.fetch(segment: segment, of: document, reading, at: present).apply(
                &record, &findings)
        }
    }

    /// Has the init section of a segment read before the segment is.
    private mutating func prepare(_ segment: ListedSegment, of document: MediaDocument) async {
        guard let key = Errands.mapKey(segment, of: document), record.inits[key] == nil,
            record.initTroubles[key] == nil, record.inits.count < 256, !segment.isMapEncrypted
        else { return }
        await errands.fetchInit(segment, of: document, key: key, at: present).apply(&record, &findings)
    }

    // MARK: - What is live

    private mutating func follow(_ first: MediaDocument) async {
        let begun = present
        let deadline = begun + .milliseconds(Int64(options.seconds * 1000))
        let box = ErrandBox(isScripted: fetcher.isScripted)
        await withDiscardingTaskGroup { group in
            for segment in first.complete.suffix(3) {
                await take(segment, of: first, isNew: false, box, &group)
            }
            let probes = errands
            let at = present
            await box.send(&group, &record, &findings) { await probes.probe(first, at: at) }
            var before = first
            var misses = 0
            var hintsLeft = 12
            while present < deadline, !Task.isCancelled {
                let canBlock = before.canBlock && misses < 3
                let isForParts =
                    canBlock && before.partInformation != nil && before.hasParts && role != .pictures
                let next = before.next
                if isForParts, hintsLeft > 0, let hint = before.hints.first(where: { $0["TYPE"] == "PART" }) {
                    hintsLeft -= 1
                    let (errands, document, at) = (errands, before, present)
                    await box.send(&group, &record, &findings) {
                        await errands.fetch(hint: hint, of: document, at: at)
                    }
                }
                if !canBlock {
                    let pause = min(max(0.5, (before.targetDuration ?? 2) / 2), 30)
                    present = await fetcher.wait(until: present + .milliseconds(Int64(pause * 1000)))
                }
                let query =
                    !canBlock
                    ? "" : "_HLS_msn=\(next.number)" + (isForParts ? "&_HLS_part=\(next.part)" : "")
                let asked = present
                guard
                    let (after, exchange) = await read(canBlock ? .blockingPlaylist : .playlist, query: query)
                else {
                    misses += 1
                    if misses > 5 { break }
                    present = await fetcher.wait(until: max(present, asked) + .milliseconds(500))
                    continue
                }
                if canBlock {
                    record.answered += 1
                    let reached = after.next
                    let has =
                        isForParts
                        ? reached.number > next.number
                            || reached.number == next.number && reached.part > next.part
                        : reached.number > next.number
                    if !has, !after.isEnded {
                        misses += 1
                        if record.unkept.count < 20 { record.unkept.append((exchange.url, query)) }
                        present = await fetcher.wait(until: present + .milliseconds(500))
                    }
                }
                look(at: after, after: before)
                note(after, before: before, exchange: exchange, wasHeld: canBlock && exchange.held > 0.05)
                for segment in after.segments where segment.number >= next.number {
                    await take(segment, of: after, isNew: true, box, &group)
                }
                await askForRemoved(before, after, box, &group)
                box.collect(&record, &findings)
                before = after
                if after.isEnded { break }
            }
        }
        box.collect(&record, &findings)
        record.leftOut = box.leftOut
        record.followed = begun...max(begun, present)
    }

    /// Sends errands for a segment's parts that are new, and for the segment when it is complete.
    private mutating func take(
        _ segment: ListedSegment, of document: MediaDocument, isNew: Bool, _ box: ErrandBox,
        _ group: inout DiscardingTaskGroup
    ) async {
        await prepare(segment, of: document)
        let reading = Errands.mapKey(segment, of: document).flatMap { record.inits[$0] }
        for index in segment.parts.indices where box.isNew("\(segment.number)/\(index)") {
            let (errands, at) = (errands, present)
            await box.send(&group, &record, &findings) {
                await errands.fetch(part: index, in: segment, of: document, reading, at: at)
            }
        }
        guard segment.isComplete, box.isNew("\(segment.number)") else { return }
        let (errands, at) = (errands, present)
        await box.send(&group, &record, &findings) {
            await errands.fetch(segment: segment, of: document, reading, at: at)
        }
    }

    /// What a refresh brought, and when.
    private mutating func note(
        _ after: MediaDocument, before: MediaDocument, exchange: Exchange, wasHeld: Bool
    ) {
        let (was, now) = (before.next, after.next)
        let newSegments = max(0, (after.complete.last?.number ?? 0) - (before.complete.last?.number ?? 0))
        let newParts = now == was ? 0 : max(1, now.number == was.number ? now.part - was.part : 1)
        guard newParts > 0 || newSegments > 0 else { return }
        if record.arrivals.count < 20_000 {
            record.arrivals.append(
                Arrival(
                    time: exchange.headed, wasHeld: wasHeld, newParts: newParts, newSegments: newSegments,
                    number: after.complete.last?.number ?? now.number))
        }
        for segment in after.segments where segment.number >= was.number && record.segments.count < 20_000 {
            var seen =
                record.segments[segment.number]
                ?? SegmentRecord(number: segment.number, discontinuitySequence: segment.discontinuitySequence)
            for index in segment.parts.indices where wasHeld && seen.partAppearances[index] == nil {
                if segment.number > was.number || index >= was.part {
                    seen.partAppearances[index] = exchange.headed
                }
            }
            record.segments[segment.number] = seen
        }
    }

    /// What has just left the playlist must still be there.
    private mutating func askForRemoved(
        _ before: MediaDocument, _ after: MediaDocument, _ box: ErrandBox, _ group: inout DiscardingTaskGroup
    ) async {
        guard record.removals.count < 10 else { return }
        var gone: (part: String?, segment: String?) = (nil, nil)
        for segment in before.segments {
            if let twin = after.segment(segment.number) {
                if let part = segment.parts.last, twin.parts.isEmpty, part.range == nil {
                    gone.part = part.uri
                }
            } else if segment.number < after.mediaSequence, segment.range == nil, !segment.isGap {
                gone.segment = segment.uri
            }
        }
        for (uri, isPart) in [(gone.part, true), (gone.segment, false)] {
            guard let uri else { continue }
            let (errands, at) = (errands, present)
            let url = PlaylistDocument.resolve(uri, against: before.url)
            await box.send(&group, &record, &findings) {
                await errands.fetch(removed: url, isPart: isPart, at: at)
            }
        }
    }
}
