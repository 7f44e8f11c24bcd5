import Delivery
import HTTPTypes
import NIOCore
import NIOHPACK

/// Our encoder and somebody else's decoder, as the two ends of a connection.
struct HeaderBlocks {
    var encoder = FieldEncoder()
    var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
    private(set) var lastLength = 0

    mutating func answer(_ plan: ResponsePlan, date: String = "now") throws -> HPACKHeaders {
        var block = ByteBuffer()
        encoder.write(plan, date: date, into: &block)
        lastLength = block.readableBytes
        return try decoder.decodeHeaders(from: &block)
    }

    mutating func response(_ response: HTTPResponse) throws -> HPACKHeaders {
        var block = ByteBuffer()
        encoder.write(response, into: &block)
        return try decoder.decodeHeaders(from: &block)
    }
}
