import CMAF
import Media
import NIOCore
import Synchronization

/// What an errand brought: how the record and the findings change by it.
struct ErrandResult: Sendable {
    let apply: @Sendable (inout RenditionRecord, inout Findings) -> Void

    func apply(_ record: inout RenditionRecord, _ findings: inout Findings) { apply(&record, &findings) }
}

/// The errands that run beside a survey. At most twelve at a time; above that they are left out, and counted.
final class ErrandBox: Sendable {
    private struct State {
        var results: [ErrandResult] = []
        var running = 0
        var leftOut = 0
        var sent: Set<String> = []
    }

    private static let most = 12
    private let isScripted: Bool
    private let state = Mutex(State())

    init(isScripted: Bool) {
        self.isScripted = isScripted
    }

    /// True once for each name.
    func isNew(_ name: String) -> Bool { state.withLock { $0.sent.insert(name).inserted } }

    /// Runs the errand beside, or at once where answers are scripted.
    func send(
        _ group: inout DiscardingTaskGroup, _ record: inout RenditionRecord, _ findings: inout Findings,
        _ errand: @escaping @Sendable () async -> ErrandResult
    ) async {
        if isScripted {
            await errand().apply(&record, &findings)
            return
        }
        let mayRun = state.withLock { state in
            guard state.running < ErrandBox.most else {
                state.leftOut += 1
                return false
            }
            state.running += 1
            return true
        }
        guard mayRun else { return }
        group.addTask {
            let result = await errand()
            self.state.withLock { state in
                state.running -= 1
                state.results.append(result)
            }
        }
    }

    /// Errands that were not run, too many being under way.
    var leftOut: Int { state.withLock { $0.leftOut } }

    /// Applies what errands have brought so far.
    func collect(_ record: inout RenditionRecord, _ findings: inout Findings) {
        let results = state.withLock { state in
            defer { state.results = [] }
            return state.results
        }
        for result in results { result.apply(&record, &findings) }
    }
}

/// Fetches media and reads them; bytes are let go as soon as they are read.
struct Errands: Sendable {
    let fetcher: any Fetcher
    let role: RenditionRole
    var scene = AnswerScene(isSecure: false)

    static func address(_ url: String, _ query: String) -> String {
        query.isEmpty ? url : url + (url.contains("?") ? "&" : "?") + query
    }

    /// The address and range of a segment's init section; nil where it has none.
    static func mapKey(_ segment: ListedSegment, of document: MediaDocument) -> String? {
        guard let tag = segment.map, let uri = tag["URI"] else { return nil }
        let url = PlaylistDocument.resolve(uri, against: document.url)
        return tag["BYTERANGE"].map { "\(url)#\($0)" } ?? url
    }

