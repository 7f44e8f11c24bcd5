package import NIOCore

extension ByteBuffer {
    /// Writes values one after another in AMF0.
    package mutating func writeAMF0(_ values: AMF0Value...) {
        for value in values { writeAMF0(value) }
    }

    package mutating func writeAMF0(_ value: AMF0Value) {
        switch value {
        case .number(let number):
            writeInteger(0x00 as UInt8)
            writeInteger(number.bitPattern)
        case .boolean(let flag):
            writeBytes([0x01, flag ? 1 : 0])
        case .string(let text):
            let bytes = text.utf8
            if bytes.count <= 0xFFFF {
                writeInteger(0x02 as UInt8)
                writeInteger(UInt16(bytes.count))
            } else {
                writeInteger(0x0C as UInt8)
                writeInteger(UInt32(truncatingIfNeeded: bytes.count))
            }
            writeBytes(bytes)
        case .object(let properties):
            writeInteger(0x03 as UInt8)
            writeProperties(properties)
        case .ecmaArray(let properties):
            writeInteger(0x08 as UInt8)
            writeInteger(UInt32(truncatingIfNeeded: properties.count))
            writeProperties(properties)
        case .strictArray(let elements):
            writeInteger(0x0A as UInt8)
            writeInteger(UInt32(truncatingIfNeeded: elements.count))
            for element in elements { writeAMF0(element) }
        case .date(let milliseconds, let zone):
            writeInteger(0x0B as UInt8)
            writeInteger(milliseconds.bitPattern)
            writeInteger(zone)
        case .null:
            writeInteger(0x05 as UInt8)
        case .undefined:
            writeInteger(0x06 as UInt8)
        }
    }

    private mutating func writeProperties(_ properties: [AMF0Property]) {
        for property in properties {
            // A name's length has 16 bits; ours are short.
            let name = property.name.utf8.prefix(0xFFFF)
            writeInteger(UInt16(name.count))
            writeBytes(name)
            writeAMF0(property.value)
        }
        writeBytes([0x00, 0x00, 0x09])
    }
}
