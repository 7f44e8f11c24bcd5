/// EXT-X-DATERANGE (4.4.5.1): something that lasts from one date to another.
package struct DateRange: Hashable, Sendable {
    /// An attribute of the application's own (`X-…`) or of SCTE 35; in the order in which they came.
    package struct Attribute: Hashable, Sendable {
        package enum Value: Hashable, Sendable {
            case text(String)
            case number(Double)
            case bytes([UInt8])
        }

        package var name: String
        package var value: Value

        package init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    package var id: String
    /// CLASS: ranges of a class are alike; nil where it has none.
    package var kind: String?
    /// Unix milliseconds.
    package var start: Int64
    /// Unix milliseconds.
    package var end: Int64?
    /// Seconds.
    package var duration: Double?
    /// Seconds.
    package var plannedDuration: Double?
    /// CUE: `PRE`, `POST`, `ONCE`, separated by commas.
    package var cue: String?
    package var endsOnNext: Bool
    package var attributes: [Attribute]

    package init(
        id: String, kind: String? = nil, start: Int64, end: Int64? = nil, duration: Double? = nil,
        plannedDuration: Double? = nil, cue: String? = nil, endsOnNext: Bool = false,
        attributes: [Attribute] = []
    ) {
        self.id = id
        self.kind = kind
        self.start = start
        self.end = end
        self.duration = duration
        self.plannedDuration = plannedDuration
        self.cue = cue
        self.endsOnNext = endsOnNext
        self.attributes = attributes
    }
}

extension DateRange {
    private static let named: Set<String> = [
        "ID", "CLASS", "START-DATE", "END-DATE", "DURATION", "PLANNED-DURATION", "CUE", "END-ON-NEXT",
    ]

    init(_ list: AttributeList) throws(PlaylistFault) {
        guard let start = try list.date("START-DATE") else { throw list.missing("START-DATE") }
        self.init(
            id: try list.requiredText("ID"), kind: try list.text("CLASS"), start: start,
            end: try list.date("END-DATE"), duration: try list.number("DURATION"),
            plannedDuration: try list.number("PLANNED-DURATION"), cue: try list.text("CUE"),
            endsOnNext: list.flag("END-ON-NEXT"), attributes: try list.others(than: DateRange.named))
    }

    func write(into line: inout AttributeLine) {
        line.quoted("ID", id)
        line.quoted("CLASS", kind)
        line.date("START-DATE", start)
        line.date("END-DATE", end)
        line.seconds("DURATION", duration)
        line.seconds("PLANNED-DURATION", plannedDuration)
        line.quoted("CUE", cue)
        line.flag("END-ON-NEXT", endsOnNext)
        for attribute in attributes {
            switch attribute.value {
            case .text(let text): line.quoted(attribute.name, text)
            case .number(let number): line.seconds(attribute.name, number)
            case .bytes(let bytes): line.hexadecimal(attribute.name, bytes)
            }
        }
    }
}
