import Foundation
package import Logging

/// Writes the operator's log to standard error: plain lines for people, or one JSON object a line for machines.
package struct OperatorLog: LogHandler {
    package enum Format: String, Sendable, CaseIterable { case text, json }

    package var metadata: Logger.Metadata = [:]
    private var ownLevel: Logger.Level?
    private let threshold: LogThreshold
    private let label: String
    private let format: Format

    package init(label: String, format: Format, level: Logger.Level) {
        self.init(label: label, format: format, threshold: LogThreshold(level))
    }

    /// The level is that of `threshold` at the time, until this logger is given one of its own.
    package init(label: String, format: Format, threshold: LogThreshold) {
        self.label = label
        self.format = format
        self.threshold = threshold
    }

    package var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        let line =
            switch format {
            case .text: textLine(event, fields)
            case .json: jsonLine(event, fields)
            }
        FileHandle.standardError.write(Data(line.utf8))
    }

    private func textLine(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
        let pairs = fields.sorted { $0.key < $1.key }.map {
            " \($0.key)=\(OperatorLog.quoted("\($0.value)"))"
        }
        let level = event.level.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)
        return "\(OperatorLog.timestamp()) \(level) \(event.message)\(pairs.joined())\n"
    }

    private func jsonLine(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
        var parts = [
            "\"time\":\"\(OperatorLog.timestamp())\"", "\"level\":\"\(event.level.rawValue)\"",
            "\"message\":\(OperatorLog.json("\(event.message)"))",
        ]
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            parts.append("\(OperatorLog.json(key)):\(OperatorLog.json("\(value)"))")
        }
        return "{\(parts.joined(separator: ","))}\n"
    }

    /// RFC 3339 in UTC with milliseconds.
    static func timestamp() -> String {
        Date.now.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted)
        )
    }

    /// Values with spaces, quotes or control characters are quoted, so that a line cannot be forged from outside.
    static func quoted(_ value: String) -> String {
        let plain = value.unicodeScalars.allSatisfy {
            $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0.value != 0x7F
                && !(0x80...0x9F).contains($0.value)
        }
        return plain && !value.isEmpty ? value : json(value)
    }

    static func json(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    let hex = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        return text + "\""
    }
}
