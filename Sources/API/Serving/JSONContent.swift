import Foundation
import HTTPTypes
package import NIOCore
package import People

/// Reads what clients send: strictly, and with every fault told by the name of its member.
package enum JSONContent {
    /// An object. Throws 400 where the bytes are none.
    package static func object(_ content: ByteBuffer) throws -> [String: JSONValue] {
        let data = Data(content.readableBytesView)
        guard let value = try? WireJSON.decoder().decode(JSONValue.self, from: data),
            let members = value.object
        else {
            throw ProblemDocument(status: .badRequest, detail: "the content is not a JSON object")
        }
        return members
    }

    /// `members` as a `Value` that takes `fields` and no others. Throws 422 with every fault that is found, and with those
    /// in `faults`; members in `also` were read before.
    package static func value<Value: Decodable>(
        _ type: Value.Type, fields: Set<String>, known also: Set<String> = [], _ faults: [FieldFault] = [],
        from members: [String: JSONValue]
    ) throws -> Value {
        let names = fields.union(also).sorted().joined(separator: ", ")
        var faults = faults
        faults += members.keys.filter { !fields.contains($0) }.sorted().map {
            FieldFault($0.prefixed, "it is not known here; known are \(names)")
        }
        let known = members.filter { fields.contains($0.key) }
        let data = try WireJSON.encoder().encode(JSONValue.object(known))
        do {
            let value = try WireJSON.decoder().decode(Value.self, from: data)
            if faults.isEmpty { return value }
        } catch let error as DecodingError {
            faults.append(FieldFault(error))
        }
        throw DomainFault.invalid(faults)
    }

    /// `patch` laid over `target` (RFC 7396): null takes away.
    package static func merged(_ patch: [String: JSONValue], over target: [String: JSONValue])
        -> [String: JSONValue]
    {
        var merged = target
        for (name, value) in patch {
            switch value {
            case .null: merged[name] = nil
            case .object(let inner):
                merged[name] = .object(JSONContent.merged(inner, over: merged[name]?.object ?? [:]))
            default: merged[name] = value
            }
        }
        return merged
    }

    /// Any value as the members of its JSON object.
    package static func members(of value: some Encodable) throws -> [String: JSONValue] {
        let data = try WireJSON.encoder().encode(value)
        return try WireJSON.decoder().decode(JSONValue.self, from: data).object ?? [:]
    }
}

extension FieldFault {
    /// What could not be decoded, in words for whoever sent it.
    package init(_ error: DecodingError) {
        func name(_ path: [any CodingKey]) -> String {
            let text = path.reduce("") { text, key in
                if let index = key.intValue { return "\(text)[\(index)]" }
                return text.isEmpty ? key.stringValue.prefixed : "\(text).\(key.stringValue.prefixed)"
            }
            return text.isEmpty ? "content" : text
        }
        switch error {
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            self.init(name(context.codingPath), "\(FieldFault.words(type)) is needed")
        case .keyNotFound(let key, let context):
            self.init(name(context.codingPath + [key]), "it is needed")
        case .dataCorrupted(let context):
            self.init(name(context.codingPath), context.debugDescription)
        @unknown default: self.init("content", "it cannot be read")
        }
    }

    private static func words(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is Date.Type: "an instant such as 2026-09-05T18:30:00Z"
        case is any Collection.Type: "\(type)".hasPrefix("Dictionary") ? "an object" : "a list"
        default: "another kind of value"
        }
    }
}

extension String {
    /// So much of it as a message repeats.
    fileprivate var prefixed: String { count <= 64 ? self : prefix(64) + "…" }
}
