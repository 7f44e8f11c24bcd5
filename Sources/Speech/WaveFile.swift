package import NIOCore

/// Sound as a WAV file: 16 kHz, one channel, 16 bits.
package enum WaveFile {
    package static func write(_ samples: [Int16], to buffer: inout ByteBuffer) {
        let bytes = UInt32(samples.count * 2)
        buffer.writeString("RIFF")
        buffer.writeInteger(36 + bytes, endianness: .little)
        buffer.writeString("WAVEfmt ")
        buffer.writeInteger(UInt32(16), endianness: .little)
        for field in [UInt16(1), 1] { buffer.writeInteger(field, endianness: .little) }
        buffer.writeInteger(UInt32(16_000), endianness: .little)
        buffer.writeInteger(UInt32(32_000), endianness: .little)
        for field in [UInt16(2), 16] { buffer.writeInteger(field, endianness: .little) }
        buffer.writeString("data")
        buffer.writeInteger(bytes, endianness: .little)
        for sample in samples { buffer.writeInteger(sample, endianness: .little) }
    }
}

/// A body of `multipart/form-data`.
struct MultipartForm {
    private let boundary: String
    private var body = ByteBuffer()

    /// The boundary must not stand in what is added; a long random one does not.
    init(boundary: String = "shopcast-" + String(UInt64.random(in: .min ... .max), radix: 36)) {
        self.boundary = boundary
    }

    var contentType: String { "multipart/form-data; boundary=\(boundary)" }

    mutating func add(_ name: String, _ value: String) {
        body.writeString(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n")
    }

    mutating func add(_ name: String, file: String, type: String, _ write: (inout ByteBuffer) -> Void) {
        body.writeString(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"\(file)\"\r\n")
        body.writeString("Content-Type: \(type)\r\n\r\n")
        write(&body)
        body.writeString("\r\n")
    }

    /// The whole of it.
    func finished() -> ByteBuffer {
        var whole = body
        whole.writeString("--\(boundary)--\r\n")
        return whole
    }
}
