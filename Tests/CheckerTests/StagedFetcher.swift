import Checker
import Foundation
import Media
import NIOCore

/// What is changed about a good presentation.
struct Change: Sendable {
    /// Of a playlist: the rendition (empty is the multivariant one), the query, the time, the text.
    var text: @Sendable (String, String, Double, String) -> String = { $3 }
    /// Of media: the rendition, the name, the bytes.
    var media: @Sendable (String, String, ByteBuffer) -> ByteBuffer = { $2 }
    /// Of an answer, the last word.
    var answer: @Sendable (inout Exchange, Asked) -> Void = { _, _ in }
}

/// A request, taken apart.
struct Asked: Sendable {
    let rendition: String
    let name: String
    let query: String
    let time: Double
}

/// Answers out of a stage, in the stage's own time: nothing waits, `finished` says when it would have been.
struct StagedFetcher: Fetcher {
    let stage: Stage
    var change = Change()
    let isScripted = true
    /// Seconds on the way.
    private let way = 0.01

    func now() -> MonotonicTime { MonotonicTime(nanoseconds: 0) }

    func wait(until instant: MonotonicTime) async -> MonotonicTime { instant }

    private func instant(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64((seconds * 1e9).rounded()))
    }

    func fetch(_ request: FetchRequest, at present: MonotonicTime) async -> Exchange {
        var exchange = Exchange(request, sent: present)
        let time = Double(present.nanoseconds) / 1e9 + way / 2
        let url = String(request.url.dropFirst(stage.base.count))
        let path = url.split(separator: "?", omittingEmptySubsequences: false)
        let fields = path[0].split(separator: "/").map(String.init)
        let rendition = fields.count > 1 ? fields[0] : ""
        let name = fields.last ?? ""
        let query = path.count > 1 ? String(path[1]) : ""
        let (status, ready, body) = answer(rendition, name, query, time)
        exchange.status = status
        var head = max(time, ready) + way / 2
        exchange.body = body
        if name.hasSuffix(".m3u8") {
            var text = String(buffer: body)
            if status == 200 { text = change.text(rendition, query, head - way / 2, text) }
            exchange.body = ByteBuffer(string: text)
        } else if status == 200 {
            exchange.body = change.media(rendition, name, body)
        }
        exchange.wireSize = exchange.body.readableBytes
        if let range = request.range, status == 200, range.upperBound <= exchange.body.readableBytes {
            exchange.status = 206
            exchange.body =
                exchange.body.getSlice(at: exchange.body.readerIndex + range.lowerBound, length: range.count)
                ?? ByteBuffer()
        }
        exchange.headers = headers(name, query, exchange.status)
        exchange.isHTTP2 = stage.scheme == "https"
        head = max(head, time)
        exchange.headed = instant(head)
        exchange.begun = instant(head)
        exchange.finished = instant(head + 0.002)
        change.answer(&exchange, Asked(rendition: rendition, name: name, query: query, time: time))
        return exchange
    }

    private func headers(_ name: String, _ query: String, _ status: Int) -> [(name: String, value: String)] {
        var headers = [("access-control-allow-origin", "*")]
        guard status < 400 else { return headers + [("cache-control", "max-age=1")] }
        let suffix = name.split(separator: ".").last.map(String.init) ?? ""
        let types = ["m3u8": "application/vnd.apple.mpegurl", "vtt": "text/vtt", "json": "application/json"]
        headers.append(("content-type", types[suffix] ?? "video/mp4"))
        if suffix == "m3u8" {
            headers.append(("content-encoding", "gzip"))
            headers.append(("cache-control", query.contains("_HLS_msn") ? "max-age=12" : "max-age=1"))
        } else {
            headers.append(("cache-control", "max-age=31536000, immutable"))
        }
        return headers.map { (name: $0.0, value: $0.1) }
    }

    private func answer(
        _ rendition: String, _ name: String, _ query: String, _ time: Double
    ) -> (status: Int, ready: Double, body: ByteBuffer) {
        guard !rendition.isEmpty else {
            return name == "index.m3u8"
                ? (200, time, ByteBuffer(string: stage.multivariant())) : (404, time, ByteBuffer())
        }
        guard let rendition = Stage.Rendition(rawValue: rendition) else { return (404, time, ByteBuffer()) }
        if name == "index.m3u8" { return playlist(rendition, query, time) }
        if name.hasPrefix("init") { return (200, time, Stage.initSection(rendition)) }
        let digits = name.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }.split(separator: ".")
            .compactMap { Int($0) }
        guard let number = digits.first, (Stage.first..<100_000).contains(number),
            digits.allSatisfy({ $0 < 100_000 })
        else { return (404, time, ByteBuffer()) }
        let there = stage.parts(rendition, at: time)
        if name.hasPrefix("part"), digits.count > 1 {
            let part = (number - Stage.first) * 4 + digits[1]
            guard part <= there, rendition != .subs else { return (404, time, ByteBuffer()) }
            return (200, stage.time(of: part + 1, rendition), Stage.part(rendition, part))
        }
        guard name.hasPrefix("seg"), (number - Stage.first + 1) * 4 <= there else {
            return (404, time, ByteBuffer())
        }
        return (200, time, Stage.segment(rendition, number))
    }

    private func playlist(
        _ rendition: Stage.Rendition, _ query: String, _ time: Double
    ) -> (status: Int, ready: Double, body: ByteBuffer) {
        var fields: [String: String] = [:]
        for field in query.split(separator: "&") {
            let pair = field.split(separator: "=").map(String.init)
            if pair.count == 2 { fields[pair[0]] = pair[1] }
        }
        var ready = time
        if stage.isLive {
            let part = fields["_HLS_part"].flatMap { Int($0) }
            if let number = fields["_HLS_msn"].flatMap({ Int($0) }) {
                let last = Stage.first + stage.parts(rendition, at: time) / 4 - 1
                if number > last + 2 { return (400, time, ByteBuffer()) }
                let index = number - Stage.first
                let count = part.map { $0 > 3 ? 4 * index + 5 : 4 * index + $0 + 1 } ?? 4 * index + 4
                ready = max(time, stage.time(of: count, rendition))
            } else if part != nil {
                return (400, time, ByteBuffer())
            }
        }
        return (
            200, ready,
            ByteBuffer(string: stage.playlist(rendition, at: ready + 1e-6, skip: fields["_HLS_skip"]))
        )
    }
}
