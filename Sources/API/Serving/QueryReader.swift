package import Foundation
import HTTPTypes
import People

/// Reads the query of a request; its faults are told all at once.
package struct QueryReader {
    private let values: [String: String]
    private var faults: [FieldFault] = []

    package init(_ call: APICall) { values = call.arrival.query }

    package init(_ values: [String: String]) { self.values = values }

    package func text(_ name: String) -> String? { values[name] }

    package mutating func text(_ name: String, atMost length: Int) -> String? {
        guard let text = values[name] else { return nil }
        guard text.count <= length, !text.contains(where: \.isControl) else {
            faults.append(FieldFault(name, "at most \(length) characters are read"))
            return nil
        }
        return text
    }

    package mutating func whole(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            faults.append(
                FieldFault(name, "a whole number from \(range.lowerBound) to \(range.upperBound) is needed"))
            return nil
        }
        return value
    }

    package mutating func instant(_ name: String) -> Date? {
        guard let text = values[name] else { return nil }
        guard let date = Date(rfc3339: text) else {
            faults.append(
                FieldFault(name, "an instant such as 2026-09-05T18:30:00Z is needed, with its zone"))
            return nil
        }
        return date
    }

    /// Anything that a type can be made of.
    package mutating func value<Value>(_ name: String, _ allowed: String, _ make: (String) -> Value?)
        -> Value?
    {
        guard let text = values[name] else { return nil }
        guard let value = make(text) else {
            faults.append(FieldFault(name, "it must be \(allowed)"))
            return nil
        }
        return value
    }

    /// Where a list goes on, as an earlier answer said.
    package mutating func cursor() -> String? { text("cursor", atMost: 200) }

    /// How much of a list is wanted.
    package mutating func limit(_ usual: Int = 50, atMost: Int = 200) -> Int {
        whole("limit", 1...atMost) ?? usual
    }

    /// Throws 400 where anything was wrong.
    package func check() throws {
        if !faults.isEmpty { throw ProblemDocument(faults: faults, status: .badRequest) }
    }
}
