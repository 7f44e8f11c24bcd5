/// Rules of a media playlist as a whole: its target duration, its order, its end.
enum TargetRules {
    static let all: [Rule] = [
        Rule(
            "target-duration", .must, "4.4.3.1",
            "A media playlist has an EXT-X-TARGETDURATION, a whole number.",
            .playlist(present)),
        Rule(
            "target-duration-covers", .must, "4.4.3.1",
            "Every EXTINF, rounded, is at most the target duration.", .playlist(covers)),
        Rule(
            "addresses", .must, "4.4.4.1",
            "Every EXTINF has an address after it, every address an EXTINF before.",
            .playlist(addresses)),
        Rule(
            "header-order", .must, "4.4.3",
            "EXT-X-MEDIA-SEQUENCE and EXT-X-DISCONTINUITY-SEQUENCE stand before the first segment.",
            .playlist(order)),
        Rule(
            "pictures-tag", .must, "4.4.6.3",
            "What an EXT-X-I-FRAME-STREAM-INF names has EXT-X-I-FRAMES-ONLY; nothing else has it.",
            .playlist(picturesOnly)),
        Rule("pictures-parts", .should, "B.1", "An I-frame playlist has no parts.", .playlist(picturesParts)),
        Rule(
            "delta-offered", .should, "A 14.4",
            "A low-latency playlist of more than two minutes offers delta updates.", .playlist(deltaOffered)),
    ]

    private static func present(_ scene: MediaScene) -> [Fault]? {
        guard let tag = scene.document.targetTag else { return [scene.fault("no EXT-X-TARGETDURATION")] }
        guard let value = scene.document.targetDuration, value >= 1, value == value.rounded() else {
            return [scene.fault("the target duration is no whole number of seconds", at: tag.line)]
        }
        return []
    }

    private static func covers(_ scene: MediaScene) -> [Fault]? {
        guard let target = scene.document.targetDuration else { return nil }
        return scene.document.segments.compactMap { segment in
            guard let duration = segment.duration, duration.rounded() > target else { return nil }
            return scene.fault(
                "a segment of \(Figure.seconds(duration)) with a target duration of \(Int(target)) s",
                at: segment.information?.line)
        }
    }

    private static func addresses(_ scene: MediaScene) -> [Fault]? {
        scene.document.misplaced.filter { $0.why.hasPrefix("an ") }.map { scene.fault($0.why, at: $0.line) }
    }

    private static func order(_ scene: MediaScene) -> [Fault]? {
        var hasBegun = false
        var faults: [Fault] = []
        for entry in scene.document.text.entries {
            switch entry {
            case .address: hasBegun = true
            case .tag(let tag):
                switch tag.name {
                case "EXTINF", "EXT-X-PART", "EXT-X-DISCONTINUITY": hasBegun = true
                case "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE":
                    if hasBegun {
                        faults.append(scene.fault("\(tag.name) after the first segment", at: tag.line))
                    }
                default: break
                }
            }
        }
        return faults
    }

    private static func picturesOnly(_ scene: MediaScene) -> [Fault]? {
        if scene.role == .pictures, !scene.document.isPicturesOnly {
            return [
                scene.fault("an I-frame playlist without EXT-X-I-FRAMES-ONLY", at: scene.document.text.head)
            ]
        }
        if scene.role != .pictures, scene.document.isPicturesOnly {
            return [scene.fault("EXT-X-I-FRAMES-ONLY in a playlist of whole segments")]
        }
        return []
    }

    private static func picturesParts(_ scene: MediaScene) -> [Fault]? {
        guard scene.role == .pictures else { return nil }
        guard let part = scene.document.text.tags.first(where: { $0.name == "EXT-X-PART" }) else { return [] }
        return [scene.fault("parts in an I-frame playlist", at: part.line)]
    }

    private static func deltaOffered(_ scene: MediaScene) -> [Fault]? {
        guard scene.isLowLatency, !scene.document.isEnded, scene.document.length > 120 else { return nil }
        guard scene.document.canSkipUntil == nil else { return [] }
        return [
            scene.fault(
                "\(Figure.seconds(scene.document.length)) are listed, and CAN-SKIP-UNTIL is not offered",
                at: scene.document.control?.line)
        ]
    }
}

/// How figures are written in findings.
enum Figure {
    /// `1.62 s`, with at most three decimals.
    static func seconds(_ value: Double) -> String { "\(decimal(value)) s" }

    static func decimal(_ value: Double, places: Int = 3) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let units = Int((abs(value) * Double(scale)).rounded())
        var text = "\(units / scale)"
        if units % scale > 0 {
            var fraction = String(scale + units % scale).dropFirst()
            while fraction.last == "0" { fraction.removeLast() }
            text += ".\(fraction)"
        }
        return value < 0 && units > 0 ? "-\(text)" : text
    }

    /// `845 kb/s`.
    static func rate(_ bits: Double) -> String { "\(decimal(bits / 1000, places: 0)) kb/s" }
}
