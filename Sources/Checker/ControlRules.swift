/// Rules of EXT-X-SERVER-CONTROL and of rendition reports in one playlist.
enum ControlRules {
    static let all: [Rule] = [
        Rule(
            "can-block-reload", .must, "B.1", "A live playlist with parts offers blocking reloads.",
            .playlist(block)),
        Rule(
            "part-hold-back", .must, "4.4.3.8",
            "A live playlist with parts has PART-HOLD-BACK, at least twice PART-TARGET.",
            .playlist(partHoldBack)),
        Rule(
            "part-hold-back-thrice", .must, "A 14.3", "PART-HOLD-BACK is at least three times PART-TARGET.",
            .playlist(partHoldBackThrice)),
        Rule(
            "hold-back", .must, "4.4.3.8", "HOLD-BACK is at least three target durations.",
            .playlist(holdBack)),
        Rule(
            "can-skip-until", .must, "4.4.3.8", "CAN-SKIP-UNTIL is at least six target durations.",
            .playlist(skipUntil)),
        Rule(
            "can-skip-dateranges", .must, "4.4.3.8", "CAN-SKIP-DATERANGES needs CAN-SKIP-UNTIL.",
            .playlist(skipDateRanges)),
        Rule(
            "report-attributes", .must, "4.4.5.4",
            "A rendition report has a relative URI and LAST-MSN, and LAST-PART where there are parts.",
            .playlist(reports)),
    ]

    private static func block(_ scene: MediaScene) -> [Fault]? {
        guard scene.isLowLatency, !scene.document.isEnded else { return nil }
        guard !scene.document.canBlock else { return [] }
        return [scene.fault("no CAN-BLOCK-RELOAD=YES", at: scene.document.control?.line)]
    }

    private static func partHoldBack(_ scene: MediaScene) -> [Fault]? {
        guard scene.isLowLatency, !scene.document.isEnded, let target = scene.document.partTarget else {
            return nil
        }
        guard let value = scene.document.control?.number("PART-HOLD-BACK") else {
            return [scene.fault("no PART-HOLD-BACK", at: scene.document.control?.line)]
        }
        guard value < 2 * target - PartRules.rounding else { return [] }
        return [short("PART-HOLD-BACK", value, 2 * target, scene)]
    }

    private static func partHoldBackThrice(_ scene: MediaScene) -> [Fault]? {
        guard scene.isLowLatency, let target = scene.document.partTarget,
            let value = scene.document.control?.number("PART-HOLD-BACK"),
            value >= 2 * target - PartRules.rounding
        else { return nil }
        guard value < 3 * target - PartRules.rounding else { return [] }
        return [short("PART-HOLD-BACK", value, 3 * target, scene)]
    }

    private static func holdBack(_ scene: MediaScene) -> [Fault]? {
        atLeast(3, "HOLD-BACK", scene)
    }

    private static func skipUntil(_ scene: MediaScene) -> [Fault]? {
        atLeast(6, "CAN-SKIP-UNTIL", scene)
    }

    private static func atLeast(_ times: Double, _ name: String, _ scene: MediaScene) -> [Fault]? {
        guard let target = scene.document.targetDuration, let value = scene.document.control?.number(name)
        else {
            return nil
        }
        return value < times * target - PartRules.rounding ? [short(name, value, times * target, scene)] : []
    }

    private static func short(_ name: String, _ value: Double, _ least: Double, _ scene: MediaScene) -> Fault
    {
        scene.fault(
            "\(name) is \(Figure.seconds(value)), at least \(Figure.seconds(least)) is demanded",
            at: scene.document.control?.line)
    }

    private static func skipDateRanges(_ scene: MediaScene) -> [Fault]? {
        guard let control = scene.document.control, control["CAN-SKIP-DATERANGES"] == "YES" else {
            return nil
        }
        return control["CAN-SKIP-UNTIL"] == nil
            ? [scene.fault("CAN-SKIP-DATERANGES without CAN-SKIP-UNTIL", at: control.line)] : []
    }

    private static func reports(_ scene: MediaScene) -> [Fault]? {
        guard !scene.document.reports.isEmpty else { return nil }
        return scene.document.reports.flatMap { tag -> [Fault] in
            var faults: [Fault] = []
            if let uri = tag["URI"], uri.contains("://") || uri.hasPrefix("//") {
                faults.append(scene.fault("the report's URI is not relative", at: tag.line))
            }
            if tag["LAST-MSN"] == nil {
                faults.append(scene.fault("a report without LAST-MSN", at: tag.line))
            }
            if scene.isLowLatency, tag["LAST-PART"] == nil, tag["LAST-MSN"] != nil {
                faults.append(scene.fault("a report without LAST-PART", at: tag.line))
            }
            return faults
        }
    }
}
