import Foundation

extension Report {
    private struct Document: Encodable {
        struct Place: Encodable {
            let message: String
            let url: String
            let line: Int?
            let text: String?
            let times: Int
        }

        struct Row: Encodable {
            let id: String
            let state: String
            let level: String
            let section: String
            let demand: String
            let looks: Int
            let findings: [Place]
            let findingsLeftOut: Int
        }

        struct Rendition: Encodable {
            let url: String
            let role: String
            let readings: Int
            let readingBytes: Int?
            let deltaBytes: Int?
            let segments: Int
            let parts: Int
            let mediaBytes: Int
            let leftOut: Int
        }

        let url: String
        let live: Bool
        let seconds: Double
        let failed: Int
        let warned: Int
        let passed: Int
        let unseen: Int
        let rules: [Row]
        let renditions: [Rendition]
        let renditionsLeftOut: Int
    }

    /// For programs: one object.
    package func json() throws -> String {
        let rows = outcomes.map { outcome in
            Document.Row(
                id: outcome.rule.id, state: outcome.state.rawValue, level: outcome.rule.level.rawValue,
                section: outcome.rule.section, demand: outcome.rule.demand, looks: outcome.looks,
                findings: outcome.findings.map {
                    Document.Place(
                        message: $0.fault.message, url: $0.fault.url, line: $0.fault.line?.number,
                        text: $0.fault.line?.text, times: $0.count)
                }, findingsLeftOut: outcome.dropped)
        }
        let document = Document(
            url: url, live: isLive, seconds: seconds, failed: count(.fail), warned: count(.warn),
            passed: count(.pass), unseen: count(.unseen), rules: rows,
            renditions: figures.map {
                Document.Rendition(
                    url: $0.url, role: $0.role.rawValue, readings: $0.refreshes,
                    readingBytes: $0.refreshBytes,
                    deltaBytes: $0.deltaBytes, segments: $0.segments, parts: $0.parts, mediaBytes: $0.bytes,
                    leftOut: $0.leftOut)
            }, renditionsLeftOut: leftOut)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }

    /// For build servers: JUnit's XML, a test case for each rule. Warnings are told in the case's output.
    package func junit(warningsCount: Bool) -> String {
        let failures = count(.fail) + (warningsCount ? count(.warn) : 0)
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        xml += "<testsuite name=\"shopcast check \(Report.escaped(url))\" tests=\"\(outcomes.count)\" "
        xml += "failures=\"\(failures)\" errors=\"0\" skipped=\"\(count(.unseen))\" "
        xml += "time=\"\(Figure.decimal(seconds))\">\n"
        for outcome in outcomes {
            let rule = outcome.rule
            xml += "  <testcase classname=\"hls.\(Report.escaped(rule.section))\" name=\"\(rule.id)\""
            let told = outcome.findings.map { finding in
                let fault = finding.fault
                let place = fault.line.map { "\(fault.url):\($0.number)" } ?? fault.url
                return "\(fault.message)\n\(place)\n\(fault.line?.text ?? "")"
            }.joined(separator: "\n")
            switch outcome.state {
            case .pass: xml += "/>\n"
            case .unseen: xml += "><skipped message=\"nothing to look at\"/></testcase>\n"
            case .warn where !warningsCount:
                xml += "><system-out>\(Report.escaped(told))</system-out></testcase>\n"
            case .warn, .fail:
                xml += "><failure type=\"\(rule.level.rawValue)\" message=\"\(Report.escaped(rule.demand))\">"
                xml += "\(Report.escaped(told))</failure></testcase>\n"
            }
        }
        return xml + "</testsuite>\n"
    }

    /// Text that XML 1.0 can hold.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "\n"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
