/// A value of AMF0 (Action Message Format, version 0), the notation of RTMP's commands and metadata.
package indirect enum AMF0Value: Hashable, Sendable {
    case number(Double)
    case boolean(Bool)
    case string(String)
    case object([AMF0Property])
    /// An object that calls itself an array; `onMetaData` comes as one.
    case ecmaArray([AMF0Property])
    case strictArray([AMF0Value])
    /// Milliseconds since 1970, and a time zone that is always meant to be zero.
    case date(milliseconds: Double, zone: Int16)
    case null
    case undefined

    package var number: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The properties of an object or of an ECMA array.
    package var properties: [AMF0Property]? {
        switch self {
        case .object(let properties), .ecmaArray(let properties): properties
        default: nil
        }
    }

    /// The first property of that name, where this is an object or an ECMA array.
    package subscript(name: String) -> AMF0Value? {
        properties?.first { $0.name == name }?.value
    }
}

/// A name with its value; objects keep the order in which they came.
package struct AMF0Property: Hashable, Sendable {
    package var name: String
    package var value: AMF0Value

    package init(_ name: String, _ value: AMF0Value) {
        self.name = name
        self.value = value
    }
}

package enum AMF0Fault: Error, Hashable, Sendable {
    case truncated
    case unknownMarker(UInt8)
    case tooDeep(limit: Int)
    case tooManyValues(limit: Int)
}
