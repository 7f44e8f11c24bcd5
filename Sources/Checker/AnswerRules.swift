import NIOCore

/// Rules of single HTTP answers.
enum AnswerRules {
    static let all: [Rule] = [
        Rule(
            "available", .must, "6.2.1", "Everything that a playlist lists can be had when it is listed.",
            .exchange(available)),
        Rule("gzip", .must, "A 10.1", "Playlists are sent with gzip to whoever takes it.", .exchange(gzip)),
        Rule(
            "playlist-media-type", .should, "4",
            "Playlists are application/vnd.apple.mpegurl or audio/mpegurl.",
            .exchange(playlistType)),
        Rule(
            "media-type", .should, "10", "Media have the media type of what they are.", .exchange(mediaType)),
        Rule("cors", .should, "B.1", "Answers allow pages of other origins to read them.", .exchange(cors)),
        Rule(
            "http2", .must, "B.1", "Low-latency streams over TLS come with HTTP/2 or later.",
            .presentation(http2)),
        Rule("media-redirect", .should, "A 8.18", "Media are not redirected.", .exchange(redirect)),
        Rule(
            "cache-plain", .should, "B.1",
            "A live playlist asked for without directives is kept by caches for at most a target duration.",
            .exchange(cachePlain)),
        Rule(
            "cache-blocking", .should, "B.1", "An answer to a blocking request may be kept by caches.",
            .exchange(cacheBlocking)),
        Rule(
            "cache-media", .should, "6.2.1", "Media may be kept by caches for as long as they are listed.",
            .exchange(cacheMedia)),
        Rule(
            "cache-errors", .should, "B.1", "Errors are kept by caches for at most four target durations.",
            .exchange(cacheErrors)),
        Rule(
            "range-served", .must, "6.2.1",
            "Byte ranges of a playlist are answered with 206 and those bytes.",
            .exchange(range)),
    ]

    private static func fault(_ message: String, _ exchange: Exchange) -> [Fault] {
        [Fault(message, in: exchange.url)]
    }

    private static func available(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        switch exchange.request.purpose {
        case .probe, .hintedPart, .steering, .removed: return nil
        default: return exchange.isGood ? [] : fault(exchange.outcome, exchange)
        }
    }

    private static func gzip(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        guard exchange.request.purpose.isPlaylist, exchange.isGood, exchange.body.readableBytes > 0 else {
            return nil
        }
        let coding = exchange.header("content-encoding") ?? "none"
        return ["gzip", "br", "zstd"].contains(coding) ? [] : fault("Content-Encoding is \(coding)", exchange)
    }

    private static func type(_ exchange: Exchange) -> String {
        let field = exchange.header("content-type") ?? "none"
        return String(field.prefix { $0 != ";" }).trimmingBlanks.lowercased()
    }

    private static func playlistType(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        guard exchange.request.purpose.isPlaylist, exchange.isGood else { return nil }
        let known = ["application/vnd.apple.mpegurl", "audio/mpegurl", "application/x-mpegurl"]
        return known.contains(type(exchange)) ? [] : fault("Content-Type is \(type(exchange))", exchange)
    }

    private static func mediaType(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        guard exchange.request.purpose.isMedia, exchange.isGood, let kind = MediaKind(exchange.body) else {
            return nil
        }
        return kind.types.contains(type(exchange))
            ? [] : fault("Content-Type is \(type(exchange)), the bytes are \(kind.rawValue)", exchange)
    }

    private static func cors(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        guard exchange.status != 0, exchange.request.purpose != .probe else { return nil }
        return exchange.header("access-control-allow-origin") == nil
            ? fault("no Access-Control-Allow-Origin", exchange) : []
    }

    private static func http2(_ presentation: Presentation) -> [Fault]? {
        guard presentation.isSecure, presentation.renditions.contains(where: \.isLowLatency) else {
            return nil
        }
        return presentation.isHTTP2 ? [] : [Fault("the answers come over HTTP/1", in: presentation.url)]
    }

    private static func redirect(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        guard exchange.request.purpose.isMedia, exchange.status != 0 else { return nil }
        return exchange.redirects.isEmpty ? [] : fault("the answer came after a redirect", exchange)
    }

    private static func cachePlain(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        guard exchange.request.purpose == .playlist, exchange.isGood, !scene.isEnded,
            let target = scene.targetDuration
        else { return nil }
        let control = exchange.header("cache-control") ?? ""
        if control.contains("no-store") || control.contains("no-cache") { return [] }
        guard let age = exchange.maxAge else { return fault("no Cache-Control with max-age", exchange) }
        return age <= target ? [] : fault("Cache-Control is '\(control)'", exchange)
    }

    private static func cacheBlocking(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        guard exchange.request.purpose == .blockingPlaylist, exchange.isGood, !scene.isEnded else {
            return nil
        }
        return (exchange.maxAge ?? 0) >= 1
            ? [] : fault("Cache-Control is '\(exchange.header("cache-control") ?? "absent")'", exchange)
    }

    private static func cacheMedia(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        guard exchange.request.purpose.isMedia, exchange.isGood, let target = scene.targetDuration else {
            return nil
        }
        if exchange.header("cache-control") == nil, exchange.header("expires") != nil { return [] }
        return (exchange.maxAge ?? 0) >= 3 * target
            ? [] : fault("Cache-Control is '\(exchange.header("cache-control") ?? "absent")'", exchange)
    }

    private static func cacheErrors(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        guard exchange.status >= 400, let target = scene.targetDuration else { return nil }
        guard let age = exchange.maxAge, age > 4 * target else { return [] }
        return fault("an error with '\(exchange.header("cache-control") ?? "")'", exchange)
    }

    private static func range(_ exchange: Exchange, _ scene: AnswerScene) -> [Fault]? {
        guard let range = exchange.request.range, exchange.status != 0, exchange.status < 400 else {
            return nil
        }
        if exchange.status != 206 {
            return fault("a range was asked for, the answer is \(exchange.status)", exchange)
        }
        return exchange.body.readableBytes == range.count
            ? [] : fault("\(exchange.body.readableBytes) bytes instead of \(range.count)", exchange)
    }
}
