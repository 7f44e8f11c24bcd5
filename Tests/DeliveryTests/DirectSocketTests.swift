import Delivery
import NIOCore
import Testing

/// Lines without TLS, whose frames go to their sockets straight: what a socket takes a part of.
struct DirectSocketTests {
    @Test func aFrameGoesOnWhereTheSocketLeftOff() async throws {
        let host = EchoHost()
        try await TestServer.run(StagedWindow(), lines: host) { running in
            let client = try await LineTests().connected(running)
            try await client.channel.setOption(.autoRead, value: false).get()
            let before = client.bytes.count
            let count = try await host.fill(60_000)
            try #require(count > 2)
            let ping = ClientFrames.frame(9, Array("there?".utf8))
            try await client.channel.writeAndFlush(ByteBuffer(bytes: ping)).get()
            try await client.startReading()
            try await client.untilBytes(before + count * 60_004 + 8)
            var frames = ByteBuffer(bytes: client.bytes.dropFirst(before))
            var numbers: [Int] = []
            var pongs = 0
            while let frame = frames.readServerFrame() {
                let content = String(buffer: frame.content)
                if frame.opcode == 10 {
                    pongs += content == "there?" ? 1 : 0
                } else {
                    let isWhole = frame.opcode == 1 && content.utf8.count == 60_000
                    numbers.append(isWhole ? Int(content.drop { $0 == "x" }) ?? -1 : -1)
                }
            }
            #expect(numbers == Array(1...count) && pongs == 1 && frames.readableBytes == 0)
        }
    }
}

extension ByteBuffer {
    /// A frame as servers write it; nil where it is not all there.
    fileprivate mutating func readServerFrame() -> (opcode: UInt8, content: ByteBuffer)? {
        guard let first = readInteger(as: UInt8.self), let short = readInteger(as: UInt8.self) else {
            return nil
        }
        let length: Int? =
            switch short {
            case 126: readInteger(as: UInt16.self).map { Int($0) }
            case 127: readInteger(as: UInt64.self).map { Int(truncatingIfNeeded: $0) }
            default: Int(short)
            }
        guard let length, let content = readSlice(length: length) else { return nil }
        return (first & 0x0F, content)
    }
}
