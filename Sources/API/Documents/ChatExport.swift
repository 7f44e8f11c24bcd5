import Chat
import Foundation
import People

/// All that a show's chat keeps, for appeals and for the shop: sanctions, then messages in whatever state.
struct ChatExport {
    enum Format: String {
        case jsonl, csv

        var contentType: String {
            switch self {
            case .jsonl: "application/x-ndjson"
            case .csv: "text/csv; charset=utf-8"
            }
        }
    }

    /// Messages in one answer; the next begins where it ended.
    static let most = 50_000

    private static let columns = [
        "type", "id", "seq", "at", "showTime", "author", "name", "badge", "text", "language", "replyTo",
        "question",
        "answered", "answeredBy", "editedAt", "state", "heldFor", "kind", "reason", "until", "liftedAt", "by",
    ]

    private let format: Format
    private let encoder = WireJSON.encoder()
    private(set) var text = ""

    init(_ format: Format) {
        self.format = format
        if format == .csv { text = ChatExport.columns.joined(separator: ",") + "\r\n" }
    }

    mutating func add(_ message: ChatMessage) throws {
        try add("message", MessageDocument(message, isWhole: true))
    }

    mutating func add(_ sanction: Sanction) throws { try add("sanction", SanctionDocument(sanction)) }

    private struct Line<Item: Encodable>: Encodable {
        let type: String
        let item: Item

        private enum Keys: String, CodingKey { case type }

        func encode(to encoder: any Encoder) throws {
            try item.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(type, forKey: .type)
        }
    }

    private mutating func add(_ type: String, _ item: some Encodable) throws {
        let data = try encoder.encode(Line(type: type, item: item))
        guard format == .csv else {
            text += String(decoding: data, as: UTF8.self) + "\n"
            return
        }
        var members = try WireJSON.decoder().decode(JSONValue.self, from: data).object ?? [:]
        if let author = members["author"]?.object {
            members["author"] = author["id"]
            members["name"] = author["name"]
            members["badge"] = author["badge"]
        }
        text += ChatExport.columns.map { ChatExport.cell(members[$0]) }.joined(separator: ",") + "\r\n"
    }

    /// RFC 4180; what a spreadsheet would take for a formula is marked as a text.
    static func cell(_ value: JSONValue?) -> String {
        let text: String =
            switch value {
            case .text(let text): text
            case .int(let number): "\(number)"
            case .bool(let flag): "\(flag)"
            default: ""
            }
        var cell = text
        if case .text = value, let first = text.unicodeScalars.first,
            "=+-@\t\r".unicodeScalars.contains(first)
        {
            cell = "'" + cell
        }
        guard cell.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else {
            return cell
        }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}
