/// Rules of EXT-X-STREAM-INF and EXT-X-I-FRAME-STREAM-INF.
enum VariantRules {
    static let all: [Rule] = [
        Rule("codecs-present", .must, "A 9", "Every variant has CODECS.", .multivariant(codecs)),
        Rule(
            "codecs-form", .must, "4.4.6.2", "CODECS holds format names of RFC 6381.",
            .multivariant(codecsForm)),
        Rule("average-present", .must, "A 9", "Every variant has AVERAGE-BANDWIDTH.", .multivariant(average)),
        Rule(
            "average-below-peak", .must, "4.4.6.2", "AVERAGE-BANDWIDTH is at most BANDWIDTH.",
            .multivariant(belowPeak)),
        Rule(
            "resolution-present", .must, "A 9", "Variants with video have RESOLUTION.",
            .multivariant(resolution)),
        Rule(
            "frame-rate-present", .must, "A 9", "Variants with video have FRAME-RATE.",
            .multivariant(frameRate)),
        Rule(
            "video-range", .must, "A 9", "VIDEO-RANGE stands on every variant, unless all are SDR.",
            .multivariant(range)),
        Rule("score-all", .must, "4.4.6.2", "SCORE stands on all variants or on none.", .multivariant(score)),
        Rule(
            "captions-none", .must, "4.4.6.2", "CLOSED-CAPTIONS=NONE stands on all variants or on none.",
            .multivariant(captions)),
    ]

    private static func each(
        _ playlist: MultivariantDocument, _ judge: (MultivariantDocument.Variant) -> String?
    ) -> [Fault]? {
        guard !playlist.variants.isEmpty else { return nil }
        return playlist.variants.compactMap { variant in
            judge(variant).map { playlist.fault($0, at: variant.tag.line) }
        }
    }

    private static func codecs(_ playlist: MultivariantDocument) -> [Fault]? {
        each(playlist) { $0.tag["CODECS"] == nil ? "no CODECS" : nil }
    }

    private static func codecsForm(_ playlist: MultivariantDocument) -> [Fault]? {
        each(playlist) { variant in
            guard let text = variant.tag["CODECS"] else { return nil }
            if variant.codecs.isEmpty { return "CODECS is empty" }
            let bad = variant.codecs.first { MediaCodec.isWellFormed($0) == false }
            return bad.map { "'\($0)' in CODECS=\"\(text)\" names no format" }
        }
    }

    private static func average(_ playlist: MultivariantDocument) -> [Fault]? {
        each(playlist) { $0.tag["AVERAGE-BANDWIDTH"] == nil ? "no AVERAGE-BANDWIDTH" : nil }
    }

    private static func belowPeak(_ playlist: MultivariantDocument) -> [Fault]? {
        each(playlist) { variant in
            guard let average = variant.tag.number("AVERAGE-BANDWIDTH"),
                let peak = variant.tag.number("BANDWIDTH"), average > peak
            else { return nil }
            return "AVERAGE-BANDWIDTH is above BANDWIDTH"
        }
    }

    private static func withVideo(_ playlist: MultivariantDocument, _ name: String) -> [Fault]? {
        guard playlist.variants.contains(where: \.hasVideo) else { return nil }
        return each(playlist) { $0.hasVideo && $0.tag[name] == nil ? "no \(name)" : nil }
    }

    private static func resolution(_ playlist: MultivariantDocument) -> [Fault]? {
        withVideo(playlist, "RESOLUTION")
    }

    private static func frameRate(_ playlist: MultivariantDocument) -> [Fault]? {
        withVideo(playlist, "FRAME-RATE")
    }

    private static func range(_ playlist: MultivariantDocument) -> [Fault]? {
        let pictured = playlist.variants.filter(\.hasVideo)
        guard pictured.contains(where: { ($0.tag["VIDEO-RANGE"] ?? "SDR") != "SDR" }) else {
            return pictured.isEmpty ? nil : []
        }
        return pictured.filter { $0.tag["VIDEO-RANGE"] == nil }.map {
            playlist.fault("no VIDEO-RANGE beside variants that are not SDR", at: $0.tag.line)
        }
    }

    /// What stands on some variants and not on others.
    private static func allOrNone(
        _ playlist: MultivariantDocument, _ what: String, _ has: (MultivariantDocument.Variant) -> Bool
    ) -> [Fault]? {
        let some = playlist.variants.contains(where: has)
        guard some else { return playlist.variants.isEmpty ? nil : [] }
        return each(playlist) { has($0) ? nil : "no \(what), which other variants have" }
    }

    private static func score(_ playlist: MultivariantDocument) -> [Fault]? {
        allOrNone(playlist, "SCORE") { $0.tag["SCORE"] != nil }
    }

    private static func captions(_ playlist: MultivariantDocument) -> [Fault]? {
        allOrNone(playlist, "CLOSED-CAPTIONS=NONE") { variant in
            variant.tag.attributes.entry("CLOSED-CAPTIONS").map { $0.value == "NONE" && !$0.isQuoted }
                ?? false
        }
    }
}