    /// `n@o`, or `n` from the start. Nil where it is no range.
    private static func bounds(_ text: String) -> Range<Int>? {
        let fields = text.split(separator: "@", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(fields.count), let length = fields[0], length > 0,
            let offset = fields.count > 1 ? fields[1] : 0, offset >= 0, offset < Int.max - length
        else { return nil }
        return offset..<offset + length
    }

    private func bounds(_ span: ByteSpan?) -> Range<Int>? { span.map { $0.offset..<$0.offset + $0.length } }

    private func result(
        _ exchange: Exchange, _ apply: @escaping @Sendable (inout RenditionRecord) -> Void
    ) -> ErrandResult {
        var findings = Findings()
        findings.examine(exchange, scene)
        let more = findings
        return ErrandResult { record, findings in
            apply(&record)
            findings.merge(more)
        }
    }

    func fetchInit(
        _ segment: ListedSegment, of document: MediaDocument, key: String, at present: MonotonicTime
    ) async -> ErrandResult {
        let url = String(key.prefix { $0 != "#" })
        let range = segment.map?["BYTERANGE"].flatMap(Errands.bounds)
        let exchange = await fetcher.fetch(FetchRequest(url, for: .initSection, range: range), at: present)
        do throws(CMAFFault) {
            let reading = try InitReading(exchange.body)
            return result(exchange) { $0.inits[key] = reading }
        } catch {
            let isGood = exchange.isGood
            return result(exchange) { if isGood { $0.initTroubles[key] = Errands.sentence(error) } }
        }
    }

    func fetch(
        segment: ListedSegment, of document: MediaDocument, _ reading: InitReading?, at present: MonotonicTime
    ) async -> ErrandResult {
        let blank = blank(segment, of: document, key: Errands.mapKey(segment, of: document))
        guard let uri = segment.uri, !segment.isGap else {
            return ErrandResult { record, _ in record.keep(blank) }
        }
        let url = PlaylistDocument.resolve(uri, against: document.url)
        let exchange = await fetcher.fetch(
            FetchRequest(url, for: .segment, range: bounds(segment.range)), at: present)
        var media = blank
        media.partCount = segment.parts.isEmpty ? nil : segment.parts.count
        if exchange.isGood {
            media.size = exchange.body.readableBytes
            media.kind = MediaKind(exchange.body)
            if role == .subtitles, media.kind != .fragment {
                media.captions = CaptionSegment(exchange.body)
            } else if segment.key == nil {
                (media.fragments, media.trouble) = read(exchange.body, media.kind, reading)
            }
        }
        let read = media
        return result(exchange) { $0.keep(read) }
    }

    func fetch(
        part index: Int, in segment: ListedSegment, of document: MediaDocument, _ reading: InitReading?,
        at present: MonotonicTime
    ) async -> ErrandResult {
        let part = segment.parts[index]
        guard let uri = part.uri, !part.isGap else { return ErrandResult { _, _ in } }
        let url = PlaylistDocument.resolve(uri, against: document.url)
        let exchange = await fetcher.fetch(
            FetchRequest(url, for: .part, range: bounds(part.range)), at: present)
        var media = PartMedia(url: url, line: part.tag.line, isIndependent: part.isIndependent)
        if exchange.isGood {
            media.kind = MediaKind(exchange.body)
            if segment.key == nil {
                (media.samples, media.trouble) = read(exchange.body, media.kind, reading)
            }
        }
        let blank = blank(segment, of: document, key: Errands.mapKey(segment, of: document))
        let read = media
        return result(exchange) { record in
            if record.media[blank.number] == nil { record.keep(blank) }
            record.media[blank.number]?.parts[index] = read
        }
    }

    func fetch(hint: Tag, of document: MediaDocument, at present: MonotonicTime) async -> ErrandResult {
        guard let uri = hint["URI"], hint["BYTERANGE-START"] == nil, let target = document.partTarget else {
            return ErrandResult { _, _ in }
        }
        let url = PlaylistDocument.resolve(uri, against: document.url)
        var exchange = await fetcher.fetch(FetchRequest(url, for: .hintedPart), at: present)
        var findings = Findings()
        findings.examine(exchange, scene)
        exchange.body = ByteBuffer()
        let probe = HintProbe(hint: hint, exchange: exchange, partTarget: target)
        let more = findings
        return ErrandResult { record, findings in
            record.hints.append(probe)
            findings.merge(more)
        }
    }

    func fetch(removed url: String, isPart: Bool, at present: MonotonicTime) async -> ErrandResult {
        var exchange = await fetcher.fetch(FetchRequest(url, for: .removed), at: present)
        exchange.body = ByteBuffer()
        let probe = RemovalProbe(isPart: isPart, exchange: exchange)
        return ErrandResult { record, _ in record.removals.append(probe) }
    }

    private func blank(_ segment: ListedSegment, of document: MediaDocument, key: String?) -> SegmentMedia {
        var media = SegmentMedia(
            number: segment.number, discontinuitySequence: segment.discontinuitySequence,
            url: segment.uri.map { PlaylistDocument.resolve($0, against: document.url) } ?? document.url,
            line: segment.line, duration: segment.duration, mapURL: key)
        media.isGap = segment.isGap
        return media
    }

    private func read(
        _ bytes: ByteBuffer, _ kind: MediaKind?, _ reading: InitReading?
    ) -> (MediaSamples?, String?) {
        guard kind == .fragment, let reading else { return (nil, nil) }
        do throws(CMAFFault) {
            return (try MediaSamples(bytes, of: reading.tracks, allowsCut: role == .pictures), nil)
        } catch {
            return (nil, Errands.sentence(error))
        }
    }

    static func sentence(_ fault: CMAFFault) -> String {
        switch fault {
        case .truncated(let box): "the bytes end within '\(box)'"
        case .missing(let box): "there is no '\(box)'"
        case .malformed(let box): "'\(box)' says what it may not say"
        case .unsupported(let box): "'\(box)' is of a kind that is not allowed here"
        case .tooMuch(let box): "'\(box)' says far too much"
        }
    }
}

extension RenditionRecord {
    /// Parts that came earlier stay.
    mutating func keep(_ media: SegmentMedia) {
        guard self.media.count < 20_000 else { return }
        var media = media
        media.parts = self.media[media.number]?.parts ?? [:]
        self.media[media.number] = media
    }
}
